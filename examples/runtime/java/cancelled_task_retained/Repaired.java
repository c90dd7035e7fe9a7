import java.util.Timer;
import java.util.TimerTask;

/** Cancelled deadlines are taken out of the timer. */
public class Repaired {
    private static final Timer TIMER = new Timer(true);

    static class Deadline extends TimerTask {
        private final String request;

        Deadline(String request) {
            this.request = request;
        }

        @Override
        public void run() {
            System.err.println("late: " + request);
        }
    }

    static Deadline start(String request) {
        Deadline deadline = new Deadline(request);
        TIMER.schedule(deadline, 3_600_000);
        return deadline;
    }

    static void stop(Deadline deadline) {
        deadline.cancel();
        TIMER.purge();
    }

    public static void serve(String request) {
        stop(start(request));
    }
}
