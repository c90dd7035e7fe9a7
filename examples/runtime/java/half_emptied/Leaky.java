import java.util.HashMap;
import java.util.Map;

/** Sessions are found by id and by user, and are forgotten by id alone. */
public class Leaky {
    record Session(String id, String user) {}

    private static final Map<String, Session> BY_ID = new HashMap<>();
    private static final Map<String, Session> BY_USER = new HashMap<>();

    static void open(Session session) {
        BY_ID.put(session.id(), session);
        BY_USER.put(session.user(), session);
    }

    static void leave(Session session) {
        BY_ID.remove(session.id());
    }

    public static void serve(String id) {
        Session session = new Session(id, "user of " + id);
        open(session);
        leave(session);
    }
}
