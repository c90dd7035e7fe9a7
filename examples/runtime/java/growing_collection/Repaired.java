import java.util.ArrayDeque;
import java.util.Queue;

/** The trail keeps the last twenty. */
public class Repaired {
    private record Visit(String user, int number) {}

    private static final Queue<Visit> VISITS = new ArrayDeque<>();

    public static int serve(String user) {
        VISITS.add(new Visit(user, VISITS.size()));
        if (VISITS.size() > 20) {
            VISITS.poll();
        }
        return VISITS.size();
    }
}
