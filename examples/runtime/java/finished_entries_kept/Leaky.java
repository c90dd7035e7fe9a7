import java.util.ArrayList;
import java.util.List;

/** What is to happen on commit is run, and stays to be run again. */
public class Leaky {
    private static final Leaky CURRENT = new Leaky();

    private final List<Runnable> completions = new ArrayList<>();
    private int written;

    void onCompletion(Runnable completion) {
        completions.add(completion);
    }

    void commit() {
        for (Runnable completion : completions) {
            completion.run();
        }
    }

    public static int serve(String row) {
        CURRENT.onCompletion(() -> CURRENT.written += row.length());
        CURRENT.commit();
        return CURRENT.written;
    }
}
