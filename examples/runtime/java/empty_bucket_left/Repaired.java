import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The last one to leave takes the room away. */
public class Repaired {
    private static final Map<String, Set<String>> MEMBERS = new HashMap<>();

    static void join(String room, String user) {
        MEMBERS.computeIfAbsent(room, name -> new HashSet<>()).add(user);
    }

    static void leave(String room, String user) {
        MEMBERS.computeIfPresent(room, (name, users) -> users.remove(user) && users.isEmpty() ? null : users);
    }

    public static int serve(String room) {
        join(room, "ann");
        leave(room, "ann");
        return MEMBERS.size();
    }
}
