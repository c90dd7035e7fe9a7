import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/** The list does not keep connections alive. */
public class Repaired {
    private static final Set<Repaired> ALL = Collections.newSetFromMap(new WeakHashMap<>());

    private final String host;

    Repaired(String host) {
        this.host = host;
        ALL.add(this);
    }

    public static String serve(String host) {
        return new Repaired(host).host;
    }
}
