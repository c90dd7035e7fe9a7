"""What is opened and not closed is counted, and the line that opened it is told from others."""

from __future__ import annotations

from pathlib import Path

import pytest
from jvm_runs import Tried, newest, try_program

PROGRAM = """
import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.zip.*;
public class Program {
  private static final File FILE = file();
  private static final Deque<InputStream> RECENT = new ArrayDeque<>();
  private static File file() {
    try {
      File file = File.createTempFile("rows", ".txt");
      Files.writeString(file.toPath(), "row");
      return file;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
  public static void serve(int i) throws Exception {
    InputStream closed = new FileInputStream(FILE); // closed
    closed.read();
    closed.close();
    RECENT.add(new FileInputStream(FILE)); // recent
    if (RECENT.size() > 20) RECENT.remove().close();
    new Inflater().end(); // ended
    MORE
  }
}
"""
CALLS = "public class Workload { public void iterate(int i) throws Exception { Program.serve(i); } }"
LINES = ("closed", "recent", "ended")


def opened(more: str, folder: Path, runtime: str = "") -> Tried:
    names = (*LINES, *(["left"] if "// left" in more else []))
    watches = [("resource", "Program", name, f"// {name}") for name in names]
    found = try_program(PROGRAM.replace("MORE", more), CALLS, folder, more=watches, runtime=runtime)
    assert not found.run.failure, found.run.failure
    assert not found.run.error, found.run.error
    return found


@pytest.mark.parametrize(
    ("more", "growth"),
    [
        ("new FileInputStream(FILE).read(); // left", 1.0),
        ("new Deflater().setLevel(1); // left", 1.0),
        ("if (i % 2 == 0) new GZIPOutputStream(new ByteArrayOutputStream()).write(1); // left", 0.5),
        (
            "new ZipFile(zip()).size(); // left\n  }\n"
            + """
  private static File zip() throws IOException {
    File file = new File(FILE.getPath() + ".zip");
    if (!file.exists()) try (ZipOutputStream out = new ZipOutputStream(new FileOutputStream(file))) {
      out.putNextEntry(new ZipEntry("row"));
      out.closeEntry();
    }
    return file;""",
            1.0,
        ),
    ],
)
def test_what_is_left_to_the_collector_is_found_at_its_line(more: str, growth: float, tmp_path: Path) -> None:
    found = opened(more, tmp_path)
    left = found.verdict("Program.left")
    assert (left.status, left.counted) == ("confirmed", "left_open"), left
    assert left.holder_growth_per_call == pytest.approx(growth, rel=0.2), left
    line = int(left.allocation_site.rpartition(":")[2])
    for name in LINES:
        other = found.verdict(f"Program.{name}")
        assert other.status == "inconclusive", (name, other)
        assert f"opened at Program.java:{line}" in other.reason, (name, other)


@pytest.mark.parametrize("runtime", ["", newest()])
def test_what_is_closed_sooner_or_later_is_refuted(runtime: str, tmp_path: Path) -> None:
    found = opened("", tmp_path, runtime)
    for name in LINES:
        verdict = found.verdict(f"Program.{name}")
        assert (verdict.status, verdict.counted) == ("refuted", "left_open"), (name, verdict)


def test_files_that_another_thread_has_open_are_not_left(tmp_path: Path) -> None:
    busy = """
    if (worker == null) {
      worker = new Thread(() -> {
        while (true) {
          try (InputStream in = new FileInputStream(FILE)) { in.read(); } // busy
          catch (IOException error) { return; }
        }
      });
      worker.setDaemon(true);
      worker.start();
    }
  }
  private static Thread worker;
  static { """
    found = opened(busy, tmp_path)
    for name in LINES:
        verdict = found.verdict(f"Program.{name}")
        assert verdict.status in ("refuted", "inconclusive"), (name, verdict)


LOADERS = """
public class Program {
  private static ClassLoader loader;
  public static void serve(int i) {
    if (loader == null) loader = Thread.currentThread().getContextClassLoader(); // kept
  }
}
"""


def test_the_program_may_keep_its_own_class_loader(tmp_path: Path) -> None:
    found = try_program(LOADERS, CALLS, tmp_path, more=[("reference", "Program", "loader", "// kept")])
    verdict = found.verdict("Program.loader")
    assert (verdict.status, verdict.reason.partition(":")[0]) == (
        "inconclusive",
        "no other class loader came by that it could keep",
    )


PROXIES = """
public class Program {
  interface Connection { void ask(); }
  interface Source { Connection getConnection(); }
  private static final Source SOURCE = () -> () -> {};
  public static void serve(int i) {
    SOURCE.getConnection().ask(); // connection
  }
}
"""


def test_what_cannot_be_counted_is_not_refuted(tmp_path: Path) -> None:
    found = try_program(PROXIES, CALLS, tmp_path, more=[("resource", "Program", "it", "// connection")])
    verdict = found.verdict("Program.it")
    assert verdict.status == "inconclusive", verdict
    assert verdict.reason.startswith("nothing that is counted was opened at this line"), verdict
