"""What every test may use: tools that may be missing, a fresh folder to run in, and the todo counts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)

REQUIRED = {name for name in os.environ.get("LEAKLINT_REQUIRE", "").split(",") if name}
_COMMANDS = {"node": ("node", "npm"), "jdk": ("java", "javac")}

Kept = Callable[[str], AbstractContextManager[Path]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


UNDECIDED = "assert 'inconclusive'"
"""What a failure says when a run came to no verdict: readings are noisy on a machine with other work.

Only this is tried again. A wrong verdict fails at once, and so does everything else.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    measured = pytest.mark.flaky(reruns=2, only_rerun=[UNDECIDED])
    for item in items:
        if item.path.parent.name.startswith("runtime"):
            item.add_marker(measured)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="rewrite snapshots instead of comparing")


@pytest.fixture(scope="session")
def need() -> Callable[[str], None]:
    """`need("node")` skips a test without the tool, or fails it if LEAKLINT_REQUIRE names the tool."""

    def check(tool: str) -> None:
        missing = [command for command in _COMMANDS.get(tool, (tool,)) if shutil.which(command) is None]
        if missing:
            text = f"{tool}: {', '.join(missing)} not installed"
            (pytest.fail if tool in REQUIRED else pytest.skip)(text)

    return check


@pytest.fixture(scope="session")
def kept(pytestconfig: pytest.Config) -> Kept:
    """A folder that outlives the run, filled once, whatever the number of processes that want it."""
    cache = pytestconfig.cache
    assert cache is not None

    @contextmanager
    def enter(name: str) -> Iterator[Path]:
        import fcntl

        folder = cache.mkdir(name)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder

    return enter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory that no settings and no repository reach."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def leaklint(folder: Path) -> Run:
    """Run the command in a process of its own, in `folder`."""

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.endswith("_COLOR")}
        options.setdefault("env", environment)
        options.setdefault("cwd", folder)
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [sys.executable, "-m", "leaklint", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
            **options,
        )

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Known misses and known false alarms of the suites, which may only become fewer."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                counts.update({key: value for key, value in report.user_properties if key.startswith("todo")})
    if counts:
        listed = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
        terminalreporter.write_line(f"literate suites: {listed}")
