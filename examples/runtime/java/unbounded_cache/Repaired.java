import java.util.LinkedHashMap;
import java.util.Map;

/** The same, with room for the 64 prices that were asked for last. */
public class Repaired {
    private static final Map<String, Double> PRICES = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Double> eldest) {
            return size() > 64;
        }
    };

    public static double serve(String product) {
        Double known = PRICES.get(product);
        if (known == null) {
            known = price(product);
            PRICES.put(product, known);
        }
        return known;
    }

    private static double price(String product) {
        return product.length() * 1.19;
    }
}
