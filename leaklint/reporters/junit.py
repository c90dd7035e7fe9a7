"""JUnit XML: one suite a file, one failed case a finding; a file without findings is a case that passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from leaklint.exits import INTERNAL_ERROR
from leaklint.report import Report
from leaklint.reporters.base import Sources, Style
from leaklint.reporters.places import below, root_of
from leaklint.rule import Finding

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """One document, indented, with a final line break."""
    root = root_of(report)
    by_path: dict[str, list[Finding]] = {path: [] for path in report.checked}
    for finding in report.findings:
        by_path.setdefault(finding.path, []).append(finding)
    top = ElementTree.Element("testsuites", name="leaklint")
    for path in sorted(by_path, key=lambda path: path.split("/")):
        findings = by_path[path]
        name = _text(below(path, root) or path)
        suite = ElementTree.SubElement(top, "testsuite", name=name, tests=str(max(1, len(findings))))
        broken = sum(finding.code == INTERNAL_ERROR for finding in findings)
        suite.attrib |= {"failures": str(len(findings) - broken), "errors": str(broken)}
        if not findings:
            ElementTree.SubElement(suite, "testcase", name="leaklint", classname=name, file=name)
        for finding in findings:
            _case(suite, finding, name)
    suites = list(top)
    for count in ("tests", "failures", "errors"):
        top.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    ElementTree.indent(top)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ElementTree.tostring(top, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, finding: Finding, name: str) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=f"{finding.code} {finding.rule} at {finding.line}:{finding.column}",
        classname=name,
        file=name,
        line=str(finding.line),
    )
    kind = "error" if finding.code == INTERNAL_ERROR else "failure"
    failure = ElementTree.SubElement(case, kind, type=finding.severity, message=_text(finding.message))
    rows = [f"{name}:{finding.line}:{finding.column}: {finding.message}", finding.advice]
    rows += [f"{part.path}:{part.line}:{part.column}: {part.message}" for part in finding.evidence]
    failure.text = _text("\n".join(rows))


def _text(text: str) -> str:
    """Text without the characters that XML has no way to say."""
    return _FORBIDDEN.sub("\ufffd", text)
