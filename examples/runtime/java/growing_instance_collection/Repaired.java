import java.util.ArrayList;
import java.util.List;

/** The recorder keeps the last forty failures. */
public class Repaired {
    private static final Repaired INSTANCE = new Repaired();

    private final List<String> failures = new ArrayList<>();

    private Repaired() {
    }

    public static Repaired getInstance() {
        return INSTANCE;
    }

    public int serve(String message) {
        if (failures.size() == 40) {
            failures.remove(0);
        }
        failures.add(message);
        return failures.size();
    }
}
