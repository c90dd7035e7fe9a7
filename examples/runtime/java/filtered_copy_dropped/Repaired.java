import java.util.NavigableMap;
import java.util.TreeMap;

public class Repaired {
    private static final NavigableMap<Long, String> TICKS = new TreeMap<>();
    private static long now;

    static void add(String tick) {
        TICKS.put(++now, tick);
        TICKS.headMap(now - 10, false).clear();
    }

    public static int serve(String tick) {
        add(tick);
        return (int) (long) TICKS.firstKey();
    }
}
