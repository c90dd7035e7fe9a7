import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Rooms that everybody has left stay in the table. */
public class Leaky {
    private static final Map<String, Set<String>> MEMBERS = new HashMap<>();

    static void join(String room, String user) {
        MEMBERS.computeIfAbsent(room, name -> new HashSet<>()).add(user);
    }

    static void leave(String room, String user) {
        MEMBERS.get(room).remove(user);
    }

    public static int serve(String room) {
        join(room, "ann");
        leave(room, "ann");
        return MEMBERS.size();
    }
}
