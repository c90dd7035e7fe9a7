"""One fixed report that every format renders, and files on disk for it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest

from leaklint.evidence import Evidence
from leaklint.report import OTHER, Report, Skip
from leaklint.rule import Finding
from leaklint.source import SourceFile

Part = TypeVar("Part", Finding, Evidence)
PYTHON = '''\
"""Quotes."""

CACHE = {}  # per process


def quote(symbol, 名=1):
    if symbol not in CACHE:
        CACHE[symbol] = ask("日本", symbol)
    return CACHE[symbol]
'''
SCRIPT = """\
class Chart {
\tconstructor() {
\t\tthis.title = "📈📈"; window.addEventListener("resize", () => {
\t\t\tthis.draw();
\t\t});
\t}
}
"""


VERDICT = {
    "status": "confirmed",
    "reason": "",
    "holder_growth_per_call": 1.0,
    "bytes_per_call": 240.0,
    "inputs": "fresh",
    "series": [0, 400, 800, 1200],
    "counted": "listeners of window",
    "calls": 1200,
    "shape": "linear",
    "retaining_path": ["window", "Chart"],
    "allocation_site": "",
    "trigger": "new Chart()",
    "runtime": "Node.js 24",
    "seconds": 0.4,
    "budget": 2.0,
    "overhead": 0.0,
}


class Text:
    """A file of the report, and places in it by what is written there."""

    def __init__(self, path: str, text: str) -> None:
        self.source = SourceFile(path, text.encode())

    def span(self, text: str) -> tuple[int, int]:
        at = self.source.data.index(text.encode())
        return at, at + len(text.encode())

    def evidence(self, text: str, message: str) -> Evidence:
        return self.locate(Evidence(self.source.path, *self.span(text), message))

    def finding(self, code: str, rule: str, text: str, **fields: object) -> Finding:
        at, end = self.span(text)
        values = {"confidence": "high", "severity": "warning", "holder": "", "advice": "", **fields}
        return self.locate(Finding(code, rule, self.source.path, at, end, **values))  # type: ignore[arg-type]

    def locate(self, part: Part) -> Part:
        part.line, part.column = self.source.position(part.at)
        part.end_line, part.end_column = self.source.position(part.end)
        return part


@pytest.fixture
def report(folder: Path) -> Report:
    (folder / "app").mkdir()
    python, script = Text("app/quotes.py", PYTHON), Text("app/chart # 1.js", SCRIPT)
    for file in (python, script):
        Path(file.source.path).write_bytes(file.source.data)
    growth = python.finding(
        "LK101",
        "unbounded-cache",
        'CACHE[symbol] = ask("日本", symbol)',
        message="`CACHE` keeps every answer that `quote()` stores: nothing removes entries, and its keys "
        "come from the caller.",
        advice="Bound it, for instance with `functools.lru_cache(maxsize=256)`, or remove an entry when its "
        "owner goes.",
        holder="quotes.CACHE",
        fingerprint="5f1d2a3b4c5d6e7f:1",
        evidence=[
            python.evidence("symbol, 名=1", "the key comes from the caller"),
            python.evidence("CACHE", "`CACHE` is made here, once per process"),
            python.evidence('CACHE[symbol] = ask("日本", symbol)', "grows here, on each call of `quote()`"),
        ],
    )
    listener = script.finding(
        "LK201",
        "listener-not-removed",
        'window.addEventListener("resize", () => {\n\t\t\tthis.draw();\n\t\t})',
        message="`window` keeps every `Chart`: its resize listener is never removed.",
        advice="Remove it in `dispose()`, or pass an AbortSignal.",
        holder="window",
        confidence="medium",
        severity="error",
        fingerprint="00112233445566aa:1",
        verdict=VERDICT,
    )
    broken = script.finding(
        "LK001",
        "syntax-error",
        "Chart {",
        message='Part of this file could not be read: syntax error near "Chart"',
        advice="Mend the syntax here; the rest of the file was checked.",
        fingerprint="ffffffffffffffff:1",
    )
    return Report(
        findings=[broken, listener, growth],
        checked=["app/chart # 1.js", "app/quotes.py", "app/plain.py"],
        skipped=[Skip("app/a.min.js", "minified"), Skip("build/", "build output"), Skip("README.md", OTHER)],
        opaque=2,
        root=str(folder),
        rules=("LK000", "LK001", "LK101", "LK201"),
    )
