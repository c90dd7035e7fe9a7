import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** All exports share one pool. */
public class Repaired {
    private static int exported;
    private static final ExecutorService POOL = Executors.newFixedThreadPool(1, work -> {
        Thread thread = new Thread(work, "export");
        thread.setDaemon(true);
        return thread;
    });

    public static int serve(String report) throws Exception {
        Future<Integer> length = POOL.submit(report::length);
        exported += length.get();
        return exported;
    }
}
