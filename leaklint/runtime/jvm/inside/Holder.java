package leaklint_inside;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.WeakHashMap;

/** One watched holder: where it is, and what is in it now. */
final class Holder {
  private static final int MOST_OWNERS = 20_000;
  final String kind;
  final String name;
  private final String owner;
  private final String how;
  private final String event;
  private final String[] steps;
  private List<WeakReference<Object>> owners = new ArrayList<>();
  private Map<Thread, Boolean> others;
  private boolean seen;
  private Field field;

  Holder(Properties plan, int number) {
    String at = number + ".";
    kind = plan.getProperty(at + "kind", "");
    name = plan.getProperty(at + "name", "");
    owner = plan.getProperty(at + "owner", "");
    how = plan.getProperty(at + "how", "");
    event = plan.getProperty(at + "event", "");
    String path = plan.getProperty(at + "steps", "");
    steps = path.isEmpty() ? new String[0] : path.split(",");
  }

  /** Take over what the debugger found: all living owners. */
  void adopt(Object[] found) {
    List<WeakReference<Object>> next = new ArrayList<>();
    for (Object item : found) {
      if (item != null && next.size() < MOST_OWNERS) next.add(new WeakReference<>(item));
    }
    seen |= !next.isEmpty();
    owners = next;
  }

  /** Take over a receiver that was seen at the site. */
  void meet(Object target) {
    if (target == null) return;
    seen = true;
    for (WeakReference<Object> known : owners) if (known.refersTo(target)) return;
    owners.add(new WeakReference<>(target));
  }

  int alive() {
    owners.removeIf(reference -> reference.refersTo(null));
    return owners.size();
  }

  /** Deep length and length, or nothing where it cannot be read. ready: its class is initialised. */
  long[] read(boolean ready) {
    for (int attempt = 0; attempt < 3; attempt++) {
      try {
        return measured(ready);
      } catch (RuntimeException | ReflectiveOperationException | LinkageError changing) {
        Thread.yield(); // another thread changes it
      }
    }
    return null;
  }

  private long[] measured(boolean ready) throws ReflectiveOperationException {
    switch (kind) {
      case "registry":
        return same(Registries.size(name));
      case "listener":
        return same(total(target -> Registries.listeners(target, how, event)));
      case "timer":
        return same(total(Registries::tasks));
      case "exception":
        return ready ? same(suppressed()) : null;
      case "reference":
        return ready ? same(foreign()) : null;
      case "thread-local":
        boolean first = others == null;
        if (first) others = new WeakHashMap<>();
        return ready ? same(remembered(first)) : null;
      default:
        if (!ready) return null;
    }
    long[] sum = new long[2];
    List<Object> roots = roots();
    if (roots.isEmpty()) return seen ? sum : null;
    for (Object root : roots) {
      sum[0] += Lengths.deep(root);
      sum[1] += Lengths.shallow(root);
    }
    seen = true;
    return sum;
  }

  private static long[] same(Long length) {
    return length == null ? null : new long[] {length, length};
  }

  private interface Measure {
    Long of(Object target) throws ReflectiveOperationException;
  }

  private Long total(Measure measure) throws ReflectiveOperationException {
    long sum = 0;
    for (Object target : living()) {
      Long found = measure.of(target);
      if (found == null) return null;
      sum += found;
    }
    return seen ? Long.valueOf(sum) : null;
  }

  /** 1 if any thread still has a value, 0 if none has. Those that had one before any call do not count. */
  private Long remembered(boolean first) throws ReflectiveOperationException {
    List<Object> locals = roots();
    if (locals.isEmpty()) return seen ? 0L : null;
    for (Object local : locals) {
      if (!(local instanceof ThreadLocal<?> found)) continue;
      for (Thread thread : Threads.having(found)) {
        if (first && thread != Thread.currentThread()) others.put(thread, true);
        if (!others.containsKey(thread)) return 1L;
      }
    }
    return 0L;
  }

  /** Exceptions that one which is thrown again and again has gathered. */
  private Long suppressed() throws ReflectiveOperationException {
    List<Object> found = roots();
    return found.isEmpty() || !(found.get(0) instanceof Throwable kept) ? null : (long) kept.getSuppressed().length;
  }

