"""What settings can say: inheritance, the environment, plugins, and where each value came from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from project import Call

from leaklint import config
from leaklint.models import set_models
from leaklint.rule import set_rules

RULE = '''\
"""no-globals (TEAM101): a module-level dict.

## What it does
Reports a place of the module.
"""

from leaklint.rule import Rule


class NoGlobals(Rule):
    code = "TEAM101"
    languages = ("python",)
    message = "`{holder}` is a global."
    advice = "Pass it."

    def check(self, facts):
        yield self.finding(facts, 0, 5, holder="CACHE", confidence="high", evidence=[])
'''
RING = """\
[[container]]
kind = "list"
names = ["ringbuffer.Ring"]
bound_keyword = "size"
bound_position = 0
"""
RINGS = """\
import ringbuffer

RECENT = ringbuffer.Ring()
BOUNDED = ringbuffer.Ring(100)


def add(value):
    RECENT.append(value)
    BOUNDED.append(value)
"""


@pytest.fixture(autouse=True)
def no_plugins_are_left_behind() -> object:
    yield None
    set_rules(())
    set_models({})


def test_extend_inherits_and_the_nearest_wins(project: Path, call: Call) -> None:
    Path("shared").mkdir()
    Path("shared/base.toml").write_text(
        "confidence = 'low'\nfail-on = 'never'\nextend-select = ['LK004']\n"
        "[per-file-ignores]\n'x.py' = ['LK1']\n"
    )
    Path("leaklint.toml").write_text(
        "extend = 'shared/base.toml'\nfail-on = 'error'\nextend-select = ['LK2']\n"
    )
    settings = config.load_project((".",)).settings
    assert (settings.confidence, settings.fail_on) == ("low", "error")
    assert settings.extend_select == ("LK004", "LK2"), "lists named extend-… are added to"
    assert settings.per_file_ignores == {"x.py": ("LK1",)}
    assert config.load_project((".",)).root == str(project)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select = ['LK1']\nextend = 'gone.toml'\n", "leaklint.toml:2: extend: gone.toml does not exist"),
        ("extend = 'leaklint.toml'\n", "leaklint.toml:1: extend: leaklint.toml extends this file in turn"),
        ("extend = 'bad.toml'\n", "bad.toml:2: unknown key 'selct'"),
        ("ignore = ['LK1',\n  'LK9x9']\n", "leaklint.toml:1: ignore: no rule matches 'LK9x9'"),
        ("\n[per-file-ignores]\n'a.py' = ['nonsense']\n", "leaklint.toml:2: per-file-ignores: no rule"),
        (
            "models = ['gone']\n",
            "plugin gone: there is no such file or folder\n  hint: named in leaklint.toml:1",
        ),
    ],
)
def test_mistakes_name_the_file_and_the_line(project: Path, call: Call, text: str, message: str) -> None:
    Path("bad.toml").write_text("\nselct = []\n")
    Path("leaklint.toml").write_text(text)
    answer = call("check")
    assert answer.code == 2
    assert answer.err.startswith(f"leaklint: {message}")


def test_the_environment_stands_between_file_and_command_line(
    project: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("leaklint.toml").write_text("fail-on = 'never'\n")
    assert call("check").code == 0
    monkeypatch.setenv("LEAKLINT_FAIL_ON", "warning")
    assert call("check").code == 1
    assert call("check", "--fail-on", "error").code == 0
    assert call("check", "--isolated", "--ignore", "LK101").code == 0
    monkeypatch.setenv("LEAKLINT_IGNORE", "LK2, LK101")
    assert call("check").code == 0
    monkeypatch.setenv("LEAKLINT_OUTPUT_FORMAT", "json")
    assert json.loads(call("check").out)["findings"] == []
    monkeypatch.setenv("LEAKLINT_MAX_FILE_SIZE", "many")
    answer = call("check")
    assert (answer.code, "LEAKLINT_MAX_FILE_SIZE: Expected `int`" in answer.err) == (2, True)


def test_show_settings_says_where_each_value_is_from(
    project: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("base.toml").write_text("extend-exclude = ['old/']\n")
    Path("leaklint.toml").write_text("extend = 'base.toml'\nextend-exclude = ['new/']\n")
    monkeypatch.setenv("LEAKLINT_CONFIDENCE", "low")
    rows = call("check", "--show-settings", "--fail-on", "error", "--exclude", "x").out.splitlines()
    assert 'confidence = "low"  # environment variable LEAKLINT_CONFIDENCE' in rows
    assert 'fail-on = "error"  # command line' in rows
    assert 'select = ["ALL"]  # default' in rows
    assert 'extend-exclude = ["old/", "new/", "x"]  # base.toml:1, leaklint.toml:2, command line' in rows
    assert not [row for row in rows if str(project) in row]


def test_what_show_settings_prints_is_a_settings_file(project: Path, call: Call) -> None:
    Path("leaklint.toml").write_text("ignore = ['LK101']\n[per-file-ignores]\n'a b.py' = ['LK2']\n")
    printed = call("check", "--show-settings").out
    Path("leaklint.toml").write_text(printed)
    assert config.load_project((".",)).settings.per_file_ignores == {"a b.py": ("LK2",)}
    assert call("check").code == 0


def test_config_names_the_file(project: Path, call: Call) -> None:
    Path("strict.toml").write_text("ignore = ['LK101']\n")
    assert call("check", "--config", "strict.toml").code == 0
    Path("shared").mkdir()
    Path("strict.toml").rename("shared/strict.toml")
    assert call("check", "--config", "shared/strict.toml").code == 0
    assert config.load_project((".",), "shared/strict.toml").root == str(project)
    answer = call("check", "--config", "gone.toml")
    assert (answer.code, answer.err) == (2, "leaklint: gone.toml: there is no such settings file\n")


def test_the_schema_is_that_of_the_settings(project: Path) -> None:
    shipped = Path(config.__file__).with_name("settings.schema.json").read_text("utf-8")
    assert shipped == config.schema(), "`leaklint dev schema > leaklint/settings.schema.json`"
    validator = jsonschema.Draft202012Validator(json.loads(shipped))
    assert validator.is_valid({"select": ["LK1"], "per-file-ignores": {"*.py": ["growth"]}})
    for wrong in ({"selct": []}, {"confidence": "sure"}, {"max-file-size": 0}):
        assert not validator.is_valid(wrong)


def test_every_key_is_described(project: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
    keys = json.loads(config.schema())["properties"]
    assert not [key for key in keys if f"`{key}`" not in page]
    assert not [name for name in config.variables().values() if f"`{name}`" not in page]


def test_rules_of_the_project(project: Path, call: Call) -> None:
    Path("lint").mkdir()
    Path("lint/no_globals.py").write_text(RULE)
    Path("leaklint.toml").write_text("rules = ['lint']\nselect = ['TEAM']\n")
    found = json.loads(call("check", "--output-format", "json", "--exclude", "lint").out)["findings"]
    assert [(row["code"], row["rule"], row["path"]) for row in found] == [
        ("TEAM101", "no-globals", "app.py"),
        ("TEAM101", "no-globals", "clean.py"),
    ]
    assert "TEAM101  no-globals" in call("rules").out
    assert "Reports a place of the module." in call("rule", "no-globals").out
    assert call("check", "--output-format", "sarif").code == 1
    many = call("check", "--jobs", "2", "--no-cache", "--output-format", "json").out
    assert len(json.loads(many)["findings"]) == 3


def test_a_changed_rule_is_not_answered_from_the_cache(project: Path, call: Call) -> None:
    Path("rule.py").write_text(RULE)
    Path("leaklint.toml").write_text("rules = ['rule.py']\nselect = ['TEAM']\n")
    assert "`CACHE` is a global." in call("check", "app.py").out
    Path("rule.py").write_text(RULE.replace("is a global", "is everywhere"))
    assert "`CACHE` is everywhere." in call("check", "app.py").out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_of_this_name\n", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("x = 1 +\n", "SyntaxError: invalid syntax"),
        ("x = 1\n", "it defines no rule"),
        (RULE.replace("TEAM101", "LK101"), "LK101 is already a rule of leaklint itself"),
        (RULE.replace('"TEAM101"', '"t1"'), "'t1' is no code"),
        (RULE.replace("    advice", "    advise"), "NoGlobals has no advice"),
    ],
)
def test_a_mistake_in_a_rule_names_it(project: Path, call: Call, text: str, message: str) -> None:
    Path("mine.py").write_text(text)
    Path("leaklint.toml").write_text("rules = ['mine.py']\n")
    answer = call("check")
    assert answer.code == 2
    assert answer.err.startswith(f"leaklint: plugin mine.py: {message}")


def test_rules_of_an_installed_package(
    project: Path, call: Call, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path_factory.mktemp("site")
    (site / "teamrules.py").write_text(RULE.replace("no-globals", "teamrules"))
    info = site / "team_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: team-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[leaklint.rules]\nteam = teamrules\n")
    monkeypatch.syspath_prepend(str(site))
    assert "TEAM101  teamrules" in call("rules").out
    (info / "entry_points.txt").write_text("[leaklint.rules]\nteam = teamrules:Gone\n")
    answer = call("check")
    assert answer.code == 2
    assert answer.err.startswith("leaklint: plugin team (team-rules): AttributeError")
    sys.modules.pop("teamrules", None)


def test_models_of_the_project(project: Path, call: Call) -> None:
    Path("app.py").write_text(RINGS)
    Path("models/python").mkdir(parents=True)
    Path("models/python/ring.toml").write_text(RING)
    arguments = ("check", "app.py", "--confidence", "low", "--output-format", "concise")
    assert call(*arguments).out == ""
    Path("leaklint.toml").write_text("models = ['models']\n")
    answer = call(*arguments)
    assert "`app.RECENT` keeps" in answer.out
    assert "BOUNDED" not in answer.out
    Path("models/python/ring.toml").write_text("[[contaner]]\n")
    answer = call("check")
    assert (answer.code, answer.err.startswith("leaklint: models/python/ring.toml: ")) == (2, True)
    Path("models/python/ring.toml").rename("models/ring.toml")
    assert "does not say which language" in call("check").err
