import java.lang.reflect.Field;
import sun.misc.Unsafe;

/** Samples are gathered in a block outside of the heap, which only an orderly end gives back. */
public class Leaky {
    private static final Unsafe MEMORY = memory();
    private static final int SIZE = 16_384;

    private static Unsafe memory() {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (Unsafe) field.get(null);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    static long sum(int first) {
        long block = MEMORY.allocateMemory(SIZE);
        for (int at = 0; at < SIZE; at += 8) {
            MEMORY.putLong(block + at, first + at);
        }
        long sum = 0;
        for (int at = 0; at < SIZE; at += 8) {
            sum += MEMORY.getLong(block + at);
        }
        return sum;
    }

    public static long serve(int first) {
        return sum(first);
    }
}
