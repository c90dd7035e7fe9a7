import java.util.ArrayList;
import java.util.List;

/** Each refresh subscribes with the same listener. */
public class Repaired {
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
        private final Repaired directory;

        ServiceListener(Repaired directory) {
            this.directory = directory;
        }

        @Override
        public void changed(String service) {
            directory.refreshed = service;
        }
    }

    private static final Repaired DIRECTORY = new Repaired(new NamingService());

    private final NamingService naming;
    private final EventListener listener = new ServiceListener(this);
    private String refreshed;

    Repaired(NamingService naming) {
        this.naming = naming;
    }

    void refresh(String service) {
        naming.subscribe(service, listener);
        refreshed = service;
    }

    public static void serve(String service) {
        DIRECTORY.refresh(service);
    }
}
