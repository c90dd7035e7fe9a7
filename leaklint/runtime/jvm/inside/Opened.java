package leaklint_inside;

import java.io.File;
import java.io.FileDescriptor;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Files, sockets and compressors that nobody closes. The JDK puts each into the list of its cleaner,
 * close() and end() take it out: what is still there when the collector clears it was left to the
 * collector. Directory streams and channels are in no list, and take a descriptor for ever.
 */
final class Opened {
  private static final String[] PACKAGES = {"java.io.", "java.util.zip.", "java.net.", "sun.nio.ch."};
  private static final File DESCRIPTORS = new File("/dev/fd");
  private final Map<Class<?>, Boolean> counted = new HashMap<>();
  private final List<Birth> births = new ArrayList<>();
  private Reference<?>[] before = {};
  private Object list;
  private Field next;
  private Field action;
  private long collected;

  Opened() {
    try {
      Object cleaner = Class.forName("jdk.internal.ref.CleanerFactory").getMethod("cleaner").invoke(null);
      Object inner = Holder.get(Holder.declared(cleaner.getClass(), "impl"), cleaner);
      Field head = Holder.declared(inner.getClass(), "phantomCleanableList");
      if (head == null) head = Holder.declared(inner.getClass(), "activeList");
      list = Holder.get(head, inner);
      next = Holder.declared(list.getClass(), "next");
      Class<?> plain = Class.forName("jdk.internal.ref.CleanerImpl$PhantomCleanableRef");
      action = Holder.declared(plain, "action");
    } catch (ReflectiveOperationException | RuntimeException other) {
      list = null; // another JDK: what it does not tell is not counted
    }
  }

  /** Remember what is open. Directly before a collection: what is closed in between would count. */
  void mark() {
    adopt();
    for (Birth birth : births) birth.mark();
    before = list == null ? new Reference<?>[0] : registered();
  }

  /** Count what was cleared of that, once the threads are done that end what was collected. */
  void count() {
    References.rest();
    for (Reference<?> row : before) if (row.refersTo(null)) collected++;
    for (Birth birth : births) birth.collected();
    before = new Reference<?>[0];
  }

  /** Left to the collector so far; null where that cannot be told. */
  Long left() {
    return list == null ? null : Long.valueOf(collected);
  }

  /** Open descriptors of the process; null where the system does not list them. */
  static Long descriptors() {
    String[] found = DESCRIPTORS.list();
    return found == null ? null : Long.valueOf(found.length);
  }

  /** Take over, weakly, what was made while births were counted. */
  private void adopt() {
    if (Handed.made == null) return;
    births.clear();
    for (Object thing : Handed.made) if (thing != null) births.add(new Birth(thing));
    Handed.made = null;
  }

  /** Numbers of those that were open until they were collected: a JSON list. */
  String unclosed() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < births.size(); i++) {
      if (births.get(i).left) text.append(text.length() > 1 ? "," : "").append(i);
    }
    return text.append("]").toString();
  }

  private static final class Birth {
    private final WeakReference<Object> thing;
    private boolean before;
    private boolean left;

    Birth(Object thing) {
      this.thing = new WeakReference<>(thing);
    }

    boolean isOpen() {
      Object at = thing.get();
      return at != null && Opened.isOpen(at);
    }

    void mark() {
      before = isOpen();
    }

    void collected() {
      left |= before && !isOpen();
    }
  }

  private static boolean isOpen(Object thing) {
    if (thing instanceof FileDescriptor descriptor) return descriptor.valid();
    for (String name : new String[] {"isClosed", "closeRequested"}) { // a directory stream, a ZipFile
      Field closed = Holder.declared(thing.getClass(), name);
      if (closed != null) return Boolean.FALSE.equals(Holder.get(closed, thing));
    }
    Field stream = Holder.declared(thing.getClass(), "zsRef"); // a compressor
    Object inner = stream == null ? null : Holder.get(stream, thing);
    Field address = inner == null ? null : Holder.declared(inner.getClass(), "address");
    return address != null && !Long.valueOf(0).equals(Holder.get(address, inner));
  }

  private Reference<?>[] registered() {
    List<Reference<?>> found = new ArrayList<>();
    try {
      synchronized (list) {
        if (next != null) chained(found);
        else arrays(found);
      }
    } catch (ReflectiveOperationException | RuntimeException other) {
      list = null;
    }
    return found.toArray(new Reference<?>[0]);
  }

  /** JDK 9 to 23: a ring of references. */
  private void chained(List<Reference<?>> found) throws ReflectiveOperationException {
    for (Object at = Holder.get(next, list); at != null && at != list; at = Holder.get(next, at)) {
      add(found, at);
    }
  }

  /** JDK 24 and newer: a chain of arrays. */
  private void arrays(List<Reference<?>> found) throws ReflectiveOperationException {
    Object node = Holder.get(Holder.declared(list.getClass(), "head"), list);
    while (node != null) {
      Object rows = Holder.get(Holder.declared(node.getClass(), "arr"), node);
      int size = (Integer) Holder.get(Holder.declared(node.getClass(), "size"), node);
      for (int i = 0; i < size; i++) add(found, Array.get(rows, i));
      node = Holder.get(Holder.declared(node.getClass(), "next"), node);
    }
  }

  private void add(List<Reference<?>> found, Object at) {
    if (!(at instanceof Reference<?> row) || row.refersTo(null)) return;
    Object task = action != null && action.getDeclaringClass().isInstance(at) ? Holder.get(action, at) : at;
    if (task != null && counted.computeIfAbsent(task.getClass(), Opened::closes)) found.add(row);
  }

  /** Whether programs close what a task cleans up: not so with call sites and memory segments. */
  private static boolean closes(Class<?> task) {
    for (String name : PACKAGES) if (task.getName().startsWith(name)) return true;
    return false;
  }
}
