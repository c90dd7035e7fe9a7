import java.util.ArrayDeque;
import java.util.Queue;

/** What is pending is done, and leaves the queue. */
public class Repaired {
    private static final Queue<Runnable> PENDING = new ArrayDeque<>();

    private final int[] picture = new int[64];

    void refresh() {
        PENDING.add(new Runnable() {
            @Override
            public void run() {
                picture[0]++;
            }
        });
    }

    static void drain() {
        while (!PENDING.isEmpty()) {
            PENDING.poll().run();
        }
    }

    public static void serve(int number) {
        Repaired screen = new Repaired();
        screen.picture[1] = number;
        screen.refresh();
        drain();
    }
}
