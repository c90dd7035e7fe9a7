import java.util.HashMap;
import java.util.Map;

/** Prices are kept by the text that was asked for, and nothing removes them. */
public class Leaky {
    private static final Map<String, Double> PRICES = new HashMap<>();

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
