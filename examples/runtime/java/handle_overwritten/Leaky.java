import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A new period starts a new timer, and nobody stops the one before. */
public class Leaky {
    private static final Leaky POLLER = new Leaky();

    private ScheduledExecutorService timer;
    private int polls;

    void updatePeriod(long seconds) {
        timer = Executors.newSingleThreadScheduledExecutor();
        timer.schedule(this::poll, 3600 + seconds, TimeUnit.SECONDS);
    }

    private void poll() {
        polls++;
    }

    void close() {
        timer.shutdownNow();
    }

    public static int serve(int seconds) {
        POLLER.updatePeriod(seconds);
        return POLLER.polls;
    }
}
