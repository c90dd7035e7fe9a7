"""Code quality of GitLab: one array of issues, each with a fingerprint of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

from leaklint.report import Report
from leaklint.reporters.base import Sources, Style, encode
from leaklint.reporters.places import below, root_of

_SEVERITY = {"error": "critical", "warning": "major", "note": "info"}


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """One JSON document, indented, with a final line break."""
    root = root_of(report)
    seen: Counter[str] = Counter()
    issues = []
    for finding in report.findings:
        path = below(finding.path, root) or finding.path
        identity = f"{finding.code}\0{path}\0{finding.fingerprint}"
        seen[identity] += 1
        text = f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass")
        issues.append(
            {
                "description": f"{finding.code} {finding.rule}: {finding.message} {finding.advice}",
                "check_name": finding.code,  # not shown, so the description begins with it
                "fingerprint": blake2b(text, digest_size=16).hexdigest(),
                "severity": _SEVERITY[finding.severity],
                "location": {
                    "path": path,
                    "positions": {
                        "begin": {"line": finding.line, "column": finding.column},
                        "end": {"line": finding.end_line, "column": finding.end_column},
                    },
                },
            }
        )
    yield encode(issues)
