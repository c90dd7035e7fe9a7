import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/** Trackers refer to their pages weakly. */
public class Repaired {
    static class Page {
        final String title;

        Page(String title) {
            this.title = title;
        }
    }

    static class Tracker {
        private final WeakReference<Page> page;

        Tracker(Page page) {
            this.page = new WeakReference<>(page);
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
