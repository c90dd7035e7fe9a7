import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Each poller has a clock of its own, which is shut down with it. */
public class Repaired implements AutoCloseable {
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
    private volatile boolean closed;
    private int polls;

    void start() {
        clock.scheduleAtFixedRate(this::poll, 1, 1, TimeUnit.HOURS);
    }

    private void poll() {
        if (!closed) {
            polls++;
        }
    }

    @Override
    public void close() {
        closed = true;
        clock.shutdownNow();
    }

    public static int serve() {
        try (Repaired poller = new Repaired()) {
            poller.start();
            return poller.polls;
        }
    }
}
