import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.WeakHashMap;

/** A class that nobody uses any more leaves the table. */
public class Repaired {
    private static class PluginLoader extends ClassLoader {
        Class<?> load(String name) throws IOException {
            try (InputStream code = Repaired.class.getResourceAsStream(name + ".class")) {
                byte[] bytes = code.readAllBytes();
                return defineClass(null, bytes, 0, bytes.length);
            }
        }
    }

    private static final Map<Class<?>, String> TITLES = new WeakHashMap<>();

    static String title(Class<?> type, ClassLoader loader) {
        String title = TITLES.get(type);
        if (title == null) {
            title = type.getSimpleName();
            TITLES.put(type, title);
        }
        return title;
    }

    public static String serve() throws IOException {
        PluginLoader loader = new PluginLoader();
        return title(loader.load("Plugin"), loader);
    }
}

class Plugin {
}
