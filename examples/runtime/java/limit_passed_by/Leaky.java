import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

public class Leaky {
    static class TileCache {
        private final Map<String, byte[]> tiles = new HashMap<>();
        private final Deque<String> order = new ArrayDeque<>();

        synchronized void put(String id, byte[] tile) {
            if (tiles.put(id, tile) == null) {
                order.addLast(id);
            }
            while (order.size() > 20) {
                tiles.remove(order.removeFirst());
            }
        }

        synchronized void prefetch(String id) {
            tiles.putIfAbsent(id, new byte[64]);
        }

        synchronized int size() {
            return tiles.size();
        }
    }

    private static final TileCache CACHE = new TileCache();

    public static int serve(String id) {
        CACHE.prefetch(id);
        return CACHE.size();
    }
}
