/** Each failure is an exception of its own. */
public class Repaired {
    private static final class TooShort extends IllegalArgumentException {
        TooShort() {
            super("too short");
        }
    }

    static int parse(String text) {
        if (text.length() < 20) {
            throw new TooShort();
        }
        return text.length();
    }

    static class Source implements AutoCloseable {
        private final String name;

        Source(String name) {
            this.name = name;
        }

        @Override
        public void close() {
            throw new IllegalStateException("cannot close " + name);
        }
    }

    public static int serve(String text) {
        try (Source source = new Source(text)) {
            return parse(source.name);
        } catch (IllegalArgumentException error) {
            return -1;
        }
    }
}
