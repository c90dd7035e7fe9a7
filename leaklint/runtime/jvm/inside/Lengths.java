package leaklint_inside;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** How many entries a container has, and those of the containers in it. It keeps nothing. */
final class Lengths {
  private static final int DEEPEST = 4;
  private static final int MOST = 200_000;
  private static final int UNKNOWN = -1;

  private Lengths() {}

  /** Entries of a container and of the containers in it; of another object, of what its fields hold. */
  static long deep(Object root) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Object> level = new ArrayDeque<>();
    root = unwrapped(root);
    long total = 0;
    if (own(root) == UNKNOWN) {
      fields(root).stream().map(Lengths::unwrapped).forEach(level::add);
    } else if (root != null) {
      level.add(root);
    }
    for (int depth = 0; depth <= DEEPEST && !level.isEmpty(); depth++) {
      ArrayDeque<Object> next = new ArrayDeque<>();
      for (Object item : level) {
        long size = own(item);
        if (size == UNKNOWN || !seen.add(item)) continue;
        total += size;
        if (depth == DEEPEST) continue;
        for (Object part : parts(item)) {
          Object inner = unwrapped(part);
          if (container(inner)) next.add(inner);
          if (next.size() + seen.size() > MOST) break;
        }
      }
      level = next;
    }
    return total;
  }

  /** Entries of the container alone; of another object, of the containers that it holds. */
  static long shallow(Object root) {
    root = unwrapped(root);
    long size = own(root);
    if (size != UNKNOWN) return size;
    return fields(root).stream().map(Lengths::unwrapped).mapToLong(Lengths::own).filter(own -> own > 0).sum();
  }

  /** The entries of a container; none for what has none. */
  static Collection<?> parts(Object item) {
    if (item instanceof Map<?, ?> map) return map.values();
    if (item instanceof Collection<?> found) return found;
    if (item instanceof Object[] array) return Arrays.asList(array);
    return List.of();
  }

  static boolean container(Object item) {
    return item instanceof Map || item instanceof Collection || item instanceof Object[];
  }

  static Object unwrapped(Object item) {
    return item instanceof AtomicReference<?> reference ? reference.get() : item;
  }

  private static long own(Object item) {
    if (item == null) return 0;
    if (item instanceof Map<?, ?> map) return map.size();
    if (item instanceof Collection<?> found) return found.size();
    if (item instanceof CharSequence text && !(item instanceof String)) return text.length();
    if (item instanceof Object[] array) {
      long used = 0;
      for (Object part : array) if (part != null) used++;
      return used;
    }
    if (item.getClass().isArray()) return Array.getLength(item);
    if (item instanceof AtomicReferenceArray<?> array) return array.length();
    return asked(item);
  }

  /** What `size()`, `length()` or `estimatedSize()` of a class that is no collection answers. */
  private static long asked(Object item) {
    if (item instanceof Number || item instanceof String || item instanceof Class) return UNKNOWN;
    for (String name : new String[] {"size", "estimatedSize", "length"}) {
      Method method = method(item.getClass(), name);
      if (method == null) continue;
      try {
        return ((Number) method.invoke(item)).longValue();
      } catch (ReflectiveOperationException | RuntimeException error) {
        return UNKNOWN;
      }
    }
    return UNKNOWN;
  }

  static Method method(Class<?> type, String name) {
    for (Class<?> at = type; at != null; at = at.getSuperclass()) {
      try {
        Method found = at.getDeclaredMethod(name);
        Class<?> result = found.getReturnType();
        boolean number = result == int.class || result == long.class;
        if (number && !Modifier.isStatic(found.getModifiers()) && found.trySetAccessible()) return found;
      } catch (NoSuchMethodException | LinkageError error) {
        continue;
      }
    }
    return null;
  }

  /** The objects that the fields of an object hold; those that may not be read are left out. */
  static List<Object> fields(Object root) {
    List<Object> found = new ArrayList<>();
    if (root == null) return found;
    for (Class<?> at = root.getClass(); at != null; at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) continue;
        Object value = Holder.get(field, root);
        if (value != null && !(value instanceof String)) found.add(value);
      }
    }
    return found;
  }
}
