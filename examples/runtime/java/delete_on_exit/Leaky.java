import java.io.File;
import java.io.IOException;
import java.nio.file.Files;

/** The name of every temporary file is kept until the process ends, although the file is gone. */
public class Leaky {
    public static long serve(String name) throws IOException {
        File file = File.createTempFile("upload", ".part");
        file.deleteOnExit();
        Files.writeString(file.toPath(), name);
        long size = file.length();
        Files.delete(file.toPath());
        return size;
    }
}
