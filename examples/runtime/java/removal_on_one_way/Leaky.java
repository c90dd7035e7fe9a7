import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A request that failed is waited for for ever. */
public class Leaky {
    static class Request {
        final int id;
        final String text;

        Request(int id, String text) {
            this.id = id;
            this.text = text;
        }
    }

    private static final Map<Integer, Request> UNANSWERED = new ConcurrentHashMap<>();
    private static int failures;

    static void send(Request request) {
        UNANSWERED.put(request.id, request);
        onAnswer(request.id, request.id % 4 == 0 ? new Exception("timeout") : null);
    }

    private static void onAnswer(int id, Exception error) {
        if (error != null) {
            failures++;
            return;
        }
        UNANSWERED.remove(id);
    }

    public static void serve(int number) {
        send(new Request(number, "request " + number));
    }
}
