package leaklint_inside;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The agent inside the JVM: the conversation of docs/runtime-protocol.md, and the calls themselves. */
public final class Serve {
  private static final char MARK = '\u001e';
  private static final int MOST_TIMED = 1000;
  private static final Pattern NUMBER = Pattern.compile("\"(calls|watch)\":(-?\\d+)");
  private static final Pattern WORD = Pattern.compile("\"(do|ready|owners)\":\"([^\"]*)\"");
  private final OutputStream out;
  private final Properties plan = new Properties();
  private final ReferenceQueue<Object> cleared = new ReferenceQueue<>();
  private Holder[] holders = new Holder[0];
  private Calls calls;
  private boolean same;
  private int made;
  private int errors;
  private String error = "";
  private BufferPoolMXBean direct;
  private final Opened opened = new Opened();

  private Serve(OutputStream out) {
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader requests =
        new BufferedReader(
            new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8));
    Serve serve = new Serve(new FileOutputStream(FileDescriptor.out));
    System.setIn(InputStream.nullInputStream());
    System.setOut(System.err);
    Thread.setDefaultUncaughtExceptionHandler((thread, error) -> serve.failed(error));
    try (Reader plan = Files.newBufferedReader(Path.of(arguments[0]))) {
      serve.plan.load(plan);
    }
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      String asked = word(line, "do");
      String answer;
      try {
        answer = serve.answer(asked, line);
      } catch (Throwable error) {
        answer = "{\"failure\":" + quoted(asked.equals("start") ? "setup raised " + serve.describe(error)
            : asked + " raised " + serve.describe(error)) + "}";
      }
      serve.out.write((MARK + answer + "\n").getBytes(StandardCharsets.UTF_8));
      serve.out.flush();
      if (asked.equals("close")) break;
    }
    Runtime.getRuntime().halt(0);
  }

  private String answer(String asked, String line) throws Throwable {
    switch (asked) {
      case "start":
        return start();
      case "call":
        return call((int) number(line, "calls"));
      case "read":
        return read(word(line, "ready"), word(line, "owners"));
      case "unclosed":
        return "{\"unclosed\":" + opened.unclosed() + "}";
      case "route":
        return route((int) number(line, "watch"));
      default:
        lifecycle("teardown");
        return "{\"ok\":true}";
    }
  }

  private String start() throws Throwable {
    same = "same".equals(plan.getProperty("inputs"));
    holders = new Holder[Integer.parseInt(plan.getProperty("watches", "0"))];
    Handed.targets = new Object[holders.length];
    for (int i = 0; i < holders.length; i++) holders[i] = new Holder(plan, i);
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      if (pool.getName().equals("direct")) direct = pool;
    }
    calls = (Calls) Class.forName("LeaklintCalls").getDeclaredConstructor().newInstance();
    lifecycle("setup");
    return "{\"ok\":true,\"runtime\":" + quoted("JVM " + System.getProperty("java.version")) + "}";
  }

  /** Run `setup` or `teardown`, where the workload has it. */
  private void lifecycle(String name) throws Throwable {
    if (calls == null) return;
    try {
      var method = calls.workload().getClass().getDeclaredMethod(name);
      method.setAccessible(true);
      method.invoke(calls.workload());
    } catch (NoSuchMethodException none) {
      return;
    }
  }

  private String call(int count) throws Exception {
    long began = System.nanoTime();
    long before = began;
    long[] each = new long[Math.min(count, MOST_TIMED)];
    for (int i = 0; i < count; i++) {
      int number = same ? 0 : made;
      made++;
      try {
        calls.iterate(number);
      } catch (Throwable raised) {
        failed(raised);
      }
      if (i >= each.length) continue;
      long now = System.nanoTime();
      each[i] = now - before;
      before = now;
    }
    long seconds = System.nanoTime() - began;
    if (count > 0) Threads.rest();
    for (int i = 0; i < holders.length; i++) {
      holders[i].meet(Handed.targets[i]);
      Handed.targets[i] = null;
    }
    collect();
    return "{\"errors\":" + errors + ",\"error\":" + quoted(error) + ",\"calls\":" + made
        + ",\"call_seconds\":" + seconds / 1e9 + ",\"typical_seconds\":" + typical(each) * count / 1e9 + "}";
  }

  /** A quick call: the first ones load classes, are interpreted, and take a hundred times as long. */
  private static double typical(long[] each) {
    Arrays.sort(each);
    return each.length == 0 ? 0 : each[each.length / 8];
  }

  /** Collect, let references be cleared and cleaners run, and collect what that freed. */
  private void collect() throws Exception {
    var sentinel = new PhantomReference<>(new Object(), cleared);
    opened.mark();
    System.gc();
    if (cleared.remove(50) != null) sentinel.clear();
    References.drain();
    opened.count();
    if ("true".equals(plan.getProperty("collect"))) System.gc(); // else the class histogram does it
  }

  private String read(String ready, String owners) {
    References.drain();
    Runtime runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory();
    StringBuilder text = new StringBuilder("{\"watched\":[");
    for (int i = 0; i < holders.length; i++) {
      if (owners.equals(String.valueOf(i)) && Handed.owners != null) {
        holders[i].adopt(Handed.owners);
        Handed.owners = null;
      }
      long[] found = holders[i].read(i < ready.length() && ready.charAt(i) == '1');
      text.append(i == 0 ? "" : ",").append("{\"length\":").append(found == null ? "null" : found[0]);
      text.append(",\"entries\":").append(found == null ? "null" : found[1]);
      text.append(",\"alive\":").append(holders[i].alive());
      text.append(",\"owned\":").append(holders[i].ownedByInstances()).append('}');
    }
    text.append("],\"counters\":{\"jvm_bytes\":").append(used);
    text.append(",\"threads\":").append(Threads.all().length);
    text.append(",\"threads_made\":").append(Threads.made());
    if (direct != null) text.append(",\"direct_bytes\":").append(direct.getMemoryUsed());
    Long left = opened.left();
    if (left != null) text.append(",\"left_open\":").append(left);
    Long descriptors = Opened.descriptors();
    if (descriptors != null) text.append(",\"descriptors\":").append(descriptors);
    return text.append("}}").toString();
  }

  private String route(int watch) {
    StringBuilder text = new StringBuilder("{\"path\":[");
    String comma = "";
    for (String step : holders[watch].route()) {
      text.append(comma).append(quoted(step));
      comma = ",";
    }
    return text.append("]}").toString();
  }

  private synchronized void failed(Throwable raised) {
    errors++;
    if (error.isEmpty()) error = describe(raised);
  }

  /** Kind and text of an error in one line, with the innermost line of code that is not of the JDK. */
  private String describe(Throwable raised) {
    while ((raised instanceof InvocationTargetException || raised instanceof ExceptionInInitializerError)
        && raised.getCause() != null) {
      raised = raised.getCause();
    }
    String where = "";
    for (StackTraceElement frame : raised.getStackTrace()) {
      String type = frame.getClassName();
      boolean library = frame.getModuleName() != null || type.startsWith("leaklint_inside.");
      boolean workload = type.matches("(.*[.])?Workload([$].*)?") && plan.containsKey("generated");
      boolean ours = type.equals("LeaklintCalls") || workload;
      if (library || ours || frame.getFileName() == null) continue;
      where = " (" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
      break;
    }
    String said = raised.getMessage();
    String message = said == null ? "" : ": " + said.lines().findFirst().orElse("");
    String kind = raised.getClass().getName();
    kind = kind.substring(kind.lastIndexOf('.') + 1);
    return kind + (message.length() > 200 ? message.substring(0, 200) : message) + where;
  }

  private static String word(String line, String name) {
    Matcher found = WORD.matcher(line);
    while (found.find()) if (found.group(1).equals(name)) return found.group(2);
    return "";
  }

  private static long number(String line, String name) {
    Matcher found = NUMBER.matcher(line);
    while (found.find()) if (found.group(1).equals(name)) return Long.parseLong(found.group(2));
    return 0;
  }

  private static String quoted(String text) {
    StringBuilder found = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') found.append('\\').append(c);
      else if (c < ' ' || c > '~') found.append(String.format("\\u%04x", (int) c));
      else found.append(c);
    }
    return found.append('"').toString();
  }
}
