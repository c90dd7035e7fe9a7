import java.util.ArrayList;
import java.util.List;

/** Each mail adds a task that holds its body, and no task is ever taken off the list. */
public class Leaky {
    private static final List<Runnable> TASKS = new ArrayList<>();

    static void send(String body) {
        System.out.println(body.length());
    }

    public static int serve(String text) {
        String body = text.repeat(5);
        TASKS.add(() -> send(body));
        return TASKS.size();
    }
}
