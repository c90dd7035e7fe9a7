import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Two method references are never the same: what is removed was not added. */
public class Leaky {
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
    private String last = "";

    Leaky(QuoteBus bus) {
        this.bus = bus;
    }

    void open() {
        bus.addListener(this::quoted);
    }

    void close() {
        bus.removeListener(this::quoted);
    }

    private void quoted(String quote) {
        last = quote;
    }

    public static String serve(String quote) {
        Leaky chart = new Leaky(BUS);
        chart.open();
        chart.quoted(quote);
        chart.close();
        return chart.last;
    }
}
