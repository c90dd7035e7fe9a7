import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A few weekdays, each with a list of all orders that ever came in. */
public class Leaky {
    private static final String[] DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    private static final Map<String, List<String>> ORDERS = new HashMap<>();

    public static int serve(int order) {
        String day = DAYS[order % DAYS.length];
        List<String> orders = ORDERS.computeIfAbsent(day, name -> new ArrayList<>());
        orders.add("order " + order);
        return orders.size();
    }
}
