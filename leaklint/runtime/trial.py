"""Tries the suspects of a file: chooses drivers until one reaches the site without raising, and judges.

Runs are kept by driver: suspects that are driven the same way share them.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from leaklint.runtime import drivers, measure
from leaklint.runtime.absent import GONE
from leaklint.runtime.agent import Driver, Inputs, Limits, Missing, RunPlan, package
from leaklint.runtime.measure import HUNG, Run, Runner
from leaklint.runtime.suspect import Entry, Outline, Suspect
from leaklint.runtime.verdict import (
    BELOW,
    KEPT_TO,
    LIMITED,
    NOT_EXERCISED,
    RAISED,
    SET_UP,
    Verdict,
    join,
    join_heap,
    may_raise,
    not_run,
)

ENTRIES = 4
"""Ways to a site that are tried; the further ones are ever more unlike the program."""

RAISING = 2
"""Drivers that raise which are run on to see what they leave behind."""

HANGING = 2
"""Callables that do not come back, each of which costs the budget once."""

MOST_QUIET = 40
"""Holders without a finding that are watched besides: reading each takes time."""

CHURN = 0.5
"""Objects a call: what an undecided heap may gain beside a holder that was seen to stay. Fifty entries
that are replaced one by one differ in size: compiled patterns moved a heap by 0.05 to 0.1 a call."""

UNREACHED = "nothing that a driver can call leads to the suspect line: give a --workload"
FAILS = "LK115"
"""The rule on what stays when work fails."""

ON_ONE = frozenset({"LK206", "LK311"})
"""Rules on what one object starts twice and ends once, or wraps again and again: another object for each call
would end each, and begin anew."""

THREADED = frozenset({"LK421"})
"""Rules on what is kept for each thread: each call is made in one of its own."""

DROPPED = frozenset({"LK511"})
"""Rules on objects that nobody ends: those that a driver makes are only dropped."""

BOTH: tuple[Inputs, ...] = ("fresh", "same")


class Options(msgspec.Struct, frozen=True):
    """How to run: folder of the project, seconds a suspect, runtime to use by language, class path."""

    project: str
    budget: float = 10.0
    runtimes: dict[str, str] = {}
    class_path: tuple[str, ...] = ()
    memory: int = 2 << 30


class Tried(msgspec.Struct):
    """A verdict with the driver that it came from. ran: whether the suspect line did, whatever was raised."""

    verdict: Verdict
    driver: Driver | None = None
    ran: bool = False


class Trials:
    """Trials of the suspects of one file, or of one driver over several files."""

    def __init__(self, options: Options, slots: threading.Semaphore, runner: Runner = measure.run) -> None:
        self.options = options
        self._slots = slots
        self._runner = runner
        self._runs: dict[tuple[str, tuple[str, ...], bool], Future[list[Run]]] = {}
        self._lock = threading.Lock()

    def suspect(
        self, outline: Outline, suspect: Suspect, outside: Sequence[tuple[Outline, Entry]] = ()
    ) -> Tried:
        """The verdict on a suspect with a driver made for it. outside: ways that start in other files.

        Where the file imports what is not there, something else may stand in for that: what answers to
        anything shows a holder of the program that grows, and refutes nothing.
        """
        found = self._tried(outline, suspect, outside)
        if not found.verdict.reason.startswith(GONE) or outline.language == "java":
            return found
        without = self._tried(outline, suspect, outside, stands_in=True)
        if without.verdict.status != "confirmed" or without.verdict.counted != "entries":
            return found
        gone = found.verdict.reason.partition(";")[0]
        without.verdict.reason += f"; {gone}, and what stands in does nothing"
        return without

    def _tried(
        self,
        outline: Outline,
        suspect: Suspect,
        outside: Sequence[tuple[Outline, Entry]],
        *,
        stands_in: bool = False,
    ) -> Tried:
        """The verdict under the first plan that reaches the suspect line without raising."""
        first: Tried | None = None
        raised: list[Tried] = []
        hung: set[str] = set()
        for plan in self.plans(outline, suspect, outside):
            if plan.callable.text in hung:
                continue  # a loop without an end has none under other arguments either
            plan = msgspec.structs.replace(plan, stands_in=stands_in)
            tried, onwards = self._attempt(outline, suspect, plan)
            if plan.placed:  # a made-up peer answers little: what it leads to refutes nothing
                if tried.verdict.status != "confirmed" or not _own_growth(tried):
                    raised[:0] = [tried] if tried.ran else []
                    continue
                first, onwards = None, False
            elif tried.verdict.reason.startswith(RAISED):
                raised.append(tried)
            if tried.verdict.reason.startswith(HUNG):
                hung.add(plan.callable.text)
                onwards = len(hung) < HANGING
            first = first or tried
            if not onwards:
                first = self._with_releases(outline, suspect, plan, tried)
                break
        if first is None:
            return Tried(Verdict("inconclusive", reason=UNREACHED))
        if first.verdict.reason == KEPT_TO and suspect.code == FAILS:
            return self._as_it_fails(suspect, plan, first)
        if first.verdict.status == "inconclusive" and raised:
            return self._although_raised(suspect, raised, first)
        return first

    def _as_it_fails(self, suspect: Suspect, plan: drivers.CallPlan, found: Tried) -> Tried:
        """Once more with arguments that fail, where nothing but a failure leaves an entry in."""
        tried = self._raising(suspect, self.write(drivers.failing(plan)))
        return tried or found

    def _although_raised(self, suspect: Suspect, raised: Sequence[Tried], found: Tried) -> Tried:
        """Where the outer callers raise: what they leave behind, if that counts; else what they raised."""
        counts = may_raise(suspect) or suspect.code == FAILS
        behind = [tried for tried in raised if tried.ran and counts]
        for tried in behind[:RAISING]:
            assert tried.driver is not None
            again = self._raising(suspect, tried.driver)
            if again is not None:
                return again
        if found.verdict.reason.startswith(BELOW):
            first = raised[0].verdict
            what = first.reason.removeprefix(RAISED).removesuffix(SET_UP)
            caller = first.trigger.rpartition(":")[2]
            found.verdict.reason = f"{BELOW} `{caller}`, which raised {what}{SET_UP}"
        return found

    def _raising(self, suspect: Suspect, driver: Driver) -> Tried | None:
        """A leak that is confirmed by calls that raise; None without one."""
        verdict = join(suspect, 0, driver, self.runs(driver, (suspect,), BOTH, raises=True))
        grows = verdict.status == "confirmed" and verdict.counted == "entries"
        return Tried(verdict, driver) if grows else None

    def _with_releases(
        self, outline: Outline, suspect: Suspect, plan: drivers.CallPlan, tried: Tried
    ) -> Tried:
        """Where only the releases were missing: once more with them, called after each call."""
        if not tried.verdict.reason.startswith(NOT_EXERCISED):
            return tried
        names = [release.function for release in suspect.releases if release.called]
        both = drivers.balanced(outline, plan, names)
        if both is None:
            return tried
        again, onwards = self._attempt(outline, suspect, both)
        endless = again.verdict.reason.startswith("the time limit")  # a release may be the loop of a thread
        return tried if onwards or endless or again.verdict.status == "not-run" else again

    def plans(
        self, outline: Outline, suspect: Suspect, outside: Sequence[tuple[Outline, Entry]] = ()
    ) -> Iterator[drivers.CallPlan]:
        """What may be called, the outermost first. With callers in other files, nothing here is outermost."""
        keeps = suspect.holder.kind == "field" or suspect.code in ON_ONE or suspect.on_field
        drops = suspect.code in DROPPED
        threaded = suspect.code in THREADED and suspect.language == "python"
        owner = suspect.holder.owner if suspect.holder.kind == "field" else ""
        for other, entry in outside[:ENTRIES]:
            for plan in drivers.plans(other, entry, keeps_instance=keeps, owner=owner):
                yield msgspec.structs.replace(
                    plan, teardown=() if drops else plan.teardown, threaded=threaded
                )
        for entry in suspect.entries[:ENTRIES]:
            for plan in drivers.plans(outline, entry, keeps_instance=keeps, owner=owner):
                yield msgspec.structs.replace(
                    plan,
                    outermost=plan.outermost and not outside,
                    teardown=() if drops else plan.teardown,
                    threaded=threaded,
                )

    def _attempt(self, outline: Outline, suspect: Suspect, plan: drivers.CallPlan) -> tuple[Tried, bool]:
        """The verdict under one plan, and whether the next one may do better."""
        try:
            driver = self.write(plan)
        except Missing as error:
            return Tried(not_run(error.message, error.hint, plan.name)), True
        kind = suspect.holder.kind  # what cannot be read is judged by the heap, which others may fill
        same_kind = [item for item in outline.suspects if kind == "unknown" or item.holder.kind == kind]
        watches = tuple(same_kind[:MOST_QUIET]) if suspect in same_kind[:MOST_QUIET] else (suspect,)
        runs = self.runs(driver, watches, BOTH)
        index = watches.index(suspect)
        verdict = join(suspect, index, driver, runs)
        reached = [run for run in runs if not run.failure and not run.error and run.hits(index)]
        stuck = any(run.missing or "limit" in run.failure or "ModuleNotFound" in run.failure for run in runs)
        return Tried(verdict, driver, any(run.hits(index) for run in runs)), not reached and not stuck

    def trigger(self, outline: Outline, plans: Sequence[drivers.CallPlan]) -> tuple[list[Tried], Tried]:
        """Verdicts on all suspects of a file under a callable of the user's, and on the callable itself."""
        watches = (*outline.suspects, *outline.quiet[:MOST_QUIET])
        tried: tuple[Driver, list[Run]] | None = None
        for plan in plans:
            try:
                driver = self.write(plan)
            except Missing as error:
                refusal = not_run(error.message, error.hint, plan.name)
                return [Tried(refusal) for _ in outline.suspects], Tried(refusal)
            runs = self.runs(driver, watches, BOTH)
            if tried is None or not any(run.failure or run.error for run in runs):
                tried = (driver, runs)
            if not any(run.error or "setup raised" in run.failure for run in runs):
                break
        if tried is None:
            refusal = Verdict(
                "inconclusive", reason="it cannot be called without an object of an unknown kind"
            )
            return [Tried(refusal) for _ in outline.suspects], Tried(refusal)
        driver, runs = tried
        return self.judge(driver, runs, watches, len(outline.suspects))

    def driver(self, driver: Driver, watches: tuple[Suspect, ...], asked: int) -> tuple[list[Tried], Tried]:
        """Verdicts under a workload or a command of the user; the first `asked` watches are suspects."""
        inputs = BOTH if driver.origin == "workload" else BOTH[:1]
        return self.judge(driver, self.runs(driver, watches, inputs), watches, asked)

    def judge(
        self, driver: Driver, runs: list[Run], watches: Sequence[Suspect], asked: int
    ) -> tuple[list[Tried], Tried]:
        verdicts = [join(suspect, index, driver, runs) for index, suspect in enumerate(watches)]
        return [Tried(verdict, driver) for verdict in verdicts[:asked]], Tried(
            _worst(verdicts, driver, runs), driver
        )

    def write(self, plan: drivers.CallPlan) -> Driver:
        driver: Driver = writer(plan.language).write(plan, self.options.project)
        return msgspec.structs.replace(driver, class_path=(*self.options.class_path, *driver.class_path))

    def runs(
        self,
        driver: Driver,
        watches: tuple[Suspect, ...],
        inputs: tuple[Inputs, ...],
        *,
        raises: bool = False,
    ) -> list[Run]:
        """The series of a driver, from memory if it ran before."""
        key = (driver.source or driver.file or driver.name, tuple(watch.key for watch in watches), raises)
        with self._lock:
            known = self._runs.get(key)
            mine = known is None
            if known is None:
                known = self._runs[key] = Future()
        if mine:
            try:
                with ThreadPoolExecutor(len(inputs)) as pool:
                    found = pool.map(lambda kind: self._run(driver, watches, kind, raises), inputs)
                    known.set_result(list(found))
            except BaseException as error:
                known.set_exception(error)
        return known.result()

    def _run(self, driver: Driver, watches: tuple[Suspect, ...], inputs: Inputs, raises: bool) -> Run:
        options = self.options
        limits = Limits(seconds=options.budget * 2 + 10, memory=options.memory)
        plan = RunPlan(
            driver, watches, options.project, inputs, limits, options.runtimes.get(driver.language, "")
        )
        plan = msgspec.structs.replace(plan, raises=raises)
        with self._slots:
            return self._runner(plan, options.budget)


