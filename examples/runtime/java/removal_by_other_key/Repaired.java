import java.io.File;
import java.util.HashMap;
import java.util.Map;

/** Uploads are removed under the path that they were entered under. */
public class Repaired {
    private static final Map<String, Long> RUNNING = new HashMap<>();

    static void begin(File file) {
        RUNNING.put(file.getAbsolutePath(), System.nanoTime());
    }

    static void end(File file) {
        RUNNING.remove(file.getAbsolutePath());
    }

    public static int serve(File file) {
        begin(file);
        end(file);
        return RUNNING.size();
    }
}
