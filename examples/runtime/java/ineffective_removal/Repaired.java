import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The listener that was added is removed. */
public class Repaired {
    static class QuoteBus {
        private final List<Consumer<String>> listeners = new ArrayList<>();

        void addListener(Consumer<String> listener) {
            listeners.add(listener);
        }

        void removeListener(Consumer<String> listener) {
            listeners.remove(listener);
        }
    }

    private static final QuoteBus BUS = new QuoteBus();

    private final QuoteBus bus;
    private final Consumer<String> listener = this::quoted;
    private String last = "";

    Repaired(QuoteBus bus) {
        this.bus = bus;
    }

    void open() {
        bus.addListener(listener);
    }

    void close() {
        bus.removeListener(listener);
    }

    private void quoted(String quote) {
        last = quote;
    }

    public static String serve(String quote) {
        Repaired chart = new Repaired(BUS);
        chart.open();
        chart.quoted(quote);
        chart.close();
        return chart.last;
    }
}
