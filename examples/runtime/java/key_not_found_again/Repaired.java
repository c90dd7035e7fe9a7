import java.util.HashMap;
import java.util.Map;

/** Places with the same coordinates are equal: there are as many tiles as places. */
public class Repaired {
    record Place(int x, int y) {}

    private static final Map<Place, String> TILES = new HashMap<>();

    static String tile(int x, int y) {
        Place place = new Place(x, y);
        String tile = TILES.get(place);
        if (tile == null) {
            tile = "tile " + x + "/" + y;
            TILES.put(place, tile);
        }
        return tile;
    }

    public static int serve(int number) {
        return tile(number % 8, number % 4).length();
    }
}
