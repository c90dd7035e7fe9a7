"""Joins the series of a suspect to a verdict. Doubt is always `inconclusive`, with its reason.

Confirmed means: the site ran, the holder grew without end under at least one kind of arguments, everything
that could have released it had its chance, and the calls came from as far out as the program goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from leaklint.runtime import ways
from leaklint.runtime.agent import Driver, Explanation
from leaklint.runtime.measure import OPENED, Run, passed
from leaklint.runtime.readings import NATIVE, Reading, read_heap, reading_of
from leaklint.runtime.suspect import Release, Suspect

Status = Literal["confirmed", "refuted", "inconclusive", "not-run"]
NOT_EXERCISED = "release not exercised"
LIMITED = "its limit of "
MADE_UP = "what it is added to is an argument that leaklint made up, and lives no longer: give a --workload"
KEPT_TO = "no call took the way out on which something stays: give a --trigger under which the work fails"
NOT_SHOWN = {
    "LK110": "the keys are made up, and alike where those of a program may differ: give a --trigger",
    "LK501": "the values are made up, and those of a program may refer to their keys: give a --trigger",
    "LK421": "the driver starts no threads of its own: give a --trigger that starts and ends them",
}
"""By rule, why a made driver without growth refutes nothing."""
KEYED = frozenset({"LK101", "LK110", "LK111"})
"""Rules on entries whose keys come from the caller."""

ONE_KEY = "one entry stays, however different the made-up arguments are: give a --trigger whose keys differ"
ONE_KEPT = frozenset({"LK304", "LK424"})
ONE_AT_A_TIME = "it keeps one at a time, however many calls are made: their number shows nothing"
NO_OTHER_LOADER = "no other class loader came by that it could keep: give a --trigger that runs under one"
COLLECTED = "; the cyclic collector frees what is in a cycle"
RAISED = "the driver raised "
BELOW = "it grows when called below"
UNREACHED = "the calls never reached the suspect line"
SET_UP = ": give a --trigger or a --workload that sets up what it needs"
NOT_COUNTED = "nothing that is counted was opened at this line: no file, socket or compressor of the JDK"
NO_HANDLE = "the heap grows, but no descriptor and no thread stays: what the line opens may be gone"
NO_THREAD = "no thread was started under these calls: give a --trigger that uses what the line makes"
ONE_EXCEPTION = "it gathers nothing under these calls; what its stack trace keeps loaded, no call shows"
EXPIRES = "horizon: entries leave after a time that was not waited for"
PLOTTED = 33
"""Readings of a series that go into a report."""


class Verdict(msgspec.Struct, omit_defaults=False):
    """What running the code says about a suspect, as it stands in JSON.

    holder: what was watched; "" when only the heap was. inputs: the arguments under which it grows: `any`,
    `fresh` ones only, or the `same` only. counted: what `series` counts. series: equally spaced readings,
    `calls_per_reading` apart. overhead: seconds that the probe adds to each run of the site. raised: what
    calls raised behind the site, where they are part of the series.
    """

    status: Status
    shape: str = ""
    reason: str = ""
    trigger: str = ""
    holder: str = ""
    inputs: str = ""
    calls: int = 0
    holder_growth_per_call: float | None = None
    bytes_per_call: float | None = None
    counted: str = ""
    series: list[float] = []
    calls_per_reading: float = 0
    retaining_path: list[str] = []
    allocation_site: str = ""
    types: dict[str, float] = {}
    runtime: str = ""
    seconds: float = 0.0
    budget: float = 0.0
    overhead: float = 0.0
    raised: str = ""


def not_run(reason: str, hint: str = "", trigger: str = "") -> Verdict:
    """Nothing was tried; `hint` says how to get what is missing."""
    return Verdict("not-run", reason=f"{reason}; {hint}" if hint else reason, trigger=trigger)


def may_raise(suspect: Suspect) -> bool:
    """Whether growth counts although the calls raise: nothing takes out what is added."""
    removed = any(release.called for release in suspect.releases)
    return suspect.confidence in ("medium", "high") and not removed


def join(suspect: Suspect, watch: int, driver: Driver, runs: Sequence[Run]) -> Verdict:
    """The verdict on a suspect that was watch number `watch` of the runs of a driver."""
    refusal = _refusal(runs, watch)
    if refusal is not None:
        return _about(refusal, driver, suspect, runs)
    readings = [_read(run, watch, suspect) for run in runs if not _invalid(run, watch)]
    growing = [reading for reading in readings if reading.leaks]
    if growing:
        verdict = _grown(growing, watch, len(readings), len(runs))
        if suspect.holder.kind == "thread-local" and not verdict.retaining_path:
            verdict.retaining_path = ["a living thread", "thread-locals", suspect.holder.text]
        reason = _doubt(suspect, driver, growing, watch)
        if reason:
            verdict.status, verdict.reason = "inconclusive", reason
    else:
        verdict = _not_grown(suspect, driver, readings)
        leaves = suspect.code in ways.RULES or any(row.why == ways.LEAVES for row in suspect.releases)
        if verdict.status == "refuted" and leaves and not _left(suspect, watch, runs):
            verdict.status, verdict.reason = "inconclusive", KEPT_TO
        unshown = suspect.code in NOT_SHOWN and "threading.Thread(target=work)" not in driver.source
        if verdict.status == "refuted" and unshown and driver.origin == "generated":
            verdict.status, verdict.reason = "inconclusive", NOT_SHOWN[suspect.code]
        if verdict.status == "refuted" and driver.origin == "generated" and _one_key(suspect, watch, runs):
            verdict.status, verdict.reason = "inconclusive", ONE_KEY
        if verdict.status == "refuted" and suspect.code in ONE_KEPT and suspect.holder.kind != "reference":
            verdict.status, verdict.reason = "inconclusive", ONE_AT_A_TIME
        if verdict.status == "refuted" and suspect.code == "LK522":
            verdict.reason += COLLECTED
        _untried(verdict, runs, watch)
    return _about(verdict, driver, suspect, runs)


def join_heap(driver: Driver, runs: Sequence[Run]) -> Verdict:
    """The verdict on a driver by the heap alone: it confirms with exact counts only."""
    refusal = _refusal(runs, -1)
    if refusal is not None:
        return _about(refusal, driver, None, runs)
    batches = driver.origin in ("serve", "repeat")
    readings = [read_heap(run, batches) for run in runs if not _invalid(run, -1)]
    growing = [reading for reading in readings if reading.leaks]
    if growing:
        verdict = _grown(growing, -1, len(readings), len(runs))
        if growing[0].counted not in ("count", NATIVE, *OPENED):
            verdict.status, verdict.reason = (
                "inconclusive",
                f"only {growing[0].counted} grows, which is no exact count",
            )
        elif not driver.outermost:
            verdict.status, verdict.reason = "inconclusive", "it grows below its callers, which may release"
    else:
        verdict = _still(readings)
        _untried(verdict, runs, -1)
    return _about(verdict, driver, None, runs)


def _untried(verdict: Verdict, runs: Sequence[Run], watch: int) -> None:
    """Without fresh arguments nothing is refuted."""
    reason = next((_invalid(run, watch) for run in runs if run.inputs == "fresh"), "")
    if reason and verdict.status == "refuted":
        verdict.status, verdict.reason = "inconclusive", reason


def _refusal(runs: Sequence[Run], watch: int) -> Verdict | None:
    """Why no series can be read at all."""
    missing = next((run for run in runs if run.missing), None)
    if missing is not None:
        return not_run(missing.missing, missing.hint)
    reasons = [_invalid(run, watch) for run in runs]
    if all(reasons):
        return Verdict("inconclusive", reason=reasons[0])
    return None


def _invalid(run: Run, watch: int) -> str:
    """Why a series proves nothing; empty if it may."""
    if run.failure:
        return run.failure
    if run.error and not run.raises:
        return f"{RAISED}{run.error}"
    if watch >= 0 and run.samples and not run.hits(watch):
        return UNREACHED
    return run.uneasy


def _read(run: Run, watch: int, suspect: Suspect) -> Reading:
    """The holder decides; where it cannot be read, the heap."""
    if suspect.holder.kind == "thread-local":
        return _still_there(run, watch, "its value", "the thread-local could not be read")
    if suspect.holder.kind == "reference":
        return _still_there(run, watch, "a class loader of the call", NO_OTHER_LOADER)
    threads, running = run.decision("threads"), run.counter("threads")
    if suspect.holder.kind == "thread" and threads is not None and running is not None:
        if threads.leaks is False and _made_no_thread(run):
            return Reading(run, None, threads.shape, NO_THREAD, 0.0, "threads", running)
        return reading_of(run, threads, "threads", running)
    if suspect.holder.kind == "resource" and run.opened():
        return _left_open(run, watch, suspect)
    decision, lengths = run.holder_decision(watch), run.lengths(watch)
    if decision is None or lengths is None:
        found = read_heap(run)
        if found.leaks and _explained(run, watch):
            found.leaks, found.reason = None, "the holder cannot be read, and another one grows"
        return found
    own = run.entries(watch)
    shallow = run.decided(own)
    by_entry = decision.leaks and shallow is not None and shallow.leaks
    if shallow is not None and own is not None and (by_entry or suspect.code == "LK421"):
        decision, lengths = shallow, own  # entries a call, not entries with all that is in them
    if decision.leaks is None and _holds(own or lengths, suspect.bound, run.hits(watch)):
        reason = f"{LIMITED}{suspect.bound:,} entries holds"
        return Reading(run, False, "sawtooth", reason, decision.growth_per_call, "entries", own or lengths)
    heap = run.decision("count")
    if decision.leaks is False and heap is not None and heap.leaks and not _explained(run, watch):
        reason = f"the holder does not grow, but the heap does, by {heap.growth_per_call:.2g} blocks a call"
        return Reading(run, None, decision.shape, reason, decision.growth_per_call, "entries", lengths)
    return reading_of(run, decision, "entries", lengths)


def _holds(own: Sequence[int], bound: int, hits: int) -> bool:
    """Whether a holder came to the limit that the source speaks of, and stayed below or was emptied there."""
    top = max(own)
    if bound <= 0 or top > bound * 1.02 + 8:
        return False
    if hits > 3 * bound:
        return True  # hits may be counted once only: few of them say nothing
    if top < bound * 0.9:
        return False
    fell = any(before - after > bound * 0.4 for before, after in pairwise(own))
    return fell or min(own[-(len(own) // 4) :]) >= bound * 0.9


def _explained(run: Run, watch: int) -> bool:
    """Whether another holder grows, which makes the heap grow too."""
    others = (run.holder_decision(other) for other in range(len(run.last.watched)) if other != watch)
    return any(decision is not None and decision.leaks for decision in others)


def _made_no_thread(run: Run) -> bool:
    """Whether calls only made what would start threads, as pools do with their first task."""
    made = run.counter("threads_made")
    readings = len(run.samples) - 1  # each makes one as well
    return made is not None and made[-1] - made[0] - readings < 0.02 * run.step * readings


def _still_there(run: Run, watch: int, what: str, unread: str) -> Reading:
    """A thread-local or a static field holds one value: it leaks when that is there after every call."""
    lengths = run.lengths(watch) or []
    present = bool(lengths) and all(lengths[1:])
    if not lengths:
        return Reading(run, None, "short", unread, 0.0, "entries", lengths)
    if present:
        return Reading(
            run, True, "retained", f"{what} is still there after every call", 0.0, "entries", lengths
        )
    return Reading(run, False, "steady", f"{what} is gone after the call", 0.0, "entries", lengths)


def _left_open(run: Run, watch: int, suspect: Suspect) -> Reading:
    """What is opened and not closed; where all of that is closed, native memory that only the heap shows.

    In Python also the threads of what is opened. The heap confirms nothing there: an HTTP client that is
    closed leaves two blocks of its TLS context as well.
    """
    threads, running = run.decision("threads"), run.counter("threads")
    if suspect.language == "python" and threads is not None and running and threads.leaks:
        return reading_of(run, threads, "threads", running)
    name = run.opened()
    decision, values = run.decision(name), run.counter(name)
    assert decision is not None and values is not None
    heap = read_heap(run) if decision.leaks is False else None
    if heap is not None and heap.leaks:
        if suspect.language == "python":
            heap.leaks, heap.reason = None, NO_HANDLE
        return heap
    reading = reading_of(run, decision, name, values)
    seen = run.explanations.get(watch, Explanation()).other or _made_here(suspect, run, watch)
    if decision.leaks is False and not seen:
        reading.leaks, reading.reason = None, NOT_COUNTED
    return reading


def _grown(growing: list[Reading], watch: int, valid: int, tried: int) -> Verdict:
    first = growing[0]
    inputs = "any" if len(growing) > 1 or tried == 1 else first.run.inputs
    verdict = _verdict("confirmed", first)
    verdict.inputs = inputs if valid == tried else first.run.inputs
    found = first.run.explanations.get(watch) or first.run.explanations.get(-1) or Explanation()
    verdict.retaining_path = list(found.retaining_path)
    verdict.allocation_site = found.allocation_site
    verdict.bytes_per_call = round(first.growth, 1) if first.counted == NATIVE else found.bytes_per_call
    verdict.types = found.types
    return verdict


def _verdict(status: Status, reading: Reading) -> Verdict:
    step = max(1, -(-(len(reading.values) - 1) // (PLOTTED - 1)))
    holder = round(reading.growth, 4) if reading.counted in ("entries", "threads", *OPENED) else None
    return Verdict(
        status,
        reading.shape,
        reading.reason,
        calls=reading.run.calls,
        holder_growth_per_call=holder,
        counted="blocks" if reading.counted == "count" else reading.counted,
        series=[float(value) for value in reading.values[::step]],
        calls_per_reading=step * reading.run.step,
        runtime=reading.run.runtime,
    )


def _not_grown(suspect: Suspect, driver: Driver, readings: list[Reading]) -> Verdict:
    verdict = _still(readings)
    handed_on = bool(suspect.holder.given) and driver.origin == "generated" and "roxy(i" in driver.source
    if verdict.status == "refuted" and (_made_up(suspect, driver) or handed_on):
        verdict.status, verdict.reason = "inconclusive", MADE_UP
    if verdict.status == "refuted" and suspect.holder.kind == "exception":
        verdict.status, verdict.reason = "inconclusive", ONE_EXCEPTION
    if suspect.bound and verdict.status == "inconclusive" and verdict.counted == "entries":
        verdict.reason = f"horizon: it has a limit, and {verdict.reason}"
    if suspect.expires and verdict.status == "inconclusive" and verdict.holder_growth_per_call:
        verdict.reason = EXPIRES
    return verdict


def _made_up(suspect: Suspect, driver: Driver) -> bool:
    """Whether the driver hands in the very object that the finding is about."""
    given = suspect.holder.given
    called = driver.name.rpartition(":")[2].partition(",")[0]
    owner, _, name = given.rpartition(".")
    made = called == given or (name in ("constructor", "__init__") and called.rpartition(".")[0] == owner)
    return bool(given) and driver.origin in ("generated", "trigger") and made


def _still(readings: list[Reading]) -> Verdict:
    undecided = next((reading for reading in readings if reading.leaks is None), None)
    if undecided is not None:
        return _verdict("inconclusive", undecided)
    moved = max(readings, key=lambda reading: len(set(reading.values)))
    verdict = _verdict("refuted", moved)
    each = " with each kind of arguments" if len(readings) > 1 else ""
    verdict.reason = f"{moved.reason} ({moved.run.calls} calls{each})"
    return verdict


def _doubt(suspect: Suspect, driver: Driver, growing: list[Reading], watch: int) -> str:
    """Why growth is no proof yet; empty if it is."""
    run = growing[0].run
    last = run.last.watched[watch]
    if growing[0].counted != "entries" and _made_up(suspect, driver):
        return MADE_UP  # the heap grows, but not through an object that is gone after the call
    if growing[0].counted.endswith("_bytes"):
        return f"the holder cannot be read, and only {growing[0].counted} grows, which is no exact count"
    if growing[0].counted in OPENED and not _made_here(suspect, run, watch):
        found = run.explanations.get(watch, Explanation())
        each = ", and what the suspect line opened did not stay" if found.other else ""
        return f"something stays open that was opened at {found.allocation_site or 'another line'}{each}"
    if driver.origin == "generated" and not driver.outermost:
        return f"{BELOW} its callers in this project, which may release: give a --trigger"
    if suspect.expires:
        return EXPIRES
    if suspect.bound < 0:
        return "horizon: it has a limit, which these calls did not reach"
    if not passed(run, watch, suspect):
        return f"horizon: its limit of {suspect.bound:,} entries was not passed in {run.calls:,} calls"
    missed = [
        release
        for release, ran in zip(
            suspect.releases, last.release_hits or (False,) * len(suspect.releases), strict=False
        )
        if not ran and release.called and not release.function.endswith((".__del__", ".finalize"))
    ]
    if missed and not any(last.release_hits):
        return f"{NOT_EXERCISED}: {_where(missed[0])} did not run"
    if driver.origin == "generated" and suspect.registers and suspect.confidence in ("low", ""):
        return "it grows with each call, which looks like registration at start-up: give a --trigger"
    unsure = suspect.confidence in ("low", "") and not any(last.release_hits)
    if driver.origin == "generated" and driver.keeps_instance and unsure:
        owner = suspect.holder.owner or "object"
        return f"it grows as long as one `{owner}` lives, and nothing says how long: give a --trigger"
    return ""


def _made_here(suspect: Suspect, run: Run, watch: int) -> bool:
    """Whether the suspect line opened something that stayed open: others may run as well.

    CPython keeps no record of who opened a descriptor: there it is enough that the line ran.
    """
    if suspect.language == "python":
        return run.hits(watch) > 0
    made = run.explanations.get(watch, Explanation()).allocation_site
    lines = {line for site in suspect.sites for line in range(site.span.line, site.span.end_line + 1)}
    return made in {f"{suspect.path}:{line}" for line in lines}


def _one_key(suspect: Suspect, watch: int, runs: Sequence[Run]) -> bool:
    """Whether fresh arguments came to the same key again and again, as those of which nothing is known do."""
    fresh = [run.entries(watch) for run in runs if run.inputs == "fresh" and run.samples]
    keyed = suspect.code in KEYED and suspect.container == "map"
    return keyed and any(values is not None and set(values) == {1} for values in fresh)


def _left(suspect: Suspect, watch: int, runs: Sequence[Run]) -> bool:
    """Whether a statement ran that leaves past the removal."""
    return any(
        ran and release.why == ways.LEAVES
        for run in runs
        if run.samples
        for release, ran in zip(suspect.releases, run.last.watched[watch].release_hits, strict=False)
    )


def _where(release: Release) -> str:
    line = f"line {release.span.line}"
    return f"`{release.function}()`, {line}," if release.function else line


def _about(verdict: Verdict, driver: Driver, suspect: Suspect | None, runs: Sequence[Run]) -> Verdict:
    if driver.origin == "generated" and verdict.reason.startswith((RAISED, UNREACHED)):
        verdict.reason += SET_UP
    verdict.trigger = driver.name
    verdict.holder = suspect.holder.text if suspect is not None else ""
    verdict.seconds = round(sum(run.seconds for run in runs), 2)
    verdict.budget = max((run.budget for run in runs), default=0.0)
    verdict.raised = next((run.error for run in runs if run.raises and run.error), "")
    verdict.overhead = max((run.hit_seconds for run in runs), default=0.0)
    verdict.runtime = verdict.runtime or next((run.runtime for run in runs if run.runtime), "")
    return verdict
