import java.util.Timer;
import java.util.TimerTask;

/** Each poll has a timer with a thread of its own. */
public class Leaky {
    private static volatile int ticks;

    public static int serve(String name) {
        Timer timer = new Timer(name, true);
        timer.schedule(tick(), 60_000, 60_000);
        return ticks;
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
