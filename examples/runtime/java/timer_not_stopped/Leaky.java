import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The heart of a session beats on when the session is closed. */
public class Leaky implements AutoCloseable {
    private static final ScheduledExecutorService CLOCK = clock();

    private final String user;
    private int beats;

    Leaky(String user, ScheduledExecutorService scheduler) {
        this.user = user;
        scheduler.scheduleAtFixedRate(this::beat, 60, 60, TimeUnit.SECONDS);
    }

    private static ScheduledExecutorService clock() {
        ScheduledThreadPoolExecutor made = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "clock");
            thread.setDaemon(true);
            return thread;
        });
        made.setRemoveOnCancelPolicy(true);
        return made;
    }

    private void beat() {
        beats++;
    }

    @Override
    public void close() {
        beats = -1;
    }

    public static String serve(String user) {
        try (Leaky session = new Leaky(user, CLOCK)) {
            return session.user;
        }
    }
}
