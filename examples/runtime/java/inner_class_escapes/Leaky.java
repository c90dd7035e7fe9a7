import java.util.ArrayList;
import java.util.List;

/** A static list keeps inner objects, and each of them the screen that made it. */
public class Leaky {
    private static final List<Runnable> PENDING = new ArrayList<>();

    private final int[] picture = new int[64];

    void refresh() {
        PENDING.add(new Runnable() {
            @Override
            public void run() {
                picture[0]++;
            }
        });
    }

    public static void serve(int number) {
        Leaky screen = new Leaky();
        screen.picture[1] = number;
        screen.refresh();
    }
}
