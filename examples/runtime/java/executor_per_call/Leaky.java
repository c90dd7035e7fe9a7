import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Each export starts a pool, whose thread waits for ever. */
public class Leaky {
    private static int exported;

    public static int serve(String report) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(1);
        Future<Integer> length = pool.submit(report::length);
        exported += length.get();
        return exported;
    }
}
