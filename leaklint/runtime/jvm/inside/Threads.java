package leaklint_inside;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** The threads of the program, and what they remember. Its own thread counts: it makes the calls. */
final class Threads {
  private static Method entryOf;
  private static Field value;

  private Threads() {}

  /** Living threads of the program's group and those below it; system threads are elsewhere. */
  static Thread[] all() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    Thread[] found = new Thread[group.activeCount() + 16];
    int count = group.enumerate(found, true);
    return java.util.Arrays.copyOf(found, count);
  }

  /** How many threads were made so far, with one for each time that this is asked. */
  @SuppressWarnings("deprecation") // its new name is of Java 19
  static long made() {
    return new Thread().getId();
  }

  /** The living threads that have a value of their own. */
  static List<Thread> having(ThreadLocal<?> local) throws ReflectiveOperationException {
    List<Thread> found = new ArrayList<>();
    boolean inherited = local instanceof InheritableThreadLocal;
    Field maps = Thread.class.getDeclaredField(inherited ? "inheritableThreadLocals" : "threadLocals");
    for (Thread thread : all()) {
      Object map = Holder.get(maps, thread);
      if (map == null) continue;
      if (entryOf == null) {
        entryOf = map.getClass().getDeclaredMethod("getEntry", ThreadLocal.class);
        entryOf.setAccessible(true);
      }
      Object entry = entryOf.invoke(map, local);
      if (entry == null) continue;
      if (value == null) value = entry.getClass().getDeclaredField("value");
      if (Holder.get(value, entry) != null) found.add(thread);
    }
    return found;
  }

  /** Wait until no other thread of the program runs, for 10 ms at most: some never rest. */
  static void rest() throws InterruptedException {
    for (int turn = 0; turn < 10; turn++) {
      boolean busy = false;
      for (Thread thread : all()) {
        busy |= thread != Thread.currentThread() && thread.getState() == Thread.State.RUNNABLE;
      }
      if (!busy) return;
      Thread.sleep(1);
    }
  }
}
