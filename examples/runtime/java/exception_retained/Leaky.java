/** One exception is thrown again and again, and gathers what is suppressed on its way. */
public class Leaky {
    private static final IllegalArgumentException TOO_SHORT = new IllegalArgumentException("too short");

    static int parse(String text) {
        if (text.length() < 20) {
            throw TOO_SHORT;
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
