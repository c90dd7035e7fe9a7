package leaklint_inside;

import java.lang.ref.Reference;
import java.lang.reflect.Method;

/** Waits until what a collection cleared is in its queues: only then does a weak map know it. */
final class References {
  private static final int MOST = 100;
  private static final Method WAIT = find();

  private References() {}

  private static Method find() {
    try {
      Method found = Reference.class.getDeclaredMethod("waitForReferenceProcessing");
      return found.trySetAccessible() ? found : null;
    } catch (NoSuchMethodException error) {
      return null;
    }
  }

  static void drain() {
    try {
      for (int turn = 0; turn < MOST && WAIT != null; turn++) {
        if (!(boolean) WAIT.invoke(null)) return;
      }
    } catch (ReflectiveOperationException error) {
      return;
    }
  }
}
