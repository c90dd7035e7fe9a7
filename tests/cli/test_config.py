"""Settings files: which one holds, what it may say, and how a mistake in it is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import Call

from leaklint.config import SettingsError, load_project, read_settings


def test_the_nearest_file_with_settings_holds(folder: Path) -> None:
    Path("pyproject.toml").write_text("[tool.leaklint]\nconfidence = 'low'\n")
    Path("lib/deep").mkdir(parents=True)
    Path("lib/pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert load_project(("lib/deep",)).settings.confidence == "low"
    assert load_project(("lib/deep",)).root == str(folder)
    Path("lib/leaklint.toml").write_text("fail-on = 'error'\n")
    project = load_project(("lib/deep",))
    assert (project.settings.fail_on, project.settings.confidence) == ("error", "medium")
    assert project.root == str(folder / "lib")


def test_leaklint_toml_comes_before_pyproject(folder: Path) -> None:
    Path("pyproject.toml").write_text("[tool.leaklint]\nconfidence = 'low'\n")
    Path("leaklint.toml").write_text("confidence = 'high'\n")
    assert load_project((".",)).settings.confidence == "high"


def test_without_settings_the_repository_is_the_root(folder: Path) -> None:
    Path("src").mkdir()
    assert load_project(("src",)).root == str(folder)
    assert load_project(("src/missing.py", "other")).root == str(folder)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "a = 1\n[tool.leaklint]\nselct = []\n",
            "pyproject.toml:3: unknown key 'selct'",
            "did you mean select?",
        ),
        ("[tool.leaklint]\nzzz = 1\n", "pyproject.toml:2: unknown key 'zzz'", "known keys: baseline, "),
        (
            "[tool.leaklint]\n\nconfidence = 'sure'\n",
            "pyproject.toml:3: confidence: Invalid enum value 'sure'",
            "",
        ),
        ("[tool.leaklint]\nselect = 'LK1'\n", "pyproject.toml:2: select: Expected `array`, got `str`", ""),
        ("[tool.leaklint]\nmax-file-size = 0\n", "pyproject.toml:2: max-file-size: Expected `int` >= 1", ""),
        (
            "[tool.leaklint.per-file-ignores]\n'a.py' = 3\n",
            "pyproject.toml:1: per-file-ignores: Expected `array`, got `int`",
            "",
        ),
        ("[tool.leaklint]\nselect = [\n", "pyproject.toml:2: Invalid value", ""),
        ("[tool.leaklint]\nselect = [\n1 2]", "pyproject.toml:3: Unclosed array", ""),
    ],
)
def test_a_mistake_names_file_and_line(folder: Path, text: str, message: str, hint: str) -> None:
    Path("pyproject.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_project((".",))
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)


def test_a_file_that_is_no_text(folder: Path) -> None:
    Path("leaklint.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(Path("leaklint.toml"))


def test_tool_that_is_no_table(folder: Path) -> None:
    Path("pyproject.toml").write_text("tool = 3\n")
    assert read_settings(Path("pyproject.toml")) is None
    Path("pyproject.toml").write_text("[tool]\nleaklint = 3\n")
    with pytest.raises(SettingsError, match=r"pyproject\.toml:2"):
        read_settings(Path("pyproject.toml"))


def test_settings_reach_the_check(project: Path, call: Call) -> None:
    settings = Path("leaklint.toml")
    settings.write_text("ignore = ['LK101']\n")
    assert call("check").code == 0
    assert call("check", "--select", "LK101").code == 1
    assert call("check", "--extend-select", "LK101").code == 1
    settings.write_text("fail-on = 'never'\n")
    assert call("check").code == 0
    assert call("check", "--fail-on", "warning").code == 1
    settings.write_text("confidence = 'high'\n")
    assert call("check").code == 0


def test_per_file_ignores(project: Path, call: Call) -> None:
    settings = Path("leaklint.toml")
    settings.write_text("[per-file-ignores]\n'app.py' = ['LK101']\n")
    assert call("check").code == 0
    settings.write_text("[per-file-ignores]\n'other.py' = ['growth']\n")
    assert call("check").code == 1
    settings.write_text("[per-file-ignores]\n'*.py' = ['LK9']\n")
    answer = call("check")
    assert answer.code == 2
    assert "no rule matches 'LK9'" in answer.err


def test_exclude_in_settings(project: Path, call: Call) -> None:
    Path("leaklint.toml").write_text("extend-exclude = ['app.py']\n")
    assert "app.py: skipped: excluded by settings" in call("check", "--show-files").out
    assert call("check", "app.py").code == 1, "a file that is named is checked"
    assert call("check", "app.py", "--force-exclude").code == 0


def test_the_size_limit(project: Path, call: Call) -> None:
    Path("leaklint.toml").write_text("max-file-size = 50\n")
    assert "app.py: skipped: over 50 bytes" in call("check", "--show-files").out


def test_a_mistake_ends_the_command(project: Path, call: Call) -> None:
    Path("leaklint.toml").write_text("select = ['LK1']\nconfidnce = 'low'\n")
    answer = call("check")
    assert answer.code == 2
    assert answer.err == (
        "leaklint: leaklint.toml:2: unknown key 'confidnce'\n  hint: did you mean confidence?\n"
    )
