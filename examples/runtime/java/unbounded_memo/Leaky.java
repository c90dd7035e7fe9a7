import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Every search text is compiled once and kept for ever. */
public class Leaky {
    private static final Map<String, Pattern> COMPILED = new ConcurrentHashMap<>();

    public static boolean serve(String search) {
        return compiled(search).matcher("the quick brown fox").find();
    }

    private static Pattern compiled(String search) {
        return COMPILED.computeIfAbsent(search, Pattern::compile);
    }
}
