import java.net.URL;
import java.net.URLClassLoader;

/** The class loader is asked for whenever it is needed. */
public class Repaired {
    static class Providers {
        static Class<?> find(String name) throws ClassNotFoundException {
            return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
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
