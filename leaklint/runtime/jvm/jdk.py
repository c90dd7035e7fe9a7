"""Finds a JDK and compiles a workload with it, once for both series of a driver.

Nothing of the project is written: classes that javac makes of its sources go to the folder of the run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from leaklint.runtime.absent import of_java
from leaklint.runtime.agent import AgentFailure, Missing, RunPlan

OLDEST = 17
HOW = "install a JDK 17 or newer, e.g. apt-get install default-jdk-headless, or give --java"
FRESH = 30.0
"""Seconds that compiled classes are kept for the other series: afterwards the sources may have changed."""

COMPILE = 60.0
"""Seconds that javac gets at the least: 1 on an idle machine, 16 were too few with seven processes a core."""

INSIDE = Path(__file__).with_name("inside")
_FAST = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Xshare:auto", "-J-XX:-UsePerfData")
_CALLS = """\
%s
public final class LeaklintCalls implements leaklint_inside.Calls {
  private final Workload workload = new Workload();

  public void iterate(int i) throws Throwable {
    workload.iterate(i);
  }

  public Object workload() {
    return workload;
  }
}
"""
_ERROR = re.compile(r"(?m)^(.*\.java):(\d+): error: (.*)$")
_SYMBOL = re.compile(r"^\s*symbol:\s*(?:class|variable|method)\s+(\S.*)$", re.MULTILINE)
_LIBRARY = re.compile(r"package (\S+) does not exist")
_PUBLIC = re.compile(r"(?m)^public\s+(?:[a-z-]+\s+)*@?(?:class|interface|enum|record)\s+(\w+)")


class Jdk(NamedTuple):
    """A JDK on this machine. version: its first number."""

    java: str
    javac: str
    version: int


def locate(asked: str) -> Jdk:
    """The JDK that was asked for (its folder, or a program in it), that of JAVA_HOME, or the one on PATH.

    Raises Missing.
    """
    for place in (asked, "" if asked else os.environ.get("JAVA_HOME", "")):
        if place and (found := _jdk(_home(place))) is not None:
            return _recent(found)
    if asked:
        raise Missing(f"no JDK in {asked}", HOW)
    javac, java = shutil.which("javac"), shutil.which("java")
    if javac is None:
        raise Missing("no javac on PATH" if java else "no JDK on PATH", HOW)
    found = _jdk(str(Path(javac).resolve().parents[1]))
    if found is None:  # a launcher that stands for the real one
        assert java is not None
        found = Jdk(java, javac, _asked(javac))
    return _recent(found)


def _home(place: str) -> str:
    file = Path(shutil.which(place) or place)
    return str(file.resolve().parents[1]) if file.is_file() else place


@lru_cache(maxsize=8)
def _jdk(home: str) -> Jdk | None:
    suffix = ".exe" if os.name == "nt" else ""
    java, javac = (Path(home, "bin", name + suffix) for name in ("java", "javac"))
    if not java.is_file() or not javac.is_file():
        return None
    try:
        found = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', Path(home, "release").read_text("utf-8"))
    except OSError:
        found = None
    return Jdk(str(java), str(javac), int(found[1]) if found else _asked(str(javac)))


@lru_cache(maxsize=8)
def _asked(javac: str) -> int:
    try:
        said = subprocess.run([javac, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"javac (?:1\.)?(\d+)", said.stdout + said.stderr)
    return int(found[1]) if found else 0


def _recent(found: Jdk) -> Jdk:
    if found.version < OLDEST:
        raise Missing(f"JDK {found.version} is too old", HOW)
    return found


class _Build:
    """Classes by path, once compiled; the lock is held while somebody does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made = 0.0
        self.classes: dict[str, bytes] = {}
        self.failure: Exception | None = None


_builds: dict[tuple[object, ...], _Build] = {}
_builds_lock = threading.Lock()


def build(jdk: Jdk, plan: RunPlan, folder: Path) -> Path:
    """Compile workload, agent and the sources they need. Returns the folder with the classes.

    Raises AgentFailure when the driver does not compile, Missing when the project does not.
    """
    driver = plan.driver
    text = driver.source or Path(driver.file).read_text("utf-8")
    digests = tuple((watch.file, watch.digest) for watch in plan.watches)
    key = (jdk, text, driver.roots, driver.class_path, digests)
    with _builds_lock:
        now = time.monotonic()
        for old in [row for row, item in _builds.items() if item.made and now - item.made > FRESH]:
            del _builds[old]
        known = _builds.setdefault(key, _Build())
    classes = folder / "classes"
    with known.lock:
        if not known.made:
            try:
                _compile(jdk, plan, text, folder, classes)
                known.classes = {
                    str(file.relative_to(classes)): file.read_bytes() for file in classes.rglob("*.class")
                }
            except (Missing, AgentFailure) as error:
                known.failure = error
            known.made = time.monotonic()
    if known.failure is not None:
        raise known.failure
    for name, content in known.classes.items():
        file = classes / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return classes


