"""`pytest --leaklint`: repeats tests as they are, and fails those that leave more behind with every run.

When all tests are done, each one that passed is set up, run and torn down again, with fresh fixtures, until
the number of living memory blocks can be decided: repeating it earlier would change what other tests see.
What its set-up and tear-down leave behind without it (pytest keeps finalizers) is not counted.
`@pytest.mark.leaklint(max_growth=…)` checks one test, with or without the option, and allows that many
blocks a run.
"""

from __future__ import annotations

import contextlib
import gc
import time
from array import array
from collections.abc import Callable, Generator, Iterator
from typing import Any, Literal

import pytest

SAMPLES = 24
"""Readings a test; the rule needs more than 16."""

MOST_RUNS = 20
"""Runs between two readings of a fast test."""

WARM_UP = 3
UNSURE = 0.25
"""Share of what fixtures leave behind by themselves by which two series of it may differ."""

FEW_RUNS = 200
"""Fewer, on a busy machine or of a slow test, differ by twice that: 10 to 13.6 blocks a run were seen."""

EXPLAINED = 20
"""Runs under tracemalloc, once a leak was seen."""

_NOTES = pytest.StashKey[list[str]]()
_PASSED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("leaklint")
    group.addoption(
        "--leaklint", action="store_true", help="repeat every test and fail those that leak memory"
    )
    group.addoption(
        "--leaklint-budget",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="time to repeat one test (default: 5)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "leaklint(max_growth=0): fail if the test leaves more than max_growth blocks a run behind"
    )
    config.stash[_NOTES] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed and not hasattr(report, "wasxfail")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    result = yield
    if not session.config.getoption("collectonly"):
        for item in session.items:
            if item.stash.get(_PASSED, False) and _is_chosen(item):
                _check(item)
    return result


def _is_chosen(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("leaklint") is not None
    return marked or bool(item.config.getoption("--leaklint"))


def _check(item: pytest.Item) -> None:
    """Repeat a test, and report it as failed if it leaks."""
    marker = item.get_closest_marker("leaklint")
    allowed = float(marker.kwargs.get("max_growth", 0)) if marker is not None else 0.0
    began = time.time()
    message = _repeat(item, allowed, item.config.getoption("--leaklint-budget"))
    item.session._setupstate.teardown_exact(None)
    if message:
        keywords: dict[str, Literal[1]] = dict.fromkeys(item.keywords, 1)
        seconds = time.time() - began
        report = pytest.TestReport(
            item.nodeid,
            item.location,
            keywords,
            "failed",
            message,
            "call",
            (),
            seconds,
            began,
            began + seconds,
        )
        item.ihook.pytest_runtest_logreport(report=report)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash[_NOTES]
    if lines:
        terminalreporter.section("leaklint")
        for line in lines:
            terminalreporter.write_line(line)


def _repeat(item: pytest.Item, allowed: float, budget: float) -> str:
    """Why the test fails; empty if it does not leak or that cannot be told."""
    notes = item.config.stash[_NOTES]
    try:
        with _captured(item.config) as drop:
            decision, runs = _series(item, budget, True, drop)
            growth = decision.growth_per_call
            if decision.leaks and growth > allowed:
                around = _around(item, budget, drop)
                growth -= around
                unsure = around * UNSURE * (2 if runs < FEW_RUNS else 1)
                if growth > max(allowed, _gate().per_call, unsure):
                    return _message(item, growth, runs)
    except Exception as error:  # of the test: it passed once, so what it left behind stands in its way
        notes.append(f"{item.nodeid}: cannot be repeated: {type(error).__name__}: {error}"[:200])
        return ""
    if decision.leaks is None:
        notes.append(f"{item.nodeid}: undecided after {runs} runs: {decision.reason}")
    return ""


def _around(item: pytest.Item, budget: float, drop: Callable[[], object]) -> float:
    """Blocks a run that set-up and tear-down leave behind by themselves."""
    if hasattr(item, "_testcase") or not isinstance(item, pytest.Function):
        return 0.0
    try:
        return max(0.0, float(_series(item, budget, False, drop)[0].growth_per_call))
    except Exception:  # a unittest case is made by its run and ended by its tear-down
        return 0.0


@contextlib.contextmanager
def _captured(config: pytest.Config) -> Iterator[Callable[[], object]]:
    """Keep what the repeated runs print off the terminal; what is yielded drops what was kept so far."""
    manager: Any = config.pluginmanager.getplugin("capturemanager")
    if manager is None:
        yield lambda: None
        return
    manager.resume_global_capture()
    try:
        yield manager.read_global_capture
    finally:
        manager.suspend_global_capture(in_=True)
        manager.read_global_capture()


def _gate() -> Any:
    from leaklint.runtime.decide import GATES

    return GATES["count"]


def _series(item: pytest.Item, budget: float, body: bool, drop: Callable[[], object]) -> tuple[Any, int]:
    """What the blocks say after many runs, and how many. Without `body`, only what is around it runs."""
    from leaklint.runtime.decide import decide
    from leaklint.runtime.python.leaklint_inside import counters

    began = time.perf_counter()
    for _ in range(WARM_UP):
        _once(item, body)
    each = max((time.perf_counter() - began) / WARM_UP, 1e-6)
    step = max(1, min(MOST_RUNS, int(budget / (each * SAMPLES))))
    samples = array("q", [0]) * (SAMPLES + 1)  # a list would hold a new number for each reading
    for index in range(SAMPLES + 1):
        for _ in range(step if index else 1):
            _once(item, body)
        drop()
        for _ in range(3):
            if not gc.collect():
                break
        samples[index] = counters.blocks()
    return decide(samples, step, _gate().per_call, _gate().floor), WARM_UP + SAMPLES * step + 1


def _message(item: pytest.Item, growth: float, runs: int) -> str:
    from leaklint.runtime.python.leaklint_inside.explain import Look

    look = Look(str(item.config.rootpath))
    for number in range(EXPLAINED + 2):
        if number == 2:
            look.begin()
        _once(item, True)
    look.end(EXPLAINED)
    found = look.explain(None, "")
    size = f"{found['bytes_per_call']:,.0f} bytes"
    lines = [f"leaks {growth:.3g} memory blocks a run ({size}), seen over {runs} runs"]
    if found["types"]:
        lines.append(
            "objects a run: " + ", ".join(f"{name} {number:g}" for name, number in found["types"].items())
        )
    if found["retaining_path"]:
        lines.append("kept by: " + " → ".join(found["retaining_path"]))
    if found["allocation_site"]:
        lines.append(f"made at: {found['allocation_site']}")
    lines.append("allow it with @pytest.mark.leaklint(max_growth=…)")
    return "\n".join(lines)


def _once(item: Any, body: bool) -> None:
    """One more run, with fresh fixtures of the test's own scope."""
    with contextlib.suppress(ImportError):
        from _pytest.tmpdir import tmppath_result_key

        item.stash[tmppath_result_key] = {"setup": True, "call": True}
    if hasattr(item, "_initrequest"):
        item._initrequest()
    try:
        item.session._setupstate.setup(item)
        if body:
            item.runtest()
    finally:
        item.session._setupstate.teardown_exact(item.parent)
        if hasattr(item, "funcargs"):
            item.funcargs = {}
        item._report_sections.clear()
