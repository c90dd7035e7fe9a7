import java.util.concurrent.atomic.AtomicInteger;

/** The clean-up is taken back when the export is done. */
public class Repaired {
    private final String name;
    private final AtomicInteger written = new AtomicInteger();

    Repaired(String name) {
        this.name = name;
    }

    void export() {
        Thread hook = new Thread(this::finish, "export " + name);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            written.incrementAndGet();
        } finally {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void finish() {
        written.set(0);
    }

    public static void serve(String name) {
        new Repaired(name).export();
    }
}
