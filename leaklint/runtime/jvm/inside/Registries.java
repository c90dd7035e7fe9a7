package leaklint_inside;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Collection;

/** What stands behind calls that register something with the whole process, or with a target. */
final class Registries {
  private Registries() {}

  /** Class and field of what is behind a call, by its name; null for one that is not known. */
  static Field behind(String call) throws ReflectiveOperationException {
    if (call.endsWith("addShutdownHook")) return field("java.lang.ApplicationShutdownHooks", "hooks");
    if (call.endsWith("deleteOnExit")) return field("java.io.DeleteOnExitHook", "files");
    return null;
  }

  /** Entries behind a call. */
  static Long size(String call) throws ReflectiveOperationException {
    Field field = behind(call);
    Object found = field == null ? null : Holder.get(field, null);
    return found == null ? null : Long.valueOf(Lengths.shallow(found));
  }

  private static Field field(String type, String name) throws ReflectiveOperationException {
    return Class.forName(type).getDeclaredField(name);
  }

  /**
   * Listeners of a target: what the getter beside `addXListener` gives, else what its fields hold. A
   * getter that wants the event gets its name.
   */
  static Long listeners(Object target, String how, String event) throws ReflectiveOperationException {
    if (how.startsWith("add") && how.length() > 3) {
      String stem = how.substring(3);
      for (String name : new String[] {"get" + stem + "s", "get" + stem}) {
        Object found = answer(target, name);
        if (found instanceof Collection<?> list) return (long) list.size();
        if (found != null && found.getClass().isArray()) return (long) Array.getLength(found);
      }
    }
    long sum = 0;
    for (Object value : Lengths.fields(target)) {
      Object inner = Lengths.unwrapped(value);
      if (Lengths.container(inner)) sum += Lengths.deep(inner);
    }
    return sum == 0 && !Lengths.container(target) ? nested(target) : Long.valueOf(sum);
  }

  /** A target that hands its listeners to a support object: what that one holds. */
  private static Long nested(Object target) {
    long sum = 0;
    boolean any = false;
    for (Object value : Lengths.fields(target)) {
      if (value.getClass().getClassLoader() == null) continue;
      sum += Lengths.shallow(value);
      any = true;
    }
    return any ? Long.valueOf(sum) : null;
  }

  private static Object answer(Object target, String name) throws ReflectiveOperationException {
    for (Class<?> at = target.getClass(); at != null; at = at.getSuperclass()) {
      try {
        Method method = at.getDeclaredMethod(name);
        if (method.trySetAccessible()) return method.invoke(target);
      } catch (NoSuchMethodException none) {
        continue;
      }
    }
    return null;
  }
}
