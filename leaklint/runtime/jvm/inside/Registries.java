package leaklint_inside;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.management.MBeanServer;

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
    if (call.endsWith("getPlatformMBeanServer.registerMBean")) return beans();
    Field field = behind(call);
    Object found = field == null ? null : Holder.get(field, null);
    return found == null ? null : Long.valueOf(Lengths.shallow(found));
  }

  /** What is registered with the platform's server, which must not be made for the question. */
  private static Long beans() throws ReflectiveOperationException {
    Field field = field("java.lang.management.ManagementFactory", "platformMBeanServer");
    Object found = Holder.get(field, null);
    return found instanceof MBeanServer server ? Long.valueOf(server.getMBeanCount()) : Long.valueOf(0);
  }

  /**
   * Periodic tasks of a timer or a scheduler; null for one of another kind. A task that runs once ends by
   * itself: a series is too short to see it.
   */
  static Long tasks(Object target) throws ReflectiveOperationException {
    long count = 0;
    if (target instanceof ScheduledThreadPoolExecutor scheduler) {
      for (Runnable task : scheduler.getQueue()) {
        if (task instanceof RunnableScheduledFuture<?> row && row.isPeriodic() && !row.isCancelled()) count++;
      }
      return count;
    }
    if (target instanceof Timer) {
      Object queue = Holder.get(Timer.class.getDeclaredField("queue"), target);
      Field period = TimerTask.class.getDeclaredField("period");
      for (Object task : Lengths.parts(Holder.get(queue.getClass().getDeclaredField("queue"), queue))) {
        if (task != null && !Long.valueOf(0).equals(Holder.get(period, task))) count++;
      }
      return count;
    }
    Field wrapped = Holder.declared(target.getClass(), "e");
    Object inner = wrapped == null ? null : Holder.get(wrapped, target);
    return inner instanceof ScheduledThreadPoolExecutor ? tasks(inner) : null;
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
