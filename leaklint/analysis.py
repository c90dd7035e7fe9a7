"""One file from text to findings: front end, models, solver, every rule, positions, fingerprints.

What comes out depends on the file, the tool and what the project says of the file, and on no setting; so
it can be cached. `visible` then applies the settings.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

import msgspec

from leaklint.config import Settings
from leaklint.evidence import Evidence
from leaklint.frontends.base import lower
from leaklint.ir import Opaque, Unit
from leaklint.rule import CONFIDENCES, Finding, Rule, all_rules, rules_for
from leaklint.solve.interface import Interface, Links
from leaklint.source import SourceFile
from leaklint.triage import suppress
from leaklint.triage.dedupe import dedupe
from leaklint.triage.fingerprint import fingerprint

_SHOWN = 3  # places that could not be read, beside the first, that a finding shows


class Analysis(msgspec.Struct):
    """Everything that leaklint knows of one file. opaque: constructs that were not understood."""

    findings: list[Finding] = []
    suppressions: list[suppress.Suppression] = []
    opaque: int = 0
    interface: Interface | None = None


def analyse(source: SourceFile, links: Links | None = None) -> Analysis:
    """Analyse a file under all rules. Never raises: what fails becomes a finding of LK000."""
    try:
        unit = lower(source)
    except Exception as error:
        return Analysis(_finished([failure(source.path, error)], source))
    findings = _not_understood(unit) if unit.problems else []
    reported, interface = _run(unit, links)
    findings += reported
    if interface is not None:
        _locate([row.declared for row in interface.offered.values()], source)
        _locate([touch.site for touch in interface.touches], source)
    return Analysis(
        _finished(findings, source),
        suppress.read(unit, source) if unit.comments else [],
        list(map(type, unit.effects)).count(Opaque),
        interface if interface and interface.says else None,
    )


def visible(
    analysis: Analysis, source: SourceFile | None, path: str, settings: Settings, rules: tuple[Rule, ...]
) -> list[Finding]:
    """The findings that a user sees: not suppressed, of rules that are on, certain enough, once each.

    source: text of the file, read only where a comment of leaklint's own is at fault.
    """
    on = {rule.code for rule in rules}
    least = CONFIDENCES.index(settings.confidence)
    findings = [finding for finding in analysis.findings if finding.code in on]
    hidden: set[int] = set()
    complaints: list[Finding] = []
    if analysis.suppressions:
        hidden = set(map(id, suppress.split(findings, analysis.suppressions)[1]))
        complaints = list(suppress.complaints(path, analysis.suppressions, all_rules(), rules))
        if complaints and source is not None:
            _finished(complaints, source)
    sure = [finding for finding in findings if CONFIDENCES.index(finding.confidence) >= least]
    # the rule that speaks is chosen first: hiding it must not bring another one up at the same place
    shown = [finding for finding in dedupe(sure, rules) if id(finding) not in hidden]
    return sorted([*shown, *complaints], key=order)


def order(finding: Finding) -> tuple[list[str], int, int, str, str]:
    """The order of findings in every report."""
    return finding.path.split("/"), finding.line, finding.column, finding.code, finding.holder


def failure(path: str, error: Exception, where: str = "") -> Finding:
    """An exception as a diagnostic: its kind, its text and the line of leaklint that raised it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "leaklint" in frame.filename]
    last = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    reason = " ".join(f"{where}{type(error).__name__}: {error}"[:200].split())
    return notice("LK000", path, reason + last)


def notice(code: str, path: str, reason: str, at: int = 0, end: int = 0) -> Finding:
    """A finding of a rule about the run."""
    rule = next(rule for rule in all_rules() if rule.code == code)
    message = rule.message.format(reason=reason)
    return Finding(code, rule.name, path, at, end, message, rule.advice, "high", rule.severity, "")


def unread(path: str, raw: bytes, reason: str) -> Analysis:
    """The analysis of a file whose text could not be decoded."""
    return Analysis(_finished([notice("LK001", path, reason)], SourceFile(path, raw)))


def _not_understood(unit: Unit) -> list[Finding]:
    """One finding for all places of a file that could not be read, at the first: a dialect has hundreds."""
    first, *others = sorted(unit.problems, key=lambda problem: problem.at)
    more = f" (and {len(others)} other place{'s' * (len(others) > 1)})" if others else ""
    found = notice("LK001", unit.path, first.message + more, first.at, first.end)
    found.evidence = [Evidence(unit.path, row.at, row.end, row.message) for row in others[:_SHOWN]]
    return [found]


def _run(unit: Unit, links: Links | None) -> tuple[list[Finding], Interface | None]:
    """Every rule over the facts of a unit. A rule that fails costs its own findings only."""
    from leaklint.models import load
    from leaklint.solve import solve

    findings: list[Finding] = []
    try:
        facts = solve(unit, load(unit.language), links)
    except Exception as error:
        return [failure(unit.path, error)], None
    for rule in rules_for(unit.language):
        try:
            findings += rule.check(facts)
        except Exception as error:
            findings.append(failure(unit.path, error, f"rule {rule.code}: "))
    try:
        return findings, facts.interface()
    except Exception as error:
        return [*findings, failure(unit.path, error, "interface: ")], None


def _finished(findings: list[Finding], source: SourceFile) -> list[Finding]:
    """Findings with lines and columns from their byte offsets, and fingerprints; a line says a thing once."""
    for finding in findings:
        _locate([finding, *finding.evidence], source)
        said: dict[tuple[str, int, str], Evidence] = {}
        for row in finding.evidence:
            said.setdefault((row.path, row.line, row.message), row)
        finding.evidence = list(said.values())
    if findings:
        fingerprint(findings, source)
    return findings


def _locate(parts: Iterable[Finding | Evidence], source: SourceFile) -> None:
    for part in parts:
        if part.path == source.path and not part.line:
            part.line, part.column = source.position(part.at)
            part.end_line, part.end_column = source.position(max(part.at, part.end))
