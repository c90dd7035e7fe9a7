import java.util.ArrayList;
import java.util.List;

/** Panels come and go; the theme keeps the listener of each. */
public class Leaky {
    interface ThemeListener {
        void changed(String theme);
    }

    static class Theme {
        static final Theme CURRENT = new Theme();
        private final List<ThemeListener> listeners = new ArrayList<>();

        void addThemeListener(ThemeListener listener) {
            listeners.add(listener);
        }

        void removeThemeListener(ThemeListener listener) {
            listeners.remove(listener);
        }
    }

    static class Panel {
        private final ThemeListener listener = this::paint;
        private String theme = "light";

        Panel() {
            Theme.CURRENT.addThemeListener(listener);
        }

        private void paint(String name) {
            theme = name;
        }

        void dispose() {
            theme = null;
        }
    }

    public static void serve(String title) {
        Panel panel = new Panel();
        panel.paint(title);
        panel.dispose();
    }
}
