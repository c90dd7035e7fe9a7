import java.util.HashMap;
import java.util.Map;

/** Map tiles by their place: two places that are the same are not equal, and no tile is found again. */
public class Leaky {
    static final class Place {
        final int x;
        final int y;

        Place(int x, int y) {
            this.x = x;
            this.y = y;
        }
    }

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
