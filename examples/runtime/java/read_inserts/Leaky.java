import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Grants by subject: whoever asks for a subject that has none leaves an empty list behind. */
public class Leaky {
    private static final Map<String, List<String>> GRANTS = new ConcurrentHashMap<>();

    static List<String> grants(String subject) {
        return GRANTS.computeIfAbsent(subject, name -> new CopyOnWriteArrayList<>());
    }

    static void grant(String subject, String action) {
        grants(subject).add(action);
    }

    static void forget(String subject) {
        GRANTS.remove(subject);
    }

    static boolean isAllowed(String subject, String action) {
        return grants(subject).contains(action);
    }

    public static void serve(String subject) {
        isAllowed(subject, "read");
    }
}
