"""SARIF: valid against the schema, and shaped for what GitHub does with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from leaklint.report import Report
from leaklint.reporters import sarif
from leaklint.reporters.base import Style

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def schema(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], None]
) -> dict[str, Any]:
    """The schema of SARIF 2.1.0, fetched once through npm and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    kept = pytestconfig.cache.mkdir("sarif") / "sarif-2.1.0-rtm.5.json"
    if not kept.exists():
        need("node")
        npm = shutil.which("npm") or "npm"
        folder = tmp_path_factory.mktemp("npm")
        subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            kept.write_bytes(member.read())
    loaded: dict[str, Any] = json.loads(kept.read_bytes())
    return loaded


def render(report: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads("".join(sarif.render(report, Style())))
    return log


def run_of(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = render(report)["runs"][0]
    return run


def test_valid_against_the_schema(report: Report, schema: dict[str, Any]) -> None:
    report.troubles = ["gone.py: no such file or directory"]
    jsonschema.Draft4Validator(schema).validate(render(report))
    jsonschema.Draft4Validator(schema).validate(render(Report()))


def test_every_rule_that_ran_is_listed_with_its_page(report: Report) -> None:
    driver = run_of(report)["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["LK101", "LK201"]
    rule = driver["rules"][0]
    assert "## Why is this bad?" in rule["help"]["markdown"]
    assert len(rule["fullDescription"]["text"]) <= 1024
    assert {"memory-leak", "growth", "external/cwe/cwe-770"} <= set(rule["properties"]["tags"])
    assert rule["properties"]["precision"] in ("high", "medium", "low")


def test_the_primary_location_is_one_line_in_utf16_columns(report: Report) -> None:
    result = run_of(report)["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"]) == (3, 3)
    assert region["startColumn"] == 24  # two emoji stand before it: column 22 in code points
    assert region["endColumn"] == len(region["snippet"]["text"]) + 2 + 1


def test_paths_start_from_the_top_of_the_repository(report: Report) -> None:
    report.root = str(Path(report.root) / "app")
    report.findings[2].path = str(Path("app/quotes.py").absolute())
    places = [
        row["locations"][0]["physicalLocation"]["artifactLocation"] for row in run_of(report)["results"]
    ]
    assert places == [
        {"uri": "chart%20%23%201.js", "uriBaseId": "%SRCROOT%"},
        {"uri": "quotes.py", "uriBaseId": "%SRCROOT%"},
    ]


def test_a_file_outside_the_repository_keeps_its_place(report: Report) -> None:
    report.root = str(Path("elsewhere").absolute())
    uri = run_of(report)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///") and uri.endswith("/app/chart%20%23%201.js")


def test_evidence_is_related_linked_and_a_flow(report: Report) -> None:
    result = run_of(report)["results"][1]
    assert result["message"]["text"].startswith("[`CACHE`](1) keeps every answer")
    related = result["relatedLocations"]
    assert [part["id"] for part in related] == [1, 2, 3]
    assert related[0]["message"]["text"] == "`CACHE` is made here, once per process"
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow]
    assert lines == [3, 6, 8]


def test_a_message_without_declaration_has_no_link(report: Report) -> None:
    result = run_of(report)["results"][0]
    assert result["message"]["text"].startswith("`window` keeps")
    assert "relatedLocations" not in result


def test_the_verdict_is_there_and_raises_the_level(report: Report) -> None:
    result = run_of(report)["results"][0]
    assert result["level"] == "error"
    assert result["properties"]["verdict"] ["status"] == "confirmed"


def test_what_went_wrong_is_a_notification(report: Report) -> None:
    report.troubles = ["gone.py: no such file or directory"]
    run = run_of(report)
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert [row.get("descriptor", {}).get("id") for row in invocation["toolExecutionNotifications"]] == [
        "LK001",
        None,
    ]
    assert {row["ruleId"] for row in run["results"]} == {"LK101", "LK201"}


def test_the_category_ends_in_a_slash(report: Report) -> None:
    assert run_of(report)["automationDetails"]["id"] == "leaklint/"


def test_at_most_5000_results_the_most_certain_ones(report: Report) -> None:
    sure, unsure = report.findings[2], msgspec.structs.replace(report.findings[2], confidence="low")
    report.findings = [unsure] * 10 + [msgspec.structs.replace(sure) for _ in range(sarif.LIMIT)]
    run = run_of(report)
    assert len(run["results"]) == sarif.LIMIT
    assert {row["properties"]["confidence"] for row in run["results"]} == {"high"}
    notice = run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert notice.startswith("10 of 5010 findings were left out")


def test_fingerprints_are_githubs(report: Report) -> None:
    prints = run_of(report)["results"][1]["partialFingerprints"]
    assert set(prints) == {"primaryLocationLineHash", "primaryLocationStartColumnFingerprint"}
    assert prints["primaryLocationStartColumnFingerprint"] == "1"
    Path("app/quotes.py").unlink()
    assert "primaryLocationLineHash" not in run_of(report)["results"][1]["partialFingerprints"]
