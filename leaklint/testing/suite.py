"""Cases of a literate suite or of a rule's manual: check a fence, compare, say what differs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from leaklint.config import Settings
from leaklint.pipeline import check_source
from leaklint.reporters.base import Sources, Style
from leaklint.reporters.full import render_finding
from leaklint.rule import Finding, Rule
from leaklint.source import SourceFile
from leaklint.testing.markdown import SUFFIXES, Fence, fences
from leaklint.testing.markers import Marker, markers

Check = Callable[[SourceFile, Settings], list[Finding]]
_SUITE_STYLE = Style(drawing=False, width=100)


class Result(msgspec.Struct):
    """How a case went. The todo counts may only fall from one release to the next."""

    failures: list[str] = []
    todo_errors: int = 0
    todo_oks: int = 0


class Case(msgspec.Struct):
    """One fence of a suite, and the snapshot of its report if one follows."""

    file: str
    fence: Fence
    snapshot: Fence | None = None
    check: Check = check_source

    def __str__(self) -> str:
        return f"{Path(self.file).stem}:{self.fence.line}"

    @property
    def source(self) -> SourceFile:
        return _source(self.fence)

    def findings(self) -> list[Finding]:
        confidence = self.fence.options.get("confidence", "low")
        settings = msgspec.convert({"confidence": confidence}, Settings)
        return self.check(self.source, settings)

    def run(self) -> Result:
        """Compare findings with markers, both ways, and the report with its snapshot."""
        findings = self.findings()
        expected = markers(self.fence.text)
        result = Result()
        left = list(findings)
        for marker in expected:
            fitting = next((finding for finding in left if marker.fits(finding)), None)
            if fitting is not None:
                left.remove(fitting)
            self._judge(marker, fitting is not None, result)
        result.failures += [
            f"{self._at(finding.line)}: noisy: {finding.code} {finding.message}" for finding in left
        ]
        if self.snapshot is not None and self.snapshot.text != self.rendered(findings):
            result.failures.append(
                f"{self._at(0)}: the report differs from its snapshot; it is now\n{self.rendered(findings)}"
            )
        return result

    def rendered(self, findings: list[Finding] | None = None) -> str:
        """The `full` report of the fence, as a snapshot holds it."""
        findings = self.findings() if findings is None else findings
        sources = Sources(self.source)
        return "\n".join(render_finding(finding, _SUITE_STYLE, sources) for finding in findings)

    def _judge(self, marker: Marker, found: bool, result: Result) -> None:
        at = self._at(marker.line)
        match marker.kind, found:
            case "error", False:
                result.failures.append(f"{at}: missing: {marker}")
            case "todo-error", False:
                result.todo_errors += 1
            case "todo-error", True:
                result.failures.append(f"{at}: found at last: `todo-error: {marker}` is an `error` now")
            case "todo-ok", True:
                result.todo_oks += 1
            case "todo-ok", False:
                result.failures.append(f"{at}: silent at last: `todo-ok: {marker}` can go")

    def _at(self, line: int) -> str:
        return f"{self.file}:{self.fence.line + max(line, 1) - 1}"


class ManualCase(msgspec.Struct):
    """A `bad` or `good` fence of a rule's manual: exactly one finding of the rule, or none of any rule."""

    rule: str
    code: str
    fence: Fence
    check: Check = check_source

    def __str__(self) -> str:
        return f"{self.rule}:{self.fence.language}-{'bad' if 'bad' in self.fence.words else 'good'}"

    def run(self) -> Result:
        findings = self.check(_source(self.fence), Settings(confidence="low"))
        listed = "".join(f"\n  {row.line}: {row.code} {row.message}" for row in findings) or " nothing"
        result = Result()
        if "good" in self.fence.words and findings:
            result.failures.append(f"{self}: a good example must be silent, but it brings{listed}")
        if "bad" in self.fence.words and sum(row.code == self.code for row in findings) != 1:
            result.failures.append(f"{self}: a bad example must bring one {self.code}, but it brings{listed}")
        return result


def read_suite(file: Path, check: Check = check_source) -> list[Case]:
    """The cases of a Markdown file, in order. A `snapshot` fence belongs to the fence before it."""
    cases: list[Case] = []
    for fence in fences(file.read_text("utf-8")):
        if fence.checked:
            cases.append(Case(file.name, fence, check=check))
        elif fence.language == "snapshot" and cases:
            cases[-1].snapshot = fence
    return cases


def read_manual(rule: Rule, check: Check = check_source) -> list[ManualCase]:
    """The examples of a rule's manual."""
    return [
        ManualCase(rule.name, rule.code, fence, check)
        for fence in fences(rule.manual)
        if fence.checked and {"bad", "good"}.intersection(fence.words)
    ]


def update_snapshots(file: Path, check: Check = check_source) -> bool:
    """Rewrite the `snapshot` fences of a suite; true if one changed."""
    text = file.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    for case in reversed(read_suite(file, check)):
        if case.snapshot is not None:
            start = case.snapshot.line - 1
            lines[start : start + case.snapshot.text.count("\n")] = [case.rendered()]
    new = "".join(lines)
    if new == text:
        return False
    file.write_text(new, "utf-8")
    return True


def _source(fence: Fence) -> SourceFile:
    path = fence.options.get("file", "example" + SUFFIXES[fence.language])
    return SourceFile(path, fence.text.encode())
