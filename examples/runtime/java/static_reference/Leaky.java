import java.net.URL;
import java.net.URLClassLoader;

/** A library remembers the class loader of whichever application called it first. */
public class Leaky {
    static class Providers {
        private static ClassLoader loader;

        static Class<?> find(String name) throws ClassNotFoundException {
            if (loader == null) {
                loader = Thread.currentThread().getContextClassLoader();
            }
            return Class.forName(name, true, loader);
        }
    }

    /** An application is started, asks for a provider, and is stopped. */
    public static String serve(int number) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader application = new URLClassLoader("application " + number, new URL[0], before)) {
            thread.setContextClassLoader(application);
            return Providers.find("java.util.ArrayList").getName();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
