import java.io.File;
import java.util.HashMap;
import java.util.Map;

/** Uploads are entered under a path and removed under a file: nothing is ever found. */
public class Leaky {
    private static final Map<String, Long> RUNNING = new HashMap<>();

    static void begin(File file) {
        RUNNING.put(file.getAbsolutePath(), System.nanoTime());
    }

    static void end(File file) {
        RUNNING.remove(file);
    }

    public static int serve(File file) {
        begin(file);
        end(file);
        return RUNNING.size();
    }
}
