"""Every kind of holder is read where it is, and grows as it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from jvm_runs import Tried, newest, try_program

from leaklint.runtime.suspect import HolderKind

PROGRAM = """package app;

import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicReference;

public class Program {
  private static final Map<String, List<int[]>> BUCKETS = new HashMap<>();
  private static final Map<Object, String> WEAK = new WeakHashMap<>();
  private static final StringBuilder TEXT = new StringBuilder();
  private static final ThreadLocal<int[]> KEPT = new ThreadLocal<>();
  private static final ThreadLocal<int[]> REMOVED = new ThreadLocal<>();
  private static final ThreadLocal<int[]> ELSEWHERE = new ThreadLocal<>();
  private static final ExecutorService WORKERS = Executors.newFixedThreadPool(2);
  static final Shop SHOP = new Shop();
  private final List<String> names = new ArrayList<>();

  public void bucket(int i) { BUCKETS.computeIfAbsent("k" + i % 3, k -> new ArrayList<>()).add(new int[4]); }

  public void weak() { WEAK.put(new Object(), "x"); }

  public void text() { TEXT.append("abc"); }

  public void name(int i) { names.add("n" + i); }

  public void pooled() throws Exception { WORKERS.submit(() -> KEPT.set(new int[9])).get(); }

  public void removed() throws Exception {
    WORKERS.submit(() -> {
      REMOVED.set(new int[9]);
      REMOVED.remove();
    }).get();
  }

