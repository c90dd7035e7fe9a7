"""A text on standard input is checked as the file that it stands for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from project import LEAK

Run = Callable[..., "object"]


@pytest.fixture
def piped(leaklint: Run, folder: Path) -> Run:
    def run(text: str, *arguments: str) -> object:
        return leaklint("check", "-", *arguments, input=text)

    return run


def test_a_text_is_checked_as_a_file(piped: Run, folder: Path) -> None:
    answer = piped(LEAK, "--stdin-filename", "src/app.py")
    assert answer.returncode == 1
    assert "╭─ src/app.py:5:5" in answer.stdout
    assert "CACHE[key] = value" in answer.stdout, "the frame shows the text, not the file"


def test_the_file_on_disk_does_not_matter(piped: Run, folder: Path) -> None:
    Path("app.js").write_text("const x = 1;\n")
    text = "const cache = new Map();\nexport function f(k, v) { cache.set(k, v); }\n"
    answer = piped(text, "--stdin-filename", "app.js", "--output-format", "json")
    assert [row["path"] for row in json.loads(answer.stdout)["findings"]] == ["app.js"]
    assert piped("x = 1\n", "--stdin-filename", "a.py").returncode == 0


def test_settings_of_its_folder_hold(piped: Run, folder: Path) -> None:
    Path("src").mkdir()
    settings = "extend-exclude = ['generated/']\n[per-file-ignores]\n'app.py' = ['LK1']\n"
    Path("src/leaklint.toml").write_text(settings)
    assert piped(LEAK, "--stdin-filename", "src/app.py").returncode == 0
    assert piped(LEAK, "--stdin-filename", "src/generated/b.py").returncode == 1
    assert piped(LEAK, "--stdin-filename", "src/generated/b.py", "--force-exclude").returncode == 0
    assert piped(LEAK, "--stdin-filename", "notes.txt").returncode == 0


def test_what_cannot_be(piped: Run, leaklint: Run, folder: Path) -> None:
    assert piped(LEAK).returncode == 2
    assert "needs --stdin-filename" in piped(LEAK).stderr
    assert leaklint("check", "--stdin-filename", "a.py").returncode == 2
    assert leaklint("check", "-", "a.py", "--stdin-filename", "a.py", input="").returncode == 2
    assert piped(LEAK, "--stdin-filename", "a.py", "--add-ignore", "x").returncode == 2
