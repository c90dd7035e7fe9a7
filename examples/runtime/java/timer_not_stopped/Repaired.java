import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Closing a session stops its heart. */
public class Repaired implements AutoCloseable {
    private static final ScheduledExecutorService CLOCK = clock();

    private final ScheduledFuture<?> beating;
    private final String user;
    private int beats;

    Repaired(String user, ScheduledExecutorService scheduler) {
        this.user = user;
        beating = scheduler.scheduleAtFixedRate(this::beat, 60, 60, TimeUnit.SECONDS);
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
        beating.cancel(false);
        beats = -1;
    }

    public static String serve(String user) {
        try (Repaired session = new Repaired(user, CLOCK)) {
            return session.user;
        }
    }
}
