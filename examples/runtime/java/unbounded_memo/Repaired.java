import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** A table that is full forgets one of its patterns for each new one. */
public class Repaired {
    private static final int MOST = 50;
    private static final Map<String, Pattern> COMPILED = new ConcurrentHashMap<>();

    public static boolean serve(String search) {
        return compiled(search).matcher("the quick brown fox").find();
    }

    private static Pattern compiled(String search) {
        if (COMPILED.size() >= MOST) {
            COMPILED.remove(COMPILED.keySet().iterator().next());
        }
        return COMPILED.computeIfAbsent(search, Pattern::compile);
    }
}
