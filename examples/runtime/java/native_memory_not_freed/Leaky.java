import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;

/** A compressor for each message, whose 256 KB outside of the heap wait for the collector. */
public class Leaky {
    static byte[] pack(String message) {
        Deflater deflater = new Deflater();
        deflater.setInput(message.getBytes(StandardCharsets.UTF_8));
        deflater.finish();
        byte[] packed = new byte[1024];
        int length = deflater.deflate(packed);
        return java.util.Arrays.copyOf(packed, length);
    }

    public static int serve(String message) {
        return pack("{\"message\": \"" + message + "\"}").length;
    }
}
