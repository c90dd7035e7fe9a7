/** A transfer is watched by a thread that waits for its end, of which nobody tells it. */
public class Leaky {
    private volatile long copied;
    private volatile boolean done;
    private volatile long reported;

    long copy(long size) {
        Thread watch = new Thread(this::report, "watch");
        watch.setDaemon(true);
        watch.start();
        copied += size;
        return copied;
    }

    private void report() {
        while (!done) {
            reported = copied;
            pause(500);
        }
    }

    private static void pause(long time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException woken) {
            return; // the flag is looked at again
        }
    }

    public static long serve(int size) {
        return new Leaky().copy(size);
    }
}