def _own_growth(tried: Tried) -> bool:
    """Whether what grows is the program's: beside a peer in its process, only entries are."""
    peers = tried.driver is not None and "class Peer" in tried.driver.source
    return tried.verdict.counted == "entries" or not peers


def writer(language: str) -> Any:
    """The module that writes drivers in a language. Raises Missing."""
    try:
        return importlib.import_module(f"leaklint.runtime.{package(language)}.drivers")
    except ModuleNotFoundError as error:
        raise Missing(f"leaklint cannot run {language} here: no {error.name}") from error


def _worst(verdicts: Sequence[Verdict], driver: Driver, runs: list[Run]) -> Verdict:
    """The verdict on a trigger: a holder that grows, else what the heap says."""
    confirmed = [verdict for verdict in verdicts if verdict.status == "confirmed"]
    if confirmed:
        return max(confirmed, key=lambda verdict: verdict.holder_growth_per_call or 0.0)
    heap = join_heap(driver, runs)
    doubtful = [
        verdict
        for verdict in verdicts
        if verdict.status == "inconclusive" and (verdict.holder_growth_per_call or 0) > 0 and verdict.inputs
    ]
    if doubtful:
        return doubtful[0]
    still = [verdict for verdict in verdicts if verdict.status == "refuted"]
    if still and heap.status == "inconclusive" and heap.counted.endswith("_bytes"):
        return still[0]  # bytes are no exact count, and the holders that were reached do not grow
    unsettled = heap.status == "inconclusive" and heap.shape in ("noisy", "slowing")
    limited = [verdict for verdict in still if verdict.reason.startswith(LIMITED)]
    if limited and unsettled:
        return limited[0]  # the heap swings with what is emptied at its limit
    if still and unsettled and _growth(heap) < CHURN:
        return still[0]
    return heap


def _growth(heap: Verdict) -> float:
    """Objects a call between the ends of the plotted series; infinite without one."""
    calls = heap.calls_per_reading * (len(heap.series) - 1)
    return (heap.series[-1] - heap.series[0]) / calls if calls else float("inf")
