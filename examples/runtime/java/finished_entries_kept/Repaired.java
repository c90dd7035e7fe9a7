import java.util.ArrayList;
import java.util.List;

/** What was run is taken off the list. */
public class Repaired {
    private static final Repaired CURRENT = new Repaired();

    private final List<Runnable> completions = new ArrayList<>();
    private int written;

    void onCompletion(Runnable completion) {
        completions.add(completion);
    }

    void commit() {
        for (Runnable completion : completions) {
            completion.run();
        }
        completions.clear();
    }

    public static int serve(String row) {
        CURRENT.onCompletion(() -> CURRENT.written += row.length());
        CURRENT.commit();
        return CURRENT.written;
    }
}
