import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A connection packs and unpacks; when it is closed, both end. */
public class Repaired implements AutoCloseable {
    private final Deflater deflater = new Deflater();
    private final Inflater inflater = new Inflater();

    byte[] pack(String message) {
        deflater.reset();
        deflater.setInput(message.getBytes(StandardCharsets.UTF_8));
        deflater.finish();
        byte[] packed = new byte[1024];
        return java.util.Arrays.copyOf(packed, deflater.deflate(packed));
    }

    String unpack(byte[] packed) throws DataFormatException {
        inflater.reset();
        inflater.setInput(packed);
        byte[] plain = new byte[1024];
        return new String(plain, 0, inflater.inflate(plain), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        deflater.end();
        inflater.end();
    }

    public static String serve(String message) throws DataFormatException {
        try (Repaired connection = new Repaired()) {
            return connection.unpack(connection.pack(message));
        }
    }
}