  /**
   * 1 for a class loader that neither the program nor its thread runs under now, 0 where there is none;
   * null for what may live as long as the field.
   */
  private Long foreign() throws ReflectiveOperationException {
    List<Object> found = roots();
    if (found.isEmpty()) return 0L;
    if (!(found.get(0) instanceof ClassLoader held) || field == null) return null;
    ClassLoader[] own = {field.getDeclaringClass().getClassLoader(), Thread.currentThread().getContextClassLoader()};
    for (ClassLoader at : own) {
      for (; at != null; at = at.getParent()) if (at == held) return null;
    }
    return 1L;
  }

  /** The holders themselves: one of a static field, one for each living owner of an instance field. */
  List<Object> roots() throws ReflectiveOperationException {
    List<Object> found = new ArrayList<>();
    if (field == null) field = find();
    if (field == null) return found;
    if (Modifier.isStatic(field.getModifiers())) {
      add(found, get(field, null));
    } else {
      for (Object item : living()) add(found, get(field, item));
    }
    return found;
  }

  /** Whether it is read from the receivers that were seen at the site. */
  private boolean targeted() {
    return kind.equals("listener") || kind.equals("timer");
  }

  boolean ownedByInstances() {
    return kind.equals("field") || (field != null && !Modifier.isStatic(field.getModifiers()));
  }

  private void add(List<Object> found, Object value) throws ReflectiveOperationException {
    for (String step : steps) {
      if (value == null) return;
      Field next = declared(value.getClass(), step);
      value = next == null ? null : get(next, value);
    }
    if (value != null) found.add(value);
  }

  List<Object> living() {
    List<Object> found = new ArrayList<>();
    for (WeakReference<Object> reference : owners) {
      Object item = reference.get();
      if (item != null) found.add(item);
    }
    return found;
  }

  private Field find() throws ReflectiveOperationException {
    if (owner.isEmpty()) return null;
    return declared(Class.forName(owner, false, Holder.class.getClassLoader()), name);
  }

  static Field declared(Class<?> type, String name) {
    for (Class<?> at = type; at != null; at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) if (field.getName().equals(name)) return field;
    }
    return null;
  }

  /** The value of a field; null where the module system hides it. */
  static Object get(Field field, Object from) {
    try {
      return field.trySetAccessible() ? field.get(from) : null;
    } catch (IllegalAccessException error) {
      return null;
    }
  }

  /** From the root inwards: class, field, and one step for each container down to an entry. */
  List<String> route() {
    List<String> steps = new ArrayList<>();
    Object at = null;
    try {
      Field behind = kind.equals("registry") ? Registries.behind(name) : null;
      List<Object> roots = behind != null ? List.of(get(behind, null)) : targeted() ? List.of() : roots();
      if (behind != null) steps.add("class " + behind.getDeclaringClass().getSimpleName());
      else if (!owner.isEmpty()) steps.add("class " + Types.readable(owner));
      steps.add(behind != null ? behind.getName() : name);
      steps.addAll(List.of(this.steps));
      at = roots.isEmpty() ? null : Lengths.unwrapped(roots.get(roots.size() - 1));
      for (int depth = 0; depth < 5 && Lengths.container(at); depth++) {
        Object entry = newest(at);
        if (entry == null) break;
        String label = at instanceof Map ? " value" : " item";
        steps.add(at instanceof Object[] ? "array item" : Types.simple(at.getClass()) + label);
        at = Lengths.unwrapped(entry);
        if (!Lengths.container(at)) steps.add(Types.simple(at.getClass()));
      }
    } catch (RuntimeException | ReflectiveOperationException | LinkageError error) {
      return steps;
    }
    return steps;
  }

  /** The last entry; a container with entries rather than one without. */
  private static Object newest(Object container) {
    Object last = null;
    Object full = null;
    Collection<?> parts = Lengths.parts(container);
    for (Object part : parts) {
      if (part == null) continue;
      last = part;
      if (Lengths.container(part) && Lengths.shallow(part) > 0) full = part;
    }
    return full == null ? last : full;
  }
}
