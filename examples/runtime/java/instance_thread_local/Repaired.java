/** The workspace is taken off the thread. */
public class Repaired {
    static class Workspace {
        final Repaired encoder;
        final byte[] buffer = new byte[256];

        Workspace(Repaired encoder) {
            this.encoder = encoder;
        }
    }

    private final ThreadLocal<Workspace> workspace = ThreadLocal.withInitial(() -> new Workspace(this));

    int encode(String text) {
        byte[] buffer = workspace.get().buffer;
        try {
            buffer[0] = (byte) text.length();
            return buffer[0];
        } finally {
            workspace.remove();
        }
    }

    public static int serve(String text) {
        return new Repaired().encode(text);
    }
}
