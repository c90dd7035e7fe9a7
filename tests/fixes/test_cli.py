"""`--fix`, `--unsafe-fixes` and `--diff` on files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LEAK = "from functools import cache\n\n\n@cache\ndef parse(text):\n    return Tree(text)\n"
FIXED = LEAK.replace("import cache", "import lru_cache").replace("@cache", "@lru_cache(maxsize=256)")


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "leaklint", "check", "--no-cache", "--output-format", "concise"]
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(LEAK)
    return path


def test_diff_changes_nothing(file: Path) -> None:
    answer = check(file.parent, "--diff", "--unsafe-fixes", "app.py")
    assert answer.returncode == 1
    assert "+@lru_cache(maxsize=256)" in answer.stdout and answer.stdout.startswith("--- app.py")
    assert file.read_text() == LEAK


def test_unsafe_fixes_are_only_offered(file: Path) -> None:
    answer = check(file.parent, "--fix", "app.py")
    assert (answer.returncode, file.read_text()) == (1, LEAK)
    assert "--unsafe-fixes" in answer.stderr


def test_unsafe_fixes_are_made_when_asked_for(file: Path) -> None:
    answer = check(file.parent, "--fix", "--unsafe-fixes", "app.py")
    assert (answer.returncode, file.read_text()) == (0, FIXED)
    assert "LK103: Give the memo a limit" in answer.stderr
    assert check(file.parent, "--diff", "--unsafe-fixes", "app.py").returncode == 0


def test_suppressed_and_unselected_findings_are_not_fixed(file: Path) -> None:
    file.write_text(LEAK.replace("@cache", "@cache  # leaklint: ignore[LK103] -- few texts"))
    before = file.read_text()
    check(file.parent, "--fix", "--unsafe-fixes", "app.py")
    assert file.read_text() == before
    file.write_text(LEAK)
    check(file.parent, "--fix", "--unsafe-fixes", "--select", "LK101", "app.py")
    assert file.read_text() == LEAK


def test_byte_order_mark_and_line_ends_survive(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + LEAK.replace("\n", "\r\n").encode())
    check(file.parent, "--fix", "--unsafe-fixes", "app.py")
    assert file.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace("\n", "\r\n").encode()


def test_sarif_carries_the_fix(file: Path) -> None:
    answer = check(file.parent, "--output-format", "sarif", "app.py")
    (result,) = json.loads(answer.stdout)["runs"][0]["results"]
    (fix,) = result["fixes"]
    assert fix["description"]["text"] == "Give the memo a limit."
    lines = LEAK.splitlines(keepends=True)
    for row in reversed(fix["artifactChanges"][0]["replacements"]):
        region = row["deletedRegion"]
        assert (region["startColumn"], region["endColumn"]) == (1, 1)
        lines[region["startLine"] - 1 : region["endLine"] - 1] = [row["insertedContent"]["text"]]
    assert "".join(lines) == FIXED


def test_a_broken_file_is_left_alone(file: Path) -> None:
    file.write_text(LEAK + "def broken(:\n")
    check(file.parent, "--fix", "--unsafe-fixes", "app.py")
    assert file.read_text() == LEAK + "def broken(:\n"
