import java.util.concurrent.atomic.AtomicInteger;

/** Each export registers its own clean-up for the end of the process. */
public class Leaky {
    private final String name;
    private final AtomicInteger written = new AtomicInteger();

    Leaky(String name) {
        this.name = name;
    }

    void export() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::finish, "export " + name));
        written.incrementAndGet();
    }

    private void finish() {
        written.set(0);
    }

    public static void serve(String name) {
        new Leaky(name).export();
    }
}
