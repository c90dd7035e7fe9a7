/** Of three meters that are started, two are stopped. */
public class Leaky {
    static class Meter {
        private volatile boolean running;
        private Thread thread;

        void start() {
            running = true;
            thread = new Thread(this::measure);
            thread.setDaemon(true);
            thread.start();
        }

        private synchronized void measure() {
            while (running) {
                try {
                    wait(50);
                } catch (InterruptedException stopped) {
                    return;
                }
            }
        }

        void stop() throws InterruptedException {
            running = false;
            thread.interrupt();
            thread.join();
        }
    }

    private final Meter memory = new Meter();
    private final Meter store = new Meter();
    private final Meter temp = new Meter();

    void start() {
        memory.start();
        store.start();
        temp.start();
    }

    void stop() throws InterruptedException {
        memory.stop();
        store.stop();
    }

    public static void serve() throws InterruptedException {
        Leaky region = new Leaky();
        region.start();
        region.stop();
    }
}
