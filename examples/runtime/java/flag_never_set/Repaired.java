/** When the transfer ends, so does the thread that watches it. */
public class Repaired {
    private volatile long copied;
    private volatile boolean done;
    private volatile long reported;

    long copy(long size) throws InterruptedException {
        Thread watch = new Thread(this::report, "watch");
        watch.setDaemon(true);
        watch.start();
        copied += size;
        done = true;
        watch.interrupt();
        watch.join();
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

    public static long serve(int size) throws InterruptedException {
        return new Repaired().copy(size);
    }
}
