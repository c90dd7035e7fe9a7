import java.util.ArrayDeque;
import java.util.Queue;

/** Tasks are run, and with that they go. */
public class Repaired {
    private static final Queue<Runnable> TASKS = new ArrayDeque<>();
    private static int sent;

    static void send(String body) {
        sent += body.length();
    }

    public static int serve(String text) {
        String body = text.repeat(5);
        TASKS.add(() -> send(body));
        while (TASKS.size() > 10) {
            TASKS.poll().run();
        }
        return TASKS.size();
    }
}
