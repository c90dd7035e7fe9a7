package leaklint_inside;

import java.lang.Thread.State;
import java.lang.ref.Reference;
import java.lang.reflect.Method;
import java.util.Set;

/** Waits until what a collection cleared is in its queues: only then does a weak map know it. */
final class References {
  private static final int MOST = 100;
  private static final Set<String> CLEANERS = Set.of("Common-Cleaner", "Finalizer", "Java2D Disposer");
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

  /** Wait for the threads that end what was collected, for 20 ms at most. */
  static void rest() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) group = group.getParent();
    Thread[] all = new Thread[group.activeCount() + 16];
    int count = group.enumerate(all, true);
    for (int turn = 0; turn < 20; turn++) {
      boolean busy = false;
      for (int i = 0; i < count; i++) {
        State state = all[i].getState();
        busy |= CLEANERS.contains(all[i].getName()) && (state == State.RUNNABLE || state == State.BLOCKED);
      }
      if (!busy) return;
      try {
        Thread.sleep(1);
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
        return;
      }
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
