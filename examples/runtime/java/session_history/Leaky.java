import java.util.ArrayList;
import java.util.List;

/** A console keeps each line that was ever typed, for as long as it is open. */
public class Leaky {
    private final List<String> history = new ArrayList<>();
    private int errors;

    public int serve(String line) {
        history.add(line.strip());
        if (line.isEmpty()) {
            errors++;
        }
        return errors;
    }

    String last() {
        return history.get(history.size() - 1);
    }
}
