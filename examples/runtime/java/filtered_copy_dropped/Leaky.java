import java.util.NavigableMap;
import java.util.TreeMap;

public class Leaky {
    private static NavigableMap<Long, String> ticks = new TreeMap<>();
    private static long now;

    static void add(String tick) {
        ticks.put(++now, tick);
        ticks = ticks.tailMap(now - 10, true);
    }

    public static int serve(String tick) {
        add(tick);
        return (int) (long) ticks.firstKey();
    }
}
