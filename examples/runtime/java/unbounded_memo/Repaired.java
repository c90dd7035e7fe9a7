import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The table starts anew when it is full. */
public class Repaired {
    private static final int MOST = 50;
    private static final Map<String, Pattern> COMPILED = new ConcurrentHashMap<>();

    public static boolean serve(String search) {
        return compiled(search).matcher("the quick brown fox").find();
    }

    private static Pattern compiled(String search) {
        if (COMPILED.size() >= MOST) {
            COMPILED.clear();
        }
        return COMPILED.computeIfAbsent(search, Pattern::compile);
    }
}
