import java.util.ArrayList;
import java.util.List;

/** The request leaves the thread when it was answered. */
public class Repaired {
    static class Request {
        final String user;
        final List<String> steps = new ArrayList<>();

        Request(String user) {
            this.user = user;
        }
    }

    private static final ThreadLocal<Request> CURRENT = new ThreadLocal<>();

    static void step(String name) {
        CURRENT.get().steps.add(name);
    }

    public static String serve(String user) {
        CURRENT.set(new Request(user));
        try {
            step("start");
            step("end");
            return CURRENT.get().user;
        } finally {
            CURRENT.remove();
        }
    }
}
