import java.util.Map;
import java.util.WeakHashMap;

/** The keys are weak, and the values refer to them: no page ever leaves. */
public class Leaky {
    static class Page {
        final String title;

        Page(String title) {
            this.title = title;
        }
    }

    static class Tracker {
        private final Page page;

        Tracker(Page page) {
            this.page = page;
        }
    }

    private static final Map<Page, Tracker> TRACKERS = new WeakHashMap<>();

    static Tracker of(Page page) {
        return TRACKERS.computeIfAbsent(page, key -> new Tracker(key));
    }

    public static int serve(String title) {
        of(new Page(title));
        return TRACKERS.size();
    }
}
