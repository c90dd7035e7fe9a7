"""Living with old code: the baseline, and what is new since a revision."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from project import LEAK, Call

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MORE = LEAK.replace("CACHE", "OTHER").replace("remember", "keep")


def git(*arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(message: str = "change") -> str:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)
    return git("rev-parse", "HEAD")


@pytest.fixture
def repository(project: Path) -> Path:
    """The project, committed on `main`, and a branch that goes on."""
    Path(".git").rmdir()
    Path(".gitignore").write_text(".leaklint_cache/\n")
    git("init", "-q", "-b", "main")
    commit("first")
    git("checkout", "-q", "-b", "work")
    return project


def found(call: Call, *arguments: str) -> list[tuple[str, int]]:
    answer = call("check", "--output-format", "json", *arguments)
    assert answer.code in (0, 1), answer.err
    return [(row["path"], row["line"]) for row in json.loads(answer.out)["findings"]]


def test_a_baseline_is_left_out(project: Path, call: Call) -> None:
    answer = call("baseline")
    assert (answer.code, answer.out) == (0, ".leaklint-baseline.json: 1 known finding, 1 added, 0 gone\n")
    answer = call("check")
    assert answer.code == 0
    assert answer.out == "No leaks found, 1 known one not shown; 2 files checked\n"
    assert call("check", "--no-baseline").code == 1
    Path("clean.py").write_text(MORE)
    assert found(call) == [("clean.py", 5)]
    (row,) = json.loads(Path(".leaklint-baseline.json").read_text())["findings"]
    assert (row["path"], row["code"], row["holder"]) == ("app.py", "LK101", "app.CACHE")


def test_a_baseline_survives_edits_and_renames(project: Path, call: Call) -> None:
    call("baseline")
    edited = LEAK.replace("  CACHE[key] =", "  CACHE[key]  =")
    Path("app.py").write_text(f'"""New."""\n\nimport os\n\n{edited}')
    assert found(call) == []
    Path("pack").mkdir()
    Path("app.py").rename("pack/other.py")
    assert found(call) == []
    assert found(call, "pack") == []


def test_a_copy_is_new(project: Path, call: Call) -> None:
    call("baseline")
    Path("copy.py").write_text(LEAK)
    assert found(call) == [("copy.py", 5)]
    assert found(call, "copy.py") == [("copy.py", 5)]


def test_a_baseline_is_pruned(project: Path, call: Call) -> None:
    Path("clean.py").write_text(MORE)
    assert "2 known findings, 2 added, 0 gone" in call("baseline").out
    Path("app.py").write_text("x = 1\n")
    Path("new.py").write_text(LEAK.replace("CACHE", "THIRD"))
    answer = call("check")
    assert "note: 1 in the baseline is gone; `leaklint baseline --prune` drops it" in answer.err
    assert "1 known finding, 0 added, 0 gone" not in call("baseline", "--prune", "clean.py").out
    assert "1 known finding, 0 added, 1 gone" in call("baseline", "--prune").out
    assert found(call) == [("new.py", 5)]


def test_a_partial_run_forgets_nothing(project: Path, call: Call) -> None:
    Path("clean.py").write_text(MORE)
    call("baseline")
    assert "2 known findings, 0 added, 0 gone" in call("baseline", "clean.py").out
    assert "2 known findings, 0 added, 0 gone" in call("baseline", "--select", "LK2").out
    assert "2 known findings, 0 added, 0 gone" in call("baseline", "--confidence", "high").out


def test_a_baseline_elsewhere(project: Path, call: Call) -> None:
    Path("leaklint.toml").write_text("baseline = 'ci/known.json'\n")
    answer = call("baseline")
    assert (answer.code, "ci/known.json: cannot be written" in answer.err) == (2, True)
    Path("ci").mkdir()
    assert call("baseline").out.startswith("ci/known.json: 1 known finding")
    assert call("check").code == 0
    Path("ci/known.json").write_text("[]")
    answer = call("check")
    assert (answer.code, answer.err.startswith("leaklint: ci/known.json: is no baseline")) == (2, True)


def test_what_nobody_changed_is_old(repository: Path, call: Call) -> None:
    Path("clean.py").write_text(MORE)
    assert found(call, "--new-from", "main") == [("clean.py", 5)], "unstaged"
    git("add", "clean.py")
    assert found(call, "--new-from", "main") == [("clean.py", 5)], "staged"
    commit()
    assert found(call, "--new-from", "main") == [("clean.py", 5)], "committed"
    assert found(call, "--new-from", "HEAD") == []
    Path("sub dir").mkdir()
    Path("sub dir/ä 'new'.py").write_text(LEAK)
    assert found(call, "--new-from", "HEAD") == [("sub dir/ä 'new'.py", 5)], "untracked"
    assert "2 known ones not shown" in call("check", "--new-from", "HEAD").out


def test_the_merge_base_counts(repository: Path, call: Call) -> None:
    git("checkout", "-q", "main")
    Path("app.py").write_text("x = 1\n")
    commit("main mends it")
    git("checkout", "-q", "work")
    Path("clean.py").write_text(MORE)
    assert found(call, "--new-from", "main") == [("clean.py", 5)]


def test_only_what_a_change_brought(repository: Path, call: Call) -> None:
    Path("app.py").write_text("import os\n\n" + LEAK + "\n\n" + MORE)
    assert found(call, "--new-from", "main") == [("app.py", 14)]
    git("mv", "app.py", "moved.py")
    assert found(call, "--new-from", "main") == [("moved.py", 14)]


def test_a_removed_release_is_a_change(repository: Path, call: Call) -> None:
    release = "\n\ndef forget(key):\n    CACHE.pop(key, None)\n"
    Path("app.py").write_text(LEAK + release)
    commit("mended")
    assert found(call) == []
    Path("app.py").write_text(LEAK)
    assert found(call, "--new-from", "HEAD") == [("app.py", 5)]


def test_syntax_errors_are_new_or_old_but_never_accepted(repository: Path, call: Call) -> None:
    Path("broken.py").write_text("def f(:\n    pass\n")
    assert found(call, "--new-from", "HEAD") == [("broken.py", 1)]
    commit()
    assert found(call, "--new-from", "HEAD") == []
    call("baseline")
    assert found(call) == [("broken.py", 1)]


def test_from_a_folder_below(repository: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("lib").mkdir()
    Path("lib/old.py").write_text(LEAK)
    commit()
    monkeypatch.chdir("lib")
    Path("new.py").write_text(MORE)
    assert found(call, "--new-from", "HEAD") == [("new.py", 5)]
    Path("new.py").unlink()
    assert found(call, "--new-from", "HEAD", "--no-cache") == []


def test_standard_input_is_compared_too(repository: Path, leaklint: Run) -> None:
    def check(text: str) -> int:
        arguments = ("check", "-", "--stdin-filename", "app.py", "--new-from", "HEAD")
        return leaklint(*arguments, input=text).returncode

    assert check(LEAK) == 0
    assert check(LEAK + MORE) == 1


def test_a_hook_of_git_may_ask(repository: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("lib").mkdir()
    Path("lib/new.py").write_text(MORE)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.chdir("lib")
    assert found(call, "--new-from", "HEAD", ".") == [("new.py", 5)]


def test_revisions_that_are_not_there(project: Path, repository: Path, call: Call) -> None:
    for name in ("gone", "--output=x", ""):
        answer = call("check", f"--new-from={name}")
        if name:
            assert (answer.code, f"git knows no revision {name!r}" in answer.err) == (2, True)


def test_outside_a_repository(project: Path, call: Call) -> None:
    answer = call("check", "--new-from", "HEAD")
    assert (answer.code, answer.err.startswith("leaklint: git rev-parse: fatal: ")) == (2, True)
