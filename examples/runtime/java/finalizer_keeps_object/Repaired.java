import java.lang.ref.Cleaner;
import java.util.Arrays;

public class Repaired {
    static class Region {
        private static final Cleaner CLEANER = Cleaner.create();
        private final byte[] bytes = new byte[256];

        Region() {
            byte[] kept = bytes;
            CLEANER.register(this, () -> Arrays.fill(kept, (byte) 0));
        }

        int size() {
            return bytes.length;
        }
    }

    public static int serve(String name) {
        return new Region().size() + name.length();
    }
}
