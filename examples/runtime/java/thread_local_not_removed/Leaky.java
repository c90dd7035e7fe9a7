import java.util.ArrayList;
import java.util.List;

/** The request stays on the thread of the pool after it was answered. */
public class Leaky {
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
        step("start");
        step("end");
        return CURRENT.get().user;
    }
}
