"""Several reports in one run, and where the paths in them start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from project import LEAK, Call


def uris(file: str) -> list[str]:
    run: dict[str, Any] = json.loads(Path(file).read_text())["runs"][0]
    places = [row["locations"][0]["physicalLocation"]["artifactLocation"] for row in run["results"]]
    return [place["uri"] for place in places]


def test_each_report_has_its_file(project: Path, call: Call) -> None:
    names = {"json": "a.json", "sarif": "a.sarif", "gitlab": "a.gl", "junit": "a.xml", "html": "a.html"}
    options = [f"--{name}-output={file}" for name, file in names.items()]
    answer = call("check", *options)
    assert answer.code == 1
    assert answer.out.startswith("warning: `app.CACHE` keeps every"), "the terminal has its own"
    assert uris("a.sarif") == ["app.py"]
    assert len(json.loads(Path("a.json").read_text())["findings"]) == 1
    assert len(json.loads(Path("a.gl").read_text())) == 1
    assert ElementTree.parse("a.xml").getroot().get("failures") == "1"
    assert "<!doctype html>" in Path("a.html").read_text()


def test_a_report_is_written_without_findings_too(project: Path, call: Call) -> None:
    assert call("check", "clean.py", "--sarif-output", "a.sarif").code == 0
    assert uris("a.sarif") == []


def test_a_file_that_cannot_be_written(project: Path, call: Call) -> None:
    answer = call("check", "--sarif-output", "gone/a.sarif")
    assert (answer.code, "gone/a.sarif: cannot be written" in answer.err) == (2, True)


def test_paths_start_from_the_repository(
    project: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("packages/web").mkdir(parents=True)
    Path("packages/web/leaklint.toml").write_text("confidence = 'low'\n")
    Path("packages/web/app.py").write_text(LEAK)
    call("check", "packages/web", "--sarif-output", "top.sarif")
    assert uris("top.sarif") == ["packages/web/app.py"]
    monkeypatch.chdir("packages/web")
    call("check", "--sarif-output", "below.sarif")
    assert uris("below.sarif") == ["packages/web/app.py"]
    call("check", "--sarif-output", "rooted.sarif", "--sarif-root", ".")
    assert uris("rooted.sarif") == ["app.py"]


def test_a_link_to_the_repository_changes_nothing(
    project: Path, call: Call, tmp_path_factory: pytest.TempPathFactory
) -> None:
    link = tmp_path_factory.mktemp("other") / "link"
    link.symlink_to(project)
    call("check", str(link / "app.py"), "--sarif-output", "a.sarif")
    assert uris("a.sarif") == ["app.py"]


def test_suppressed_findings_are_left_out(project: Path, call: Call) -> None:
    call("check", "--add-ignore", "why")
    call("check", "--sarif-output", "a.sarif")
    assert uris("a.sarif") == []


def test_the_category(project: Path, call: Call) -> None:
    call("check", "--sarif-output", "a.sarif", "--sarif-category", "web")
    assert json.loads(Path("a.sarif").read_text())["runs"][0]["automationDetails"]["id"] == "leaklint/web/"


@pytest.mark.parametrize("format", ["github", "gitlab", "junit", "html"])
def test_the_formats_of_the_command_line(project: Path, call: Call, format: str) -> None:
    answer = call("check", "--output-format", format)
    assert (answer.code, answer.err) == (1, "")
    assert "app.py" in answer.out
    assert answer.out == call("check", "--output-format", format).out, "the same input gives the same bytes"
    assert call("check", "clean.py", "--output-format", format).code == 0


def test_a_limit_keeps_the_most_certain_findings(project: Path, call: Call) -> None:
    memo = "import functools\n\n\n@functools.cache\ndef f(key):\n    return key\n"
    Path("other.py").write_text(f"{memo}\n\n{LEAK}")
    assert len(call("check", "--output-format", "concise").out.splitlines()) == 3
    assert len(call("check", "--output-format", "concise", "--max-findings", "2").out.splitlines()) == 2
    answer = call("check", "--max-findings", "1", "--json-output", "a.json")
    assert answer.out.splitlines()[-2:] == [
        "2 less certain findings left out",
        "3 leaks in 2 files; 3 files checked",
    ]
    assert len(json.loads(Path("a.json").read_text())["findings"]) == 3
