import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Each poller has a clock of its own, which runs on after the poller was closed. */
public class Leaky implements AutoCloseable {
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
    }

    public static int serve() {
        try (Leaky poller = new Leaky()) {
            poller.start();
            return poller.polls;
        }
    }
}
