import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Samples a rate each second, and keeps every sample in a static list. */
public class RateSampler {
    private static final List<Sample> SAMPLES = new ArrayList<>();

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    public void start() {
        clock.scheduleAtFixedRate(this::sample, 0, 1, TimeUnit.SECONDS);
    }

    void sample() {
        SAMPLES.add(new Sample(System.nanoTime(), Math.random()));
    }

    public void stop() {
        clock.shutdownNow();
    }

    record Sample(long at, double rate) {}
}
