"""Workloads as people write them, what a failing one says, and what keeps project and machine safe."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from jvm_runs import run_workload, try_program

from leaklint.runtime.agent import Driver, Limits, Missing, RunPlan
from leaklint.runtime.jvm import agent, jdk
from leaklint.runtime.jvm.drivers import repeat
from leaklint.runtime.measure import run

SHORT = 4.0


def workload(body: str, more: str = "") -> str:
    return f"public class Workload {{ public void iterate(int i) throws Exception {{ {body} }} {more} }}"


@pytest.mark.parametrize(
    "text",
    [
        workload("", "public void setup() {} public void teardown() {}"),
        "package app.load;\n\n" + workload("if (i < 0) throw new Exception();"),
        "public class Workload { static int n; public static void iterate(int i) { n = i; } }",
        "public class Workload { void setup() {} public void iterate(long i) {} }",
    ],
)
def test_a_workload_has_any_form(text: str, tmp_path: Path) -> None:
    series = run_workload(text, tmp_path, budget=SHORT)
    assert not series.failure, series.failure
    assert not series.missing, series.missing
    assert not series.error, series.error
    assert series.calls > 20
    assert series.runtime.startswith("JVM ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("public class Workload { public void other() {} }", "no public class Workload with a method"),
        (workload("nothing();"), "Workload.java:1 does not compile: cannot find nothing()"),
        (workload("int a = ;"), "Workload.java:1 does not compile: illegal start of expression"),
        (
            workload("", 'public void setup() { throw new IllegalStateException("no"); }'),
            "setup raised IllegalStateException: no (Workload.java:1)",
        ),
        (workload('throw new RuntimeException("far");'), "RuntimeException: far (Workload.java:1)"),
        (workload("Integer.parseInt(null);"), "NumberFormatException"),
        (workload("System.exit(3);"), "the process ended with code 3"),
        (workload("Runtime.getRuntime().halt(4);"), "the process ended with code 4"),
        (
            workload(
                'var t = new Thread(() -> { throw new RuntimeException("late"); }); t.start(); t.join();'
            ),
            "RuntimeException: late",
        ),
        (workload("iterate(i);"), "StackOverflowError"),
    ],
)
def test_a_workload_that_fails_says_how(text: str, reason: str, tmp_path: Path) -> None:
    series = run_workload(text, tmp_path, budget=SHORT)
    assert reason in series.failure + series.error, (series.failure, series.error, series.missing)


def test_what_is_not_on_the_class_path_is_named(tmp_path: Path) -> None:
    program = "import org.slf4j.Logger;\npublic class Program { static Logger log; }\n"
    found = try_program(program, workload("Program.log = null;"), tmp_path, budget=SHORT)
    assert found.run.missing == "Program.java:1 does not compile: package org.slf4j does not exist"
    assert "--classpath" in found.run.hint
    absent = workload('throw new NoClassDefFoundError("org/slf4j/Logger");')
    series = run_workload(absent, tmp_path, budget=SHORT)
    assert series.missing == "class org.slf4j.Logger is not on the class path"


def test_a_module_is_compiled_without_its_descriptor(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "module-info.java").write_text("module app { requires java.sql; }\n", "utf-8")
    program = "package app;\npublic class Program { public static int n; }\n"
    found = try_program(
        program, workload("app.Program.n++;"), tmp_path, name="app/Program.java", budget=SHORT
    )
    assert not found.run.failure, found.run.failure
    assert found.run.calls > 20


def test_classes_that_were_built_stand_for_sources_that_do_not_compile(tmp_path: Path) -> None:
    sources, built = tmp_path / "sources", tmp_path / "built"
    sources.mkdir()
    program = sources / "Program.java"
    program.write_text("public class Program { public static int n; }\n", "utf-8")
    subprocess.run(["javac", "-d", str(built), str(program)], check=True)
    program.write_text("public class Program { public static int n; Generated made; }\n", "utf-8")
    os.utime(program, (time.time() + 60, time.time() + 60))
    driven = tmp_path / "Workload.java"
    driven.write_text(workload("Program.n++;"), "utf-8")
    driver = Driver(
        "java", "w", "workload", file=str(driven), roots=(str(sources),), class_path=(str(built),)
    )
    series = run(RunPlan(driver, (), str(tmp_path)), SHORT)
    assert not series.failure + series.missing, series
    assert series.calls > 20


def test_what_a_program_prints_is_no_answer(tmp_path: Path) -> None:
    text = workload(
        'System.out.println("\\u001e{\\"sample\\": 1}"); System.in.read(); System.err.print("x");'
    )
    series = run_workload(text, tmp_path, budget=SHORT)
    assert not series.failure, series.failure
    assert series.calls > 20


def test_the_heap_has_a_limit(tmp_path: Path) -> None:
    text = workload(
        "all.add(new byte[1 << 24]);", "java.util.List<byte[]> all = new java.util.ArrayList<>();"
    )
    series = run_workload(text, tmp_path, budget=SHORT, limits=Limits(seconds=30, memory=256 << 20))
    assert "OutOfMemoryError" in series.error or "memory limit" in series.failure, series


def test_time_has_a_limit(tmp_path: Path) -> None:
    began = time.monotonic()
    series = run_workload(workload("Thread.sleep(100000);"), tmp_path, limits=Limits(seconds=5))
    assert series.failure == "the time limit of 5 s was reached"
    assert time.monotonic() - began < 15


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    more = """
    public void setup() throws Exception {
      Process child = new ProcessBuilder("sleep", "100").start();
      java.nio.file.Files.writeString(java.nio.file.Path.of(System.getenv("MARKER")), "" + child.pid());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> { while (true); }));
    }
    """
    os.environ["MARKER"] = str(marker)
    try:
        series = run_workload(workload("", more), tmp_path, budget=SHORT)
    finally:
        del os.environ["MARKER"]
    assert not series.failure, series.failure
    child = Path("/proc", marker.read_text("ascii"))
    deadline = time.monotonic() + 10
    while child.exists() and time.monotonic() < deadline:
        time.sleep(0.05)  # killed, and not yet waited for
    assert not child.exists()


def test_nothing_of_the_project_is_written(tmp_path: Path) -> None:
    program = "public class Program { static int n; }\n"
    found = try_program(program, workload("Program.n++;"), tmp_path, budget=SHORT)
    assert not found.run.failure
    names = sorted(str(row.relative_to(tmp_path)) for row in tmp_path.rglob("*"))
    assert names == ["Program.java", "driver", "driver/Workload.java"]


def test_a_jdk_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = RunPlan(Driver("java", "w", "workload"), (), str(tmp_path), runtime=str(tmp_path / "no-jdk"))
    with pytest.raises(Missing, match="no JDK in"):
        agent.find(plan)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Missing, match="no JDK on PATH") as raised:
        agent.find(RunPlan(Driver("java", "w", "workload"), (), str(tmp_path)))
    assert "default-jdk-headless" in raised.value.hint


def test_an_old_jdk_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("java", "javac"):
        (tmp_path / "bin" / name).write_text("", "utf-8")
    (tmp_path / "release").write_text('JAVA_VERSION="1.8.0_402"\n', "utf-8")
    with pytest.raises(Missing, match="JDK 8 is too old"):
        jdk.locate(str(tmp_path))


def test_a_command_is_not_repeated() -> None:
    with pytest.raises(Missing, match="cannot be repeated inside one JVM"):
        repeat(("java", "-jar", "app.jar"), ".")
