import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Taking a rule away tells everybody, and leaves the rule in the table. */
public class Leaky {
    record Rule(String id) {}

    private static final Leaky INSTANCE = new Leaky(List.of(rule -> { }));

    private final Map<String, Rule> rules = new HashMap<>();
    private final List<Consumer<Rule>> listeners;

    private Leaky(List<Consumer<Rule>> listeners) {
        this.listeners = listeners;
    }

    void addRule(Rule rule) {
        rules.put(rule.id(), rule);
        listeners.forEach(listener -> listener.accept(rule));
    }

    void removeRule(Rule rule) {
        listeners.forEach(listener -> listener.accept(rule));
    }

    public static void serve(String id) {
        Rule rule = new Rule(id);
        INSTANCE.addRule(rule);
        INSTANCE.removeRule(rule);
    }
}
