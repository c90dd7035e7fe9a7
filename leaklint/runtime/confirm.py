"""Tries everything that a static run found, and joins the verdicts to the findings."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from leaklint.errors import LeaklintError, UsageError
from leaklint.report import Report
from leaklint.rule import CONFIDENCES, Confidence, Finding
from leaklint.runtime import drivers
from leaklint.runtime.agent import Driver
from leaklint.runtime.derive import outline
from leaklint.runtime.elsewhere import Elsewhere
from leaklint.runtime.process import interruptible
from leaklint.runtime.suspect import Callable, Outline
from leaklint.runtime.trial import Options, Trials, Tried
from leaklint.runtime.verdict import Verdict, not_run

LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".java": "java",
} | dict.fromkeys((".ts", ".mts", ".cts", ".tsx", ".jsx"), "javascript")


class Trigger(msgspec.Struct, frozen=True):
    """`FILE:NAME`, as the user gave it."""

    file: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Trigger:
        file, colon, name = text.rpartition(":")
        if not colon or not file or not name:
            raise UsageError(f"--trigger {text}: expected FILE:NAME", "for example app/cache.py:serve")
        return cls(file, name)


class Trial(msgspec.Struct):
    """What came of one finding, or of one trigger (`finding` None)."""

    finding: Finding | None
    tried: Tried


def confirm(
    report: Report,
    files: dict[str, str],
    options: Options,
    *,
    triggers: Sequence[Trigger] = (),
    drive: Sequence[Driver] = (),
    jobs: int = 2,
    least: Confidence = "medium",
    around: dict[str, str] | None = None,
) -> list[Trial]:
    """Verdicts for the findings of a report, which it changes.

    files: absolute path by shown path. drive: workloads and commands of the user; with them, or with
    triggers, nothing else is run. least: candidates below this confidence stay only when confirmed.
    around: further files of the project, in which callers are looked for.
    """
    slots = threading.Semaphore(max(1, jobs))
    outlines = _outlines(report, files, [trigger.file for trigger in triggers])
    done: list[Trial] = []
    with interruptible():
        for trigger in triggers:
            done += _under_trigger(outlines, trigger, report, options, slots)
        for driver in drive:
            done += _under_driver(outlines, driver, report, options, slots)
        if not triggers and not drive:
            done = _alone(
                outlines,
                report,
                options,
                slots,
                jobs,
                Elsewhere({**(around or {}), **files}, options.project),
            )
    _apply(report, done, least)
    return done


def plan_drivers(
    report: Report, files: dict[str, str], options: Options, triggers: Sequence[Trigger]
) -> list[Driver]:
    """The drivers that `confirm` would try first, without running anything."""
    found: list[Driver] = []
    trials = Trials(options, threading.Semaphore())
    outlines = _outlines(report, files, [trigger.file for trigger in triggers])
    if triggers:
        for trigger in triggers:
            item, target = _target(outlines, trigger)
            found += [trials.write(plan) for plan in list(drivers.trigger_plans(item, target))[:1]]
    else:
        elsewhere = Elsewhere(files, options.project)
        for item in outlines.values():
            for suspect in item.suspects:
                ways = trials.plans(item, suspect, elsewhere.callers(item, suspect))
                found += [trials.write(plan) for plan in list(ways)[:1]]
    return list(dict.fromkeys(found))


def _outlines(report: Report, files: dict[str, str], more: Iterable[str]) -> dict[str, Outline]:
    """The files that have findings, and those that a trigger names."""
    found: dict[str, Outline] = {}
    wanted = {finding.path for finding in report.findings if not finding.code.startswith("LK0")}
    shown = {str(Path(file).resolve()): path for path, file in files.items()}
    for name in more:
        real = Path(name)
        if not real.is_file():
            raise UsageError(f"{name}: no such file", "a trigger is FILE:NAME")
        wanted.add(shown.get(str(real.resolve()), name))
    for path in sorted(wanted):
        findings = [finding for finding in report.findings if finding.path == path]
        try:
            found[path] = outline(Path(files.get(path, path)), path, findings)
        except (OSError, LeaklintError) as error:
            report.troubles.append(f"{path}: {error}")
    return found


def _alone(
    outlines: dict[str, Outline],
    report: Report,
    options: Options,
    slots: threading.Semaphore,
    jobs: int,
    elsewhere: Elsewhere,
) -> list[Trial]:
    """Each suspect with a driver made for it."""
    work = []
    for path, item in outlines.items():
        trials = Trials(options, slots)
        by_print = {(suspect.code, suspect.fingerprint): suspect for suspect in item.suspects}
        for finding in report.findings:
            if finding.path == path and not finding.code.startswith("LK0"):
                work.append((trials, item, by_print.get((finding.code, finding.fingerprint)), finding))
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        tried = pool.map(
            lambda row: (
                row[0].suspect(row[1], row[2], elsewhere.callers(row[1], row[2])) if row[2] else _nothing()
            ),
            work,
        )
        return [Trial(row[3], result) for row, result in zip(work, tried, strict=True)]


def _nothing() -> Tried:
    return Tried(not_run("nothing in it can be watched while it runs"))


def _under_trigger(
    outlines: dict[str, Outline],
    trigger: Trigger,
    report: Report,
    options: Options,
    slots: threading.Semaphore,
) -> list[Trial]:
    item, target = _target(outlines, trigger)
    each, overall = Trials(options, slots).trigger(item, list(drivers.trigger_plans(item, target)))
    overall.verdict.trigger = f"{item.path}:{target.text}"
    return [*_matched(item, report, each), Trial(None, overall)]


def _under_driver(
    outlines: dict[str, Outline], driver: Driver, report: Report, options: Options, slots: threading.Semaphore
) -> list[Trial]:
    mine = [item for item in outlines.values() if item.language == driver.language]
    watches = tuple(suspect for item in mine for suspect in item.suspects)
    each, overall = Trials(options, slots).driver(driver, watches, len(watches))
    done: list[Trial] = []
    for item in mine:
        done += _matched(item, report, each[: len(item.suspects)])
        each = each[len(item.suspects) :]
    return [*done, Trial(None, overall)]


def _matched(item: Outline, report: Report, each: Sequence[Tried]) -> list[Trial]:
    by_print = {
        (suspect.code, suspect.fingerprint): tried for suspect, tried in zip(item.suspects, each, strict=True)
    }
    return [
        Trial(finding, by_print.get((finding.code, finding.fingerprint)) or _nothing())
        for finding in report.findings
        if finding.path == item.path and not finding.code.startswith("LK0")
    ]


def _target(outlines: dict[str, Outline], trigger: Trigger) -> tuple[Outline, Callable]:
    real = str(Path(trigger.file).resolve())
    item = next((item for item in outlines.values() if item.file == real), None)
    if item is None:
        raise UsageError(f"{trigger.file}: cannot be read")
    found = drivers.find_target(item, trigger.name)
    if len(found) == 1:
        return item, found[0]
    names = sorted({target.text for target in found or item.callables if not target.inside})
    reason = "fits more than one of them" if found else "no such function or method"
    raise UsageError(f"--trigger {trigger.file}:{trigger.name}: {reason}", f"it has {', '.join(names[:12])}")


def _apply(report: Report, done: Sequence[Trial], least: Confidence) -> None:
    """Confirmed raises to error, refuted lowers to note; candidates that were not confirmed go."""
    order = ("confirmed", "inconclusive", "refuted", "not-run")
    best: dict[int, Verdict] = {}
    for trial in done:
        if trial.finding is not None:
            known = best.get(id(trial.finding))
            verdict = trial.tried.verdict
            if known is None or order.index(verdict.status) < order.index(known.status):
                best[id(trial.finding)] = verdict
    kept = []
    for finding in report.findings:
        verdict_of = best.get(id(finding))
        if verdict_of is not None:
            finding.verdict = msgspec.to_builtins(verdict_of)
            if verdict_of.status == "confirmed":
                finding.severity, finding.confidence = "error", "high"
            elif verdict_of.status == "refuted":
                finding.severity = "note"
        sure = CONFIDENCES.index(finding.confidence) >= CONFIDENCES.index(least)
        if sure or (verdict_of is not None and verdict_of.status == "confirmed"):
            kept.append(finding)
    report.findings[:] = kept
    report.verdicts = [_row(trial) for trial in done]


def _row(trial: Trial) -> dict[str, object]:
    """A verdict with the finding that it is about, for the list of all."""
    row: dict[str, object] = msgspec.to_builtins(trial.tried.verdict)
    finding = trial.finding
    row["finding"] = (
        None
        if finding is None
        else {
            "code": finding.code,
            "path": finding.path,
            "line": finding.line,
            "fingerprint": finding.fingerprint,
        }
    )
    return row
