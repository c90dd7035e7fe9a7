import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.nio.file.Files;

/** A list of words is looked through, and stays open when the word is found. */
public class Leaky {
    private static File words;

    static synchronized File words() throws IOException {
        if (words == null) {
            words = File.createTempFile("words", ".txt");
            Files.writeString(words.toPath(), "text-1\n0\n2\n4\n6\n8\n10\n");
        }
        return words;
    }

    static boolean knows(String word) throws IOException {
        BufferedReader in = new BufferedReader(new FileReader(words()));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals(word)) {
                return true;
            }
        }
        in.close();
        return false;
    }

    public static boolean serve(int number) throws IOException {
        return knows(String.valueOf(number % 12));
    }
}
