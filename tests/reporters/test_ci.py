"""The formats that continuous integration reads: GitHub annotations, GitLab code quality, JUnit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from leaklint.report import Report
from leaklint.reporters.base import Style, render


def text(report: Report, format: str) -> str:
    return "".join(render(report, format, Style()))


def test_github_annotates_the_most_severe_first(report: Report) -> None:
    rows = text(report, "github").splitlines()
    assert [row.partition(" ")[0] for row in rows] == ["::error", "::warning", "::warning"]
    assert "file=app/chart # 1.js,line=3,endLine=5::" in rows[0], "columns are for one line only"
    assert "file=app/quotes.py,line=8,endLine=8,col=9,endColumn=" in rows[1] + rows[2]


def test_github_text_cannot_end_the_command(report: Report) -> None:
    Path("a,b:c%.py").write_text("x = 1\n")
    finding = replace(report.findings[2], path="a,b:c%.py", message="50 %\nof\r::error::it")
    (row,) = text(replace(report, findings=[finding]), "github").splitlines()
    assert "file=a%2Cb%3Ac%25.py," in row
    assert row.endswith(f"::50 %25%0Aof%0D::error::it {finding.advice}")


@pytest.mark.parametrize(
    ("warnings", "notes", "shown"),
    [(10, 0, 10), (11, 0, 11), (3, 10, 13), (3, 11, 13), (12, 12, 20)],
)
def test_github_shows_ten_of_a_kind(report: Report, warnings: int, notes: int, shown: int) -> None:
    one = report.findings[2]
    report.findings = [replace(one) for _ in range(warnings)]
    report.findings += [replace(one, severity="note", path="a.py") for _ in range(notes)]
    rows = text(report, "github").splitlines()
    annotations = [row for row in rows if row.startswith("::")]
    assert len(annotations) == shown
    kinds = [re.match(r"::(\w+)", row)[1] for row in annotations]  # type: ignore[index]
    assert max(kinds.count("warning"), kinds.count("notice")) <= 10
    hidden = warnings + notes - sum("title=leaklint (" in row for row in annotations)
    assert len(rows) == len(annotations) + hidden
    if hidden:
        noun = "finding" if hidden == 1 else "findings"
        assert rows[-1] == f"::notice title=leaklint::{hidden} more {noun} in the log of this step"


def test_gitlab(report: Report) -> None:
    report.findings.append(replace(report.findings[2]))
    issues = json.loads(text(report, "gitlab"))
    assert len({issue["fingerprint"] for issue in issues}) == 4, "GitLab drops equal ones"
    growth = next(issue for issue in issues if issue["check_name"] == "LK101")
    assert growth["description"].startswith("LK101 unbounded-cache: `CACHE` keeps every answer")
    assert growth["severity"] == "major"
    assert growth["location"]["path"] == "app/quotes.py"
    assert growth["location"]["positions"]["begin"] == {"line": 8, "column": 9}
    moved = replace(report.findings[2], line=80, end_line=80)
    again = json.loads(text(replace(report, findings=[moved]), "gitlab"))
    assert again[0]["fingerprint"] == growth["fingerprint"]


def test_junit(report: Report) -> None:
    report.findings[2].message += " \x00 <&>"
    top = ElementTree.fromstring(text(report, "junit"))
    assert top.attrib == {"name": "leaklint", "tests": "4", "failures": "3", "errors": "0"}
    suites = {suite.get("name"): suite for suite in top}
    assert list(suites) == ["app/chart # 1.js", "app/plain.py", "app/quotes.py"]
    assert suites["app/plain.py"].find("testcase/failure") is None
    failure = suites["app/quotes.py"].find("testcase/failure")
    assert failure is not None and "\ufffd <&>" in failure.attrib["message"]
    assert "app/quotes.py:3:1: `CACHE` is made here" in (failure.text or "")


@pytest.mark.parametrize("format", ["github", "gitlab", "junit", "sarif"])
def test_paths_do_not_depend_on_how_one_gets_there(
    report: Report, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = text(report, format)
    Path("link").symlink_to("app")
    through = [replace(row, path=row.path.replace("app/", "link/"), evidence=[]) for row in report.findings]
    for row in report.findings:
        row.evidence = []
    whole = text(report, format)
    linked = replace(report, findings=through, checked=[p.replace("app/", "link/") for p in report.checked])
    Path("app/plain.py").write_text("")
    assert text(linked, format) == whole
    monkeypatch.chdir("app")
    inside = [replace(row, path=row.path.replace("app/", "")) for row in report.findings]
    below = replace(report, findings=inside, checked=[p.replace("app/", "") for p in report.checked])
    assert text(below, format) == whole
