"""The whole way of a file: front end, models, solver, rules, positions, triage. Reads aloud in a minute.

Work is done a batch at a time, in this process or in others; whatever fails becomes a diagnostic on the
file that it failed on.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leaklint import workers
from leaklint.config import Project, Settings, git_top
from leaklint.discover import Search, Target, unwanted
from leaklint.errors import UnreadableFile
from leaklint.evidence import Evidence
from leaklint.frontends.base import lower
from leaklint.ir import Opaque, Unit
from leaklint.report import Report, Skip
from leaklint.rule import CONFIDENCES, Finding, Rule, all_rules
from leaklint.source import SourceFile, to_utf8
from leaklint.triage import suppress
from leaklint.triage.dedupe import dedupe
from leaklint.triage.fingerprint import fingerprint
from leaklint.triage.select import check_selectors, enabled, exemptions

if TYPE_CHECKING:
    from leaklint.solve import Interface, Links


def check_source(source: SourceFile, settings: Settings | None = None) -> list[Finding]:
    """The findings of one file, in source order, as a user would see them with these settings."""
    settings = settings or Settings()
    return _check(source, settings, enabled(all_rules(), settings))[0]


def check_files(found: Search, project: Project, jobs: int = 0) -> Report:
    """Check every file that a search found, in as many processes as the work is worth."""
    settings = project.settings
    rules = all_rules()
    check_selectors(rules, (*settings.select, *settings.extend_select, *settings.ignore))
    exempt = exemptions(rules, project)
    report = Report(skipped=list(found.skipped), troubles=list(found.troubles))
    report.root = str(git_top(Path(project.root)) or project.root)
    report.rules = tuple(rule.code for rule in enabled(rules, settings))
    groups = workers.batches(found.targets, lambda target: target.size)
    count = workers.processes(jobs, len(found.targets))
    for part in workers.run(partial(check_batch, settings=settings), groups, count, _lost):
        report.findings += [finding for finding in part.findings if not exempt(finding)]
        report.checked += part.checked
        report.skipped += part.skipped
        report.troubles += part.troubles
        report.opaque += part.opaque
        report.interfaces += part.interfaces
    _link(report, found.targets, settings, exempt)
    report.findings.sort(key=order)
    report.skipped.sort()
    return report


def _link(
    report: Report, targets: Sequence[Target], settings: Settings, exempt: Callable[[Finding], bool]
) -> None:
    """Check once more, with what the other files say, those files that other files say something of."""
    from leaklint.solve import link

    links = link(report.interfaces)
    again = [target for target in targets if target.path in links]
    if not again:
        return
    paths = {target.path for target in again}
    linked = check_batch(again, settings, links)
    report.findings = [finding for finding in report.findings if finding.path not in paths]
    report.findings += [finding for finding in linked.findings if not exempt(finding)]


def check_batch(
    targets: Sequence[Target], settings: Settings, links: Mapping[str, Links] | None = None
) -> Report:
    """Check files one after the other. Collection of cycles waits: the records have none."""
    rules = enabled(all_rules(), settings)
    outcome = Report()
    collecting = gc.isenabled()
    gc.disable()
    try:
        for target in targets:
            _check_target(target, settings, rules, outcome, (links or {}).get(target.path))
    finally:
        if collecting:
            gc.enable()
    return outcome


def _check_target(
    target: Target, settings: Settings, rules: tuple[Rule, ...], outcome: Report, links: Links | None
) -> None:
    try:
        raw = Path(target.file).read_bytes()
    except OSError as error:
        outcome.troubles.append(str(UnreadableFile(target.path, error.strerror or str(error))))
        return
    if reason := unwanted(raw, target.explicit):
        outcome.skipped.append(Skip(target.path, reason))
        return
    outcome.checked.append(target.path)
    try:
        source = SourceFile(target.path, to_utf8(raw, target.path))
    except UnreadableFile as error:
        outcome.findings += _located(
            [_notice("LK001", target.path, error.reason)], SourceFile(target.path, raw)
        )
        return
    findings, opaque, interface = _check(source, settings, rules, links)
    outcome.findings += findings
    outcome.opaque += opaque
    if interface is not None and (interface.offered or interface.touches):
        outcome.interfaces.append(interface)


def _check(
    source: SourceFile, settings: Settings, rules: tuple[Rule, ...], links: Links | None = None
) -> tuple[list[Finding], int, Interface | None]:
    """Findings of a file, the number of constructs in it that were not understood, and its interface."""
    try:
        unit = lower(source)
    except Exception as error:
        failure = _located([_failure(source.path, error)], source)
        fingerprint(failure, source)
        return failure, 0, None
    findings = _problems(unit)
    reported, interface = _run(unit, rules, links)
    findings += reported
    _located(findings, source)
    fingerprint(findings, source)

    suppressions = suppress.read(unit, source) if unit.comments else []
    kept, _ = suppress.split(findings, suppressions)
    complaints = (
        list(suppress.complaints(unit.path, suppressions, all_rules(), rules)) if suppressions else []
    )
    _located(complaints, source)
    fingerprint(complaints, source)

    on = {rule.code for rule in rules}
    least = CONFIDENCES.index(settings.confidence)
    shown = [
        finding
        for finding in (*kept, *complaints)
        if finding.code in on and CONFIDENCES.index(finding.confidence) >= least
    ]
    shown = dedupe(shown, rules)
    opaque = list(map(type, unit.effects)).count(Opaque)
    if interface is not None:
        _locate([row.declared for row in interface.offered.values()], source)
        _locate([touch.site for touch in interface.touches], source)
    return sorted(shown, key=order), opaque, interface


def _run(
    unit: Unit, rules: Iterable[Rule], links: Links | None
) -> tuple[list[Finding], Interface | None]:
    """Every rule over the facts of a unit. A rule that fails costs its own findings only."""
    from leaklint.models import load
    from leaklint.solve import solve

    findings: list[Finding] = []
    try:
        facts = solve(unit, load(unit.language), links)
    except Exception as error:
        return [_failure(unit.path, error)], None
    for rule in rules:
        if rule.family == "run" or unit.language not in rule.languages:
            continue
        try:
            findings += rule.check(facts)
        except Exception as error:
            findings.append(_failure(unit.path, error, f"rule {rule.code}: "))
    try:
        return findings, facts.interface()
    except Exception as error:
        return [*findings, _failure(unit.path, error, "interface: ")], None


def _problems(unit: Unit) -> list[Finding]:
    return [
        _notice("LK001", unit.path, problem.message, problem.at, problem.end) for problem in unit.problems
    ]


def _lost(target: Target) -> Report:
    """What is left to say of a file that killed the process that checked it."""
    finding = _notice("LK000", target.path, "the process that checked it died")
    return Report([finding], [target.path])


def _failure(path: str, error: Exception, where: str = "") -> Finding:
    """An exception as a diagnostic: its kind, its text and the line of leaklint that raised it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "leaklint" in frame.filename]
    last = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    reason = " ".join(f"{where}{type(error).__name__}: {error}"[:200].split())
    return _notice("LK000", path, reason + last)


def _notice(code: str, path: str, reason: str, at: int = 0, end: int = 0) -> Finding:
    """A finding of a rule about the run."""
    rule = next(rule for rule in all_rules() if rule.code == code)
    message = rule.message.format(reason=reason)
    return Finding(code, rule.name, path, at, end, message, rule.advice, "high", rule.severity, "")


def _located(findings: list[Finding], source: SourceFile) -> list[Finding]:
    """Fill lines and columns from byte offsets. Evidence in other files is left to who linked it."""
    for finding in findings:
        _locate([finding, *finding.evidence], source)
    return findings


def _locate(parts: Iterable[Finding | Evidence], source: SourceFile) -> None:
    for part in parts:
        if part.path == source.path and not part.line:
            part.line, part.column = source.position(part.at)
            part.end_line, part.end_column = source.position(max(part.at, part.end))


def order(finding: Finding) -> tuple[list[str], int, int, str, str]:
    """The order of findings in every report."""
    return finding.path.split("/"), finding.line, finding.column, finding.code, finding.holder
