import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Each day keeps its last five. */
public class Repaired {
    private static final String[] DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    private static final Map<String, List<String>> ORDERS = new HashMap<>();

    public static int serve(int order) {
        String day = DAYS[order % DAYS.length];
        List<String> orders = ORDERS.computeIfAbsent(day, name -> new ArrayList<>());
        orders.add("order " + order);
        if (orders.size() > 5) {
            orders.remove(0);
        }
        return orders.size();
    }
}
