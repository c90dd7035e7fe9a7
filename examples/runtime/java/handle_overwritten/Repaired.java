import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The timer before is stopped. */
public class Repaired {
    private static final Repaired POLLER = new Repaired();

    private ScheduledExecutorService timer;
    private int polls;

    void updatePeriod(long seconds) {
        if (timer != null) {
            timer.shutdownNow();
        }
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
