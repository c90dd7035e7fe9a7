/** Each encoder leaves a workspace on the thread, which refers to the encoder: neither ever goes. */
public class Leaky {
    static class Workspace {
        final Leaky encoder;
        final byte[] buffer = new byte[256];

        Workspace(Leaky encoder) {
            this.encoder = encoder;
        }
    }

    private final ThreadLocal<Workspace> workspace = ThreadLocal.withInitial(() -> new Workspace(this));

    int encode(String text) {
        byte[] buffer = workspace.get().buffer;
        buffer[0] = (byte) text.length();
        return buffer[0];
    }

    public static int serve(String text) {
        return new Leaky().encode(text);
    }
}