  public static void background() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Thread thread = new Thread(() -> {
      ELSEWHERE.set(new int[1]);
      started.countDown();
      try { Thread.sleep(1 << 20); } catch (InterruptedException end) { return; }
    });
    thread.setDaemon(true);
    thread.start();
    started.await();
  }

  public void elsewhere() {
    ELSEWHERE.set(new int[2]);
    ELSEWHERE.remove();
  }

  public void hook() {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {}));
  }

  public void listen() {
    SHOP.addShopListener(() -> {});
  }

  public void inner(int i) {
    Inner.seen.add(i);
  }

  static class Inner { static Set<Integer> seen = new HashSet<>(); }

  static class Shop {
    private final AtomicReference<List<Runnable>> listeners = new AtomicReference<>(new ArrayList<>());

    void addShopListener(Runnable listener) { listeners.get().add(listener); }
  }
}
"""
WORKLOAD = """
import app.Program;
public class Workload {
  Program program = new Program();
  public void setup() throws Exception { Program.background(); }
  public void iterate(int i) throws Exception {
    program.elsewhere();
    program.bucket(i);
    program.weak();
    program.text();
    program.name(i);
    new Program().name(i);
    program.pooled();
    program.removed();
    program.hook();
    program.listen();
    program.inner(i);
  }
}
"""

MORE: list[tuple[HolderKind, str, str, str]] = [
    ("static", "Program.Inner", "seen", "Inner.seen.add"),
    ("static", "Program", "WEAK", "WEAK.put"),
    ("thread-local", "Program", "KEPT", "KEPT.set"),
    ("thread-local", "Program", "REMOVED", "REMOVED.set"),
    ("thread-local", "Program", "ELSEWHERE", "ELSEWHERE.set(new int[2])"),
]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, need: object) -> Tried:
    assert callable(need)
    need("jdk")
    folder = tmp_path_factory.mktemp("holders")
    (folder / "app").mkdir()
    return try_program(PROGRAM, WORKLOAD, folder, name="app/Program.java", more=MORE)


@pytest.mark.parametrize(
    ("holder", "growth", "path"),
    [
        ("Program.BUCKETS", 1, ["class app.Program", "BUCKETS", "HashMap value", "ArrayList item", "int[]"]),
        ("Program.TEXT", 3, ["class app.Program", "TEXT"]),
        ("Program.names", 1, ["class app.Program", "names", "ArrayList item", "String"]),
        ("Inner.seen", 1, ["class app.Program.Inner", "seen", "HashSet item", "Integer"]),
        ("Runtime.getRuntime.addShutdownHook", 1, ["class ApplicationShutdownHooks", "hooks"]),
        ("Program.SHOP", 1, ["class app.Program", "SHOP", "Program.Shop", "listeners"]),
    ],
)
def test_a_holder_that_grows_is_confirmed(holder: str, growth: float, path: list[str], tried: Tried) -> None:
    assert not tried.run.failure, tried.run.failure
    assert not tried.run.error, tried.run.error
    verdict = tried.verdict(holder)
    assert verdict.status == "confirmed", verdict
    assert verdict.holder_growth_per_call == growth
    line = next(row for row in tried.suspects if row.holder.text == holder).sites[0].span.line
    if verdict.retaining_path:  # four at most are explained
        assert verdict.retaining_path[: len(path)] == path, verdict.retaining_path
        assert verdict.allocation_site == f"app/Program.java:{line}"


def test_what_is_cleared_is_refuted(tried: Tried) -> None:
    weak = next(number for number, row in enumerate(tried.suspects) if row.holder.text == "Program.WEAK")
    assert tried.run.hits(weak)
    assert set(tried.run.lengths(weak) or [1]) == {0}


def test_a_value_left_in_a_pooled_thread_is_found(tried: Tried) -> None:
    assert tried.verdict("Program.KEPT").status == "confirmed"
    assert tried.verdict("Program.REMOVED").status == "refuted"
    assert tried.verdict("Program.ELSEWHERE").status == "refuted"


def test_the_heap_is_counted_exactly(tried: Tried) -> None:
    verdict = tried.heap
    assert verdict.status == "confirmed"
    assert verdict.counted == "blocks"
    assert 0 <= tried.run.hit_seconds < 0.001
    assert verdict.calls >= 20


HEAP = """import java.util.*;
public class Program {
  static class Node { Node next; byte[] load = new byte[10]; }
  private static Node first;
  private static java.lang.ref.WeakReference<Node> latest;
  public static void serve(int i) {
    Node node = new Node();
    node.next = first;
    first = node;
    latest = new java.lang.ref.WeakReference<>(node);
  }
}
"""
CALLS = "public class Workload { public void iterate(int i) throws Exception { Program.serve(i); } }"


def test_what_no_holder_explains_has_a_path_and_a_line(tmp_path: Path) -> None:
    found = try_program(HEAP, CALLS, tmp_path)
    verdict = found.heap
    assert verdict.status == "confirmed", verdict
    assert verdict.types["Program.Node"] == 1.0
    assert verdict.types["byte[]"] >= 1.0
    assert verdict.retaining_path[:2] == ["class Program", "first"]
    assert verdict.allocation_site.endswith("Program.java:7")


TASKS = """
import java.lang.management.*;
import java.util.*;
import java.util.concurrent.*;
import javax.management.*;
public class Program {
  private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor();
  private static final Timer TIMER = new Timer(true);
  public interface RowMBean { int getN(); }
  public static class Row implements RowMBean { public int getN() { return 1; } }
  public static void serve(int i) throws Exception {
    CLOCK.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS);
    TIMER.scheduleAtFixedRate(new TimerTask() { public void run() {} }, 1 << 20, 1 << 20);
    ManagementFactory.getPlatformMBeanServer().registerMBean(new Row(), new ObjectName("a:n=" + i));
  }
}
"""


def test_tasks_and_beans_are_counted(tmp_path: Path) -> None:
    found = try_program(TASKS, CALLS, tmp_path)
    assert not found.run.failure, found.run.failure
    assert not found.run.error, found.run.error
    grown = [row for row in found.verdicts if row.status == "confirmed" and row.holder_growth_per_call == 1]
    names = {row.holder for row in grown}
    assert {"scheduleAtFixedRate", "ManagementFactory.getPlatformMBeanServer.registerMBean"} <= names, names


NATIVE = """
public class Program {
  private static final sun.misc.Unsafe UNSAFE = unsafe();
  private static sun.misc.Unsafe unsafe() {
    try {
      var field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      return (sun.misc.Unsafe) field.get(null);
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException(error);
    }
  }
  public static void serve(int i) {
    long at = UNSAFE.allocateMemory(20000);
    UNSAFE.setMemory(at, 20000, (byte) 1);
    END
  }
}
"""


@pytest.mark.parametrize(("end", "status"), [("", "confirmed"), ("UNSAFE.freeMemory(at);", "refuted")])
def test_native_memory_grows_when_it_is_not_freed(end: str, status: str, tmp_path: Path) -> None:
    found = try_program(NATIVE.replace("END", end), CALLS, tmp_path)
    assert found.heap.status == status, found.heap


def test_the_newest_jdk_at_hand(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    found = try_program(PROGRAM, WORKLOAD, tmp_path, name="app/Program.java", more=MORE, runtime=newest())
    assert not found.run.failure, found.run.failure
    grown = {
        row.holder.text for row in found.suspects if found.verdict(row.holder.text).status == "confirmed"
    }
    assert {"Program.BUCKETS", "Program.names", "Program.KEPT", "Program.SHOP"} <= grown, grown
