import java.util.ArrayList;
import java.util.List;

/** Each connection enters itself in a list, and none ever leaves it. */
public class Leaky {
    private static final List<Leaky> ALL = new ArrayList<>();

    private final String host;

    Leaky(String host) {
        this.host = host;
        ALL.add(this);
    }

    public static String serve(String host) {
        return new Leaky(host).host;
    }
}
