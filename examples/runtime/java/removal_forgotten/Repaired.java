import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Taking a rule away takes it out of the table. */
public class Repaired {
    record Rule(String id) {}

    private static final Repaired INSTANCE = new Repaired(List.of(rule -> { }));

    private final Map<String, Rule> rules = new HashMap<>();
    private final List<Consumer<Rule>> listeners;

    private Repaired(List<Consumer<Rule>> listeners) {
        this.listeners = listeners;
    }

    void addRule(Rule rule) {
        rules.put(rule.id(), rule);
        listeners.forEach(listener -> listener.accept(rule));
    }

    void removeRule(Rule rule) {
        rules.remove(rule.id());
        listeners.forEach(listener -> listener.accept(rule));
    }

    public static void serve(String id) {
        Rule rule = new Rule(id);
        INSTANCE.addRule(rule);
        INSTANCE.removeRule(rule);
    }
}
