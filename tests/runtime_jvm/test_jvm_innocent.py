"""Programs that do not leak: every holder and the heap are watched, and nothing is ever confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from jvm_runs import BUDGET, run_workload, try_program

from leaklint.runtime.agent import Driver
from leaklint.runtime.verdict import join_heap

SEEDS = 20
PROGRAM = """
import java.lang.ref.SoftReference;
import java.util.*;
import java.util.concurrent.*;
import java.util.logging.*;

public class Program {
  private static final Map<Integer, int[]> FEW = new HashMap<>();
  private static final Map<Integer, List<Integer>> FILLS = new ConcurrentHashMap<>();
  private static final Map<Integer, String> RECENT = new LinkedHashMap<>(16, 0.75f, true) {
    @Override protected boolean removeEldestEntry(Map.Entry<Integer, String> eldest) { return size() > 100; }
  };
  private static final Deque<StringBuilder> POOL = new ArrayDeque<>();
  private static final List<int[]> ROWS = new ArrayList<>();
  private static final Set<String> NAMES = new HashSet<>();
  private static final Deque<Integer> RING = new ArrayDeque<>();
  private static final Map<Object, String> WEAK = new WeakHashMap<>();
  private static final Map<Integer, SoftReference<byte[]>> SOFT = new HashMap<>();
  private static final Logger LOG = Logger.getLogger("program");
  private static final ThreadLocal<StringBuilder> TEXT = ThreadLocal.withInitial(StringBuilder::new);
  private static Map<Integer, String> lazy;
  private static ExecutorService workers;
  private final List<Integer> own = new ArrayList<>();
  private final Random random;
  private final int limit;

  public Program(long seed) {
    random = new Random(seed);
    limit = 20 + random.nextInt(40);
    LOG.setLevel(Level.WARNING);
  }

  public void serve(int i) throws Exception {
    FEW.computeIfAbsent(random.nextInt(40), key -> new int[10]);
    FILLS.computeIfAbsent(i % 60, key -> new ArrayList<>());
    List<Integer> row = FILLS.get(i % 60);
    if (row.isEmpty()) row.add(i);
    int key = random.nextInt(10000);
    RECENT.put(key, "value-" + key);
    pool();
    initialise(i);
    ROWS.add(new int[] {i});
    if (ROWS.size() >= limit) ROWS.clear();
    NAMES.add(("name-" + random.nextInt(60)).intern());
    ("unique-" + i).intern();
    RING.add(i);
    while (RING.size() > 25) RING.poll();
    WEAK.put(new Object(), "weak");
    SOFT.put(random.nextInt(50), new SoftReference<>(new byte[64]));
    LOG.fine(() -> "not shown " + i);
    if (i % 500 == 3) LOG.warning("shown " + i);
    TEXT.get().append(i);
    TEXT.remove();
    new Program(i).remember(i);
    String.format("%5d %s", i, List.of(i, key)).replaceAll("[0-9]+", "x");
    workers.submit(() -> NAMES.size()).get();
    if (i % 97 == 0) rare(i);
  }

  private void remember(int i) {
    own.add(i);
  }

  private void rare(int i) throws Exception {
    Class.forName("java.util.zip.CRC32").getDeclaredConstructor().newInstance();
    java.time.LocalDate.ofEpochDay(i).toString();
  }

  private void pool() {
    List<StringBuilder> taken = new ArrayList<>();
    for (int n = random.nextInt(8); n >= 0; n--) {
      taken.add(POOL.isEmpty() ? new StringBuilder() : POOL.poll());
    }
    for (StringBuilder item : taken) {
      item.setLength(0);
      POOL.add(item);
    }
  }

  private static void initialise(int i) {
    if (workers == null) workers = Executors.newFixedThreadPool(2);
    if (i > 15 && lazy == null) {
      lazy = new TreeMap<>();
      for (int n = 0; n < 500; n++) lazy.put(n, String.valueOf(n));
    }
  }
}
"""
WORKLOAD = """
import java.nio.file.*;
public class Workload {
  private Program program;
  public void setup() throws Exception {
    program = new Program(Long.parseLong(Files.readString(Path.of("seed.txt"))));
  }
  public void iterate(int i) throws Exception { program.serve(i); }
}
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("source")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_never_confirmed(seed: int, source: Path, tmp_path: Path) -> None:
    (tmp_path / "seed.txt").write_text(str(seed), "utf-8")
    found = try_program(PROGRAM, WORKLOAD, source, project=tmp_path)
    if found.run.calls <= 100:  # the machine was busy with something else
        found = try_program(PROGRAM, WORKLOAD, source, project=tmp_path, budget=4 * BUDGET)
    assert not found.run.failure, found.run.failure
    assert not found.run.error, found.run.error
    assert len(found.suspects) >= 8
    assert found.run.calls > 60  # where FILLS has stopped to grow
    for number, verdict in enumerate(found.verdicts):
        assert verdict.status != "confirmed", (found.suspects[number].holder, verdict)
        assert found.run.hits(number), found.suspects[number].holder
    assert found.heap.status != "confirmed", found.heap


def test_a_workload_that_does_nothing_is_refuted(tmp_path: Path) -> None:
    series = run_workload("public class Workload { public void iterate(int i) {} }", tmp_path)
    assert join_heap(Driver("java", "nothing", "workload"), [series]).status == "refuted", series
    counts = series.counter("count") or []
    assert len(counts) > 20
    assert max(counts) - min(counts) <= 8, counts