def _compile(jdk: Jdk, plan: RunPlan, text: str, folder: Path, classes: Path) -> None:
    driver = plan.driver
    source = folder / "source"
    package = re.search(r"(?m)^\s*package\s+([\w.]+)\s*;", text)
    workload = source.joinpath(*(package[1].split(".") if package else ()), "Workload.java")
    workload.parent.mkdir(parents=True)
    workload.write_text(text, "utf-8")
    calls = source / "LeaklintCalls.java"
    calls.write_text(_CALLS % (f"import {package[1]}.Workload;" if package else ""), "utf-8")
    classes.mkdir()
    files = [str(workload), str(calls), *map(str, sorted(INSIDE.glob("*.java")))]
    path = ["-cp", os.pathsep.join(driver.class_path) or str(classes)]
    plain = [jdk.javac, *_FAST, "-d", str(classes), "-g", "-proc:none", "-Xlint:none", "-nowarn"]
    plain += ["-encoding", "UTF-8", "-implicit:class", *path]
    alone = {_named(root, source): root for root in driver.roots if os.path.isfile(root)}
    files += alone
    folders = [_plain(root, folder) for root in driver.roots if os.path.isdir(root)]
    roots = ["-sourcepath", os.pathsep.join(folders)] if folders else []
    said = _run([*plain, *roots, *files], plan)
    if said and driver.class_path and roots:  # generated code, annotation processors: what was built has it
        again = _run([*plain, "-sourcepath", str(source), *files], plan)
        said = again and said
    if said:
        for name, root in alone.items():
            said = said.replace(name, root)
        raise _reason(said, plan, source)
    for name, root in alone.items():
        _rename(classes, os.path.basename(name), os.path.basename(root))


def _named(root: str, source: Path) -> str:
    """A source file under the name that javac wants for it: a copy where its public class is called
    otherwise, which `java FILE` allows."""
    public = _PUBLIC.search(Path(root).read_text("utf-8", "replace"))
    if public is None or public[1] == Path(root).stem:
        return root
    copy = source / "named" / f"{public[1]}.java"
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(root, copy)
    return str(copy)


def _rename(classes: Path, name: str, shown: str) -> None:
    """Lets classes say that they come from a file of another name: by it their lines are found."""
    if name == shown:
        return
    old, new = (struct.pack(">BH", 1, len(text.encode())) + text.encode() for text in (name, shown))
    for file in classes.rglob("*.class"):
        raw = file.read_bytes()
        if old in raw:
            file.write_bytes(raw.replace(old, new))


def _plain(root: str, folder: Path) -> str:
    """A source folder; one with a `module-info.java`, which would make the driver a part of that module,
    is shown to javac without it."""
    if not os.path.exists(os.path.join(root, "module-info.java")):
        return root
    shown = Path(tempfile.mkdtemp(dir=folder))
    with contextlib.suppress(OSError):
        for entry in os.scandir(root):
            if entry.name != "module-info.java":
                os.symlink(os.path.abspath(entry.path), shown / entry.name)
    return str(shown)


def _run(command: list[str], plan: RunPlan) -> str:
    """What javac complains about; empty when it compiled."""
    variables = {key: value for key, value in os.environ.items() if key not in OPTIONS}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=max(COMPILE, plan.limits.seconds),
            check=False,
            env=variables,
        )
    except subprocess.TimeoutExpired:
        raise AgentFailure(f"javac took longer than {max(COMPILE, plan.limits.seconds):g} s") from None
    except OSError as error:
        raise AgentFailure(f"cannot start javac: {error.strerror}") from error
    return (done.stdout + done.stderr or "javac failed") if done.returncode else ""


OPTIONS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVAC_OPTIONS", "CLASSPATH")
"""Variables that change what a JVM does."""


def _reason(said: str, plan: RunPlan, source: Path) -> AgentFailure | Missing:
    """The first complaint in words that its reader can act on."""
    found = _ERROR.search(said)
    if found is None:
        return AgentFailure(f"javac failed: {said.strip().splitlines()[0][:200]}")
    file, line, text = found.groups()
    symbol = _SYMBOL.search(said, found.end())
    if text == "cannot find symbol" and symbol is not None:
        text = f"cannot find {symbol[1].strip()}"
    library = _LIBRARY.search(said)
    ours = file.startswith((str(source), str(INSIDE)))
    where = "the driver does not compile" if ours else f"{os.path.basename(file)}:{line} does not compile"
    if ours and plan.driver.file:
        where = f"{os.path.basename(plan.driver.file)}:{line} does not compile"
    if os.path.basename(file) == "LeaklintCalls.java":
        return AgentFailure("the workload has no public class Workload with a method iterate(int)")
    if library is not None:
        return Missing(f"{where}: package {library[1]} does not exist", of_java(plan.project))
    if ours:
        return AgentFailure(f"{where}: {text}")
    if "preview feature" in text or "not supported in -source" in text:
        return Missing(f"{where}: {text.rstrip('.')}", "give --java with a newer JDK")
    return Missing(f"{where}: {text}", "give --classpath with the compiled project")
