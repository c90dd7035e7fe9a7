import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The stream of files is closed, and with it the folder. */
public class Repaired {
    private static final Path UPLOADS = Path.of(System.getProperty("java.io.tmpdir"));

    static long waiting(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(UPLOADS)) {
            return files.filter(file -> file.toString().endsWith(suffix)).count();
        }
    }

    public static long serve(String name) throws IOException {
        return waiting("." + name);
    }
}
