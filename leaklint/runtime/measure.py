"""Runs a driver until its series can be decided: how many calls a sample, how many samples, when to stop.

Language-neutral: an agent calls and reads, this file plans and reads the clock. It gives no verdict.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec

from leaklint.runtime.agent import (
    Agent,
    AgentFailure,
    Explanation,
    Inputs,
    Missing,
    RunPlan,
    Sample,
    Session,
    package,
)
from leaklint.runtime.decide import GATES, LEAST_SAMPLES, Decision, decide
from leaklint.runtime.horizon import pace, thinned
from leaklint.runtime.process import SILENT, scratch
from leaklint.runtime.suspect import Suspect

CALLS = 1600
"""Calls of a first series: at 1,600 the rule missed 76 of 3,200 synthetic leaks, at 800 it missed 140."""

SAMPLES = (80, 40, 24)
"""Samples of a first series, fewer where collections are slow. The rule needs more than 16."""

MOST_SAMPLES = 320
PROBE_SHARE = 0.35
"""Share of the budget that collections may take before there are fewer of them."""

LEAST_CALLS_SHARE = 0.3
"""Share of the budget that calls get in any case: a few dozen of them decide little."""

ALONGSIDE = 0.5
"""Time that calls get in any case, as a share of that of the collections: where those eat the budget up, as
on a machine with other work, calls that cost nothing must not be few."""

FIRST = 5.0
"""Seconds that a first call may take in any case: it loads what the others use."""

SERIES_SHARE = 0.8
"""Share of the budget for calls and collections, from when the process is ready; the rest is for the site and
the path of what grows."""

TRIAL = 20
"""Calls after which a driver that reaches no watched site is given up."""

WARMER = 3
"""Times that a series which is planned shorter than the goal may try whether calls have become cheaper: on a
JVM the first ones take a hundred times as long, and in 60 calls every cache looks like a leak."""

WARM_SHARE = 0.1
"""Share of the time left that such a try may take."""

EXPLAIN_SECONDS = 2.0
"""Time for the costly instruments, which slow calls down by about ten."""

SLOWDOWN = 10

EXPLAINED = 4
"""Holders that are explained: each takes that time."""

OPENED = ("left_open", "descriptors")
"""Counters of what was opened and not closed: left to the collector, or out of its reach."""


HUNG = "a call did not come back"
SMALLER = ": give a --trigger or a --workload that does one piece of its work"


class Run(msgspec.Struct):
    """One series in one process.

    samples: equally spaced, `step` calls apart; the first after the warm-up. failure: why the process
    gave no series; missing: the same for a runtime that is not there, `hint` says how to get it.
    uneasy: the process grows without being called. raises: calls that raise are part of it.
    """

    inputs: Inputs
    samples: list[Sample] = []
    step: int = 1
    runtime: str = ""
    failure: str = ""
    missing: str = ""
    hint: str = ""
    uneasy: str = ""
    explanations: dict[int, Explanation] = {}
    seconds: float = 0.0
    hit_seconds: float = 0.0
    budget: float = 0.0
    raises: bool = False

    @property
    def last(self) -> Sample:
        return self.samples[-1]

    @property
    def calls(self) -> int:
        return self.samples[-1].calls if self.samples else 0

    @property
    def error(self) -> str:
        return self.samples[-1].error if self.samples else ""

    def hits(self, watch: int) -> int:
        return self.last.watched[watch].hits if self.samples and watch < len(self.last.watched) else 0

    def lengths(self, watch: int) -> list[int] | None:
        """The series of a holder; None when it could not be read to the end."""
        return _known([sample.watched[watch].length for sample in self.samples])

    def entries(self, watch: int) -> list[int] | None:
        """The same without what is in its entries."""
        return _known([sample.watched[watch].entries for sample in self.samples])

    def counter(self, name: str) -> list[int] | None:
        found = [sample.counters.get(name) for sample in self.samples]
        return None if not found or None in found else [value for value in found if value is not None]

    def holder_decision(self, watch: int) -> Decision | None:
        return self.decided(self.lengths(watch))

    def decided(self, counts: list[int] | None) -> Decision | None:
        """What a series of exact counts says."""
        gate = GATES["count"]
        return decide(counts, self.step, gate.per_call, gate.floor) if counts else None

    def quicker(self) -> float:
        """Calls a second in the last eighth of the series by those in the first; 0 if unknown."""
        took = [sample.call_seconds for sample in self.samples[1:]]
        part = len(took) // 8
        if not part or median(took[-part:]) <= 0:
            return 0.0
        return median(took[:part]) / median(took[-part:])

    def opened(self) -> str:
        """The counter of what is opened that grows, else one that is undecided, else one that is there."""
        known = {name: found.leaks for name in OPENED if (found := self.decision(name)) is not None}
        order: tuple[bool | None, ...] = (True, None, False)
        return min(known, key=lambda name: order.index(known[name]), default="")

    def decision(self, name: str) -> Decision | None:
        """What a counter says; None when it is not there."""
        values = self.counter(name)
        gate = GATES.get(name, GATES["count"])
        return decide(values, self.step, gate.per_call, gate.floor) if values else None


def run(plan: RunPlan, budget: float, agent: Agent | None = None) -> Run:
    """One series. Never raises for what the checked program or its runtime does."""
    began = time.monotonic()
    found = Run(plan.inputs, budget=budget, raises=plan.raises)
    try:
        with scratch() as folder:
            session = (agent or load(plan.driver.language, plan.driver.origin)).open(plan, folder)
            try:
                _series(session, plan, found, time.monotonic() + budget * SERIES_SHARE)
            finally:
                session.close()
    except Missing as error:
        found.missing, found.hint = error.message, error.hint
    except AgentFailure as error:
        found.failure = error.message
    found.seconds = time.monotonic() - began
    return found


def load(language: str, origin: str = "") -> Agent:
    """The agent of a language, or the one that loads servers."""
    name = "served" if origin == "serve" else f"{package(language)}.agent"
    try:
        module: Any = importlib.import_module(f"leaklint.runtime.{name}")
    except ModuleNotFoundError as error:
        raise Missing(f"leaklint cannot run {language} here: no {error.name}") from error
    agent: Agent = module
    return agent


def _series(session: Session, plan: RunPlan, found: Run, deadline: float) -> None:
    found.runtime, found.hit_seconds = session.runtime, session.hit_seconds
    found.uneasy = _audit(session)
    patience = max(found.budget, FIRST)
    try:
        first = session.sample(1, patience if plan.driver.origin == "generated" else None)
    except AgentFailure as error:
        if error.message.startswith(SILENT):
            raise AgentFailure(f"{HUNG} within {patience:g} s{SMALLER}") from None
        raise
    tried = min(TRIAL, max(1, int(1.0 / max(first.call_seconds, 1e-6))))
    trial = session.sample(tried)
    found.samples = [trial]
    unreached = bool(plan.watches) and not any(row.hits for row in trial.watched)
    if (trial.errors and not plan.raises) or (unreached and plan.driver.origin == "generated"):
        return  # the next driver may do better
    calls, probe = trial.call_seconds / tried, trial.probe_seconds
    for _ in range(WARMER):
        seconds = deadline - time.monotonic()
        goal = _goal(plan, trial, calls, seconds)
        count, step = _shape(goal, calls, probe, seconds)
        if count * step >= goal or tried * calls > seconds * WARM_SHARE:
            break
        found.samples = [session.sample(tried)]  # the first calls load and compile what the next ones run
        if found.last.errors and not plan.raises:
            return
        calls = min(calls, found.last.call_seconds / tried)
        probe = min(probe, found.last.probe_seconds)
    seconds = deadline - time.monotonic()
    count, found.step = _shape(_goal(plan, trial, calls, seconds), calls, probe, seconds)
    found.samples = [session.sample(found.step)]
    while True:
        for _ in range(count + 1 - len(found.samples)):
            if time.monotonic() > deadline and len(found.samples) > LEAST_SAMPLES:
                break
            found.samples.append(session.sample(found.step))
            if found.last.errors and not plan.raises:
                return
        left = deadline - time.monotonic()
        calls, probe = pace(found.samples, found.step)
        short = count * found.step < _goal(plan, trial, calls, seconds)
        wanted = _undecided(found, plan) or (short and _grows(found))
        needed = count * (found.step * calls + probe)
        if len(found.samples) <= count or not wanted or needed > left:
            break
        if count * 2 <= MOST_SAMPLES:
            count *= 2
        elif short:  # a stall made the plan, and the calls cost far less than it thought
            found.samples, found.step = thinned(found.samples), found.step * 2
        else:
            break
    _explain(session, plan, found, calls)


def _goal(plan: RunPlan, trial: Sample, call: float, seconds: float) -> int:
    """Calls of a first series: enough to pass the limits of the holders that are reached, given time."""
    limits = [
        3 * watch.bound
        for watch, row in zip(plan.watches, trial.watched, strict=False)
        if row.hits and not watch.expires
    ]
    return max([CALLS, *(limit for limit in limits if limit * call <= seconds)])


def _known(found: list[int | None]) -> list[int] | None:
    """A series whose start may be missing: a holder that is made on first use has no length before."""
    known = [value for value in found if value is not None]
    if not known or any(value is None for value in found[found.index(known[0]) :]):
        return None
    return [0] * (len(found) - len(known)) + known


def _audit(session: Session) -> str:
    """Why a harness that makes no call cannot be trusted; empty if it is at rest."""
    quiet: list[Sample] = [session.sample(0) for _ in range(3)]
    for _ in range(3):
        grown = [_growth(before, after) for before, after in pairwise(quiet)]
        if not all(grown):
            return ""
        quiet = [quiet[-1], session.sample(0), session.sample(0)]
    return f"the process grows without being called: {grown[-1]}"


def _growth(before: Sample, after: Sample) -> str:
    if after.counters.get("count", 0) > before.counters.get("count", 0):
        return "its count of objects rises"
    for old, new in zip(before.watched, after.watched, strict=True):
        if (new.length or 0) > (old.length or 0):
            return "a watched holder fills"
    return ""


def _shape(goal: int, call: float, probe: float, seconds: float) -> tuple[int, int]:
    """How many samples, and calls between them, fit into the time."""
    seconds = max(seconds, 0.1)
    count = next((size for size in SAMPLES if size * probe <= seconds * PROBE_SHARE), SAMPLES[-1])
    while True:
        step = max(1, -(-goal // count))
        for_calls = max(seconds * LEAST_CALLS_SHARE, seconds * 0.8 - count * probe, count * probe * ALONGSIDE)
        if call > 0:
            step = max(1, min(step, int(for_calls / (call * count))))
        if count == SAMPLES[-1] or count * (step * call + probe) <= seconds * 1.2:
            return count, step
        count = SAMPLES[SAMPLES.index(count) + 1]


def passed(run: Run, watch: int, suspect: Suspect) -> bool:
    """Whether a holder went past the limit that the source speaks of, which then is none."""
    if suspect.bound <= 0:
        return not suspect.bound
    seen = run.entries(watch) or run.lengths(watch)
    return bool(seen and seen[-1] > 2 * suspect.bound)


def _undecided(found: Run, plan: RunPlan) -> bool:
    """Whether more calls may tell what these do not: by holder where one is read, else by the heap."""
    for watch, suspect in enumerate(plan.watches):
        limited = suspect.bound and not suspect.expires
        if limited and not passed(found, watch, suspect) and _leaks(found.holder_decision(watch)):
            return True
    decisions = [
        found.holder_decision(watch) for watch in range(len(found.last.watched)) if found.hits(watch)
    ]
    known = [decision for decision in decisions if decision is not None] or [
        decision for decision in (found.decision("count"),) if decision is not None
    ]
    return any(decision.leaks is None for decision in known)


def _explain(session: Session, plan: RunPlan, found: Run, call: float) -> None:
    """Ask for site and path of what grows. A process that dies over it leaves the series as it is."""
    growing = [
        watch
        for watch, suspect in enumerate(plan.watches)
        if found.hits(watch) and _leaks(_own_decision(found, watch, suspect))
    ]
    if not growing and _leaks(found.decision("count")):
        growing = [-1]
    calls = max(10, min(100, int(EXPLAIN_SECONDS / max(call * SLOWDOWN, 1e-6))))
    opened = [
        watch for watch, row in enumerate(plan.watches) if row.holder.kind == "resource" and found.hits(watch)
    ]
    others = [watch for watch in growing if watch not in opened]
    for watch in (*others[:EXPLAINED], *opened):  # one look tells of all that is opened
        try:
            found.explanations[watch] = session.explain(calls, watch)
        except AgentFailure:
            return


def _grows(found: Run) -> bool:
    """Whether anything in it is called a leak so far."""
    watched = (found.holder_decision(watch) for watch in range(len(found.last.watched)))
    return any(_leaks(row) for row in (found.decision("count"), *watched))


def _own_decision(found: Run, watch: int, suspect: Suspect) -> Decision | None:
    if suspect.holder.kind == "resource":
        return found.decision(found.opened()) if found.opened() else None
    return found.holder_decision(watch)


def _leaks(decision: Decision | None) -> bool:
    return decision is not None and decision.leaks is True


Runner = Callable[[RunPlan, float], Run]
"""What makes a Run: `run`, or something that answers from memory in tests."""
