import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Models are known weakly: their entries stay when they are gone. */
public class Leaky {
    private static final Map<String, WeakReference<byte[]>> KNOWN = new ConcurrentHashMap<>();

    static byte[] find(String id) {
        WeakReference<byte[]> reference = KNOWN.get(id);
        byte[] model = reference == null ? null : reference.get();
        if (model == null) {
            model = new byte[1024];
            KNOWN.put(id, new WeakReference<>(model));
        }
        return model;
    }

    public static int serve(String id) {
        return find(id).length;
    }
}
