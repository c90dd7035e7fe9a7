import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;

/** The compressor is ended where its work is done. */
public class Repaired {
    static byte[] pack(String message) {
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(message.getBytes(StandardCharsets.UTF_8));
            deflater.finish();
            byte[] packed = new byte[1024];
            int length = deflater.deflate(packed);
            return java.util.Arrays.copyOf(packed, length);
        } finally {
            deflater.end();
        }
    }

    public static int serve(String message) {
        return pack("{\"message\": \"" + message + "\"}").length;
    }
}
