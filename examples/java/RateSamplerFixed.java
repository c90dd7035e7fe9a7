import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Samples a rate each second, and keeps those of the last minute. */
public class RateSamplerFixed {
    private static final Deque<Sample> SAMPLES = new ArrayDeque<>();

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    public void start() {
        clock.scheduleAtFixedRate(this::sample, 0, 1, TimeUnit.SECONDS);
    }

    void sample() {
        SAMPLES.add(new Sample(System.nanoTime(), Math.random()));
        if (SAMPLES.size() > 60) {
            SAMPLES.removeFirst();
        }
    }

    public void stop() {
        clock.shutdownNow();
    }

    record Sample(long at, double rate) {}
}
