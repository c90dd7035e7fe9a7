"""No rule fails on a file of the interpreter's own library."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from leaklint.analysis import analyse
from leaklint.source import SourceFile, to_utf8

LIBRARY = Path(sysconfig.get_path("stdlib"))
_LEFT_OUT = frozenset({"test", "tests", "idle_test", "site-packages", "dist-packages", "lib2to3"})


def test_no_rule_fails_on_the_standard_library() -> None:
    files = [
        path for path in LIBRARY.rglob("*.py") if _LEFT_OUT.isdisjoint(path.relative_to(LIBRARY).parts)
    ]
    assert len(files) > 300
    failed = [
        (path.name, finding.message)
        for path in files
        for finding in analyse(SourceFile(path.name, to_utf8(path.read_bytes(), path.name))).findings
        if finding.code == "LK000"
    ]
    assert not failed
