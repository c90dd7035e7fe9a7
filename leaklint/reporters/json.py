"""JSON, version 1, as docs/json.md describes it. Fields are only ever added."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.evidence import Evidence
from leaklint.report import Report
from leaklint.reporters.base import Sources, Style, encode
from leaklint.rule import Finding

VERSION = 1


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """One JSON document, indented, with a final line break."""
    document = {
        "version": VERSION,
        "findings": [finding_record(finding) for finding in report.findings],
        "summary": _summary(report),
    }
    if report.verdicts is not None:
        document["verdicts"] = report.verdicts
    yield encode(document)


def finding_record(finding: Finding) -> dict[str, object]:
    """A finding with the fields of the format, in their order."""
    return {
        "code": finding.code,
        "rule": finding.rule,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "message": finding.message,
        "advice": finding.advice,
        "confidence": finding.confidence,
        "severity": finding.severity,
        "holder": finding.holder,
        "evidence": [_evidence_record(evidence) for evidence in finding.evidence],
        "fingerprint": finding.fingerprint,
        "verdict": finding.verdict,
    }


def _evidence_record(evidence: Evidence) -> dict[str, object]:
    return {
        "path": evidence.path,
        "line": evidence.line,
        "column": evidence.column,
        "message": evidence.message,
    }


def _summary(report: Report) -> dict[str, object]:
    summary: dict[str, object] = {
        "files": len(report.checked),
        "skipped": report.by_reason(),
        "findings": report.by_severity(),
        "opaque": report.opaque,
    }
    if report.known:
        summary["known"] = report.known
    if report.seconds is not None:
        summary["seconds"] = round(report.seconds, 3)
    return summary
