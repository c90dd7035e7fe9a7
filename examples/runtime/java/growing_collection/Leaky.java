import java.util.ArrayList;
import java.util.List;

/** An audit trail in memory, which nobody ever writes out. */
public class Leaky {
    private record Visit(String user, int number) {}

    private static final List<Visit> VISITS = new ArrayList<>();

    public static int serve(String user) {
        VISITS.add(new Visit(user, VISITS.size()));
        return VISITS.size();
    }
}
