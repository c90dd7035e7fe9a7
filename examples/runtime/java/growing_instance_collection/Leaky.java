import java.util.ArrayList;
import java.util.List;

/** A recorder of which there is one, for as long as the process lives. */
public class Leaky {
    private static final Leaky INSTANCE = new Leaky();

    private final List<String> failures = new ArrayList<>();

    private Leaky() {
    }

    public static Leaky getInstance() {
        return INSTANCE;
    }

    public int serve(String message) {
        failures.add(message);
        return failures.size();
    }
}
