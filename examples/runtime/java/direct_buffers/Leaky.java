import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** A pool that is given buffers and never asked for one. */
public class Leaky {
    private static final Deque<ByteBuffer> POOL = new ArrayDeque<>();

    static ByteBuffer take() {
        return ByteBuffer.allocateDirect(256);
    }

    static void giveBack(ByteBuffer buffer) {
        POOL.push(buffer.clear());
    }

    public static int serve(String message) {
        ByteBuffer buffer = take();
        buffer.put(message.getBytes());
        int length = buffer.position();
        giveBack(buffer);
        return length;
    }
}
