import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** The size of a picture is read from its head, and its file stays open. */
public class Leaky {
    private static File picture;

    static synchronized File picture() throws IOException {
        if (picture == null) {
            picture = File.createTempFile("picture", ".png");
            ImageIO.write(new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB), "png", picture);
        }
        return picture;
    }

    static int width(File file) throws IOException {
        ImageInputStream in = ImageIO.createImageInputStream(file);
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        ImageReader reader = readers.next();
        try {
            reader.setInput(in);
            return reader.getWidth(0);
        } finally {
            reader.dispose();
        }
    }

    public static int serve() throws IOException {
        return width(picture());
    }
}
