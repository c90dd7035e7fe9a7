import java.util.Timer;
import java.util.TimerTask;

/** The timer ends with the poll. */
public class Repaired {
    private static volatile int ticks;

    public static int serve(String name) {
        Timer timer = new Timer(name, true);
        try {
            timer.schedule(tick(), 60_000, 60_000);
            return ticks;
        } finally {
            timer.cancel();
        }
    }

    private static TimerTask tick() {
        return new TimerTask() {
            @Override
            public void run() {
                ticks++;
            }
        };
    }
}
