import java.util.ArrayList;
import java.util.List;

/** Each refresh subscribes with a listener of its own. */
public class Leaky {
    interface EventListener {
        void changed(String service);
    }

    static class NamingService {
        private final List<EventListener> listeners = new ArrayList<>();

        void subscribe(String service, EventListener listener) {
            if (!listeners.contains(listener)) {
                listeners.add(listener);
            }
        }
    }

    static class ServiceListener implements EventListener {
        private final Leaky directory;

        ServiceListener(Leaky directory) {
            this.directory = directory;
        }

        @Override
        public void changed(String service) {
            directory.refreshed = service;
        }
    }

    private static final Leaky DIRECTORY = new Leaky(new NamingService());

    private final NamingService naming;
    private String refreshed;

    Leaky(NamingService naming) {
        this.naming = naming;
    }

    void refresh(String service) {
        EventListener listener = new ServiceListener(this);
        naming.subscribe(service, listener);
        refreshed = service;
    }

    public static void serve(String service) {
        DIRECTORY.refresh(service);
    }
}
