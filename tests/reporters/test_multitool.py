"""SARIF under the rules that Microsoft's validator has for GitHub code scanning.

Its exit code is 0 whatever it found, and it lets some values pass that the schema forbids: what counts is
the file that it writes, and the schema test beside this one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from leaklint.cli import run
from leaklint.report import Report
from leaklint.reporters.base import Style, render

PACKAGE = "@microsoft/sarif-multitool@5.7.0"
BINARIES = (  # run as they are: the wrapper of the package splits the command at semicolons
    "sarif-multitool-linux/Sarif.Multitool",
    "sarif-multitool-darwin/Sarif.Multitool",
    "sarif-multitool-win32/Sarif.Multitool.exe",
)
Kept = Callable[[str], AbstractContextManager[Path]]
Findings = list[tuple[str, str, str]]


@pytest.fixture(scope="session")
def validate(kept: Kept, need: Callable[[str], None]) -> Callable[[Path], Findings]:
    """What the validator says of a file: level, rule and arguments of each remark above a note."""
    with kept("multitool") as folder:
        binaries = [folder / "node_modules/@microsoft" / name for name in BINARIES]
        if not any(file.exists() for file in binaries):
            need("node")
            command = [shutil.which("npm") or "npm", "install", "--no-package-lock", "--no-save", "--silent"]
            subprocess.run([*command, "--prefix", str(folder), PACKAGE], check=True, capture_output=True)
    binary = next(file for file in binaries if file.exists())

    def run(file: Path) -> Findings:
        out = file.with_suffix(".out.sarif")
        options = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--log", "ForceOverwrite"]
        subprocess.run([binary, "validate", file, *options, "-o", out], check=False, capture_output=True)
        log: dict[str, Any] = json.loads(out.read_text("utf-8-sig"))
        found = []
        for row in log["runs"]:
            assert row["invocations"][0]["executionSuccessful"]
            for result in row["results"]:
                level = result.get("level", "warning")  # the default of the format
                if level in ("error", "warning"):
                    found.append((level, result["ruleId"], str(result["message"].get("arguments"))))
        return found

    return run


def test_no_error_and_no_warning(report: Report, validate: Callable[[Path], Findings]) -> None:
    report.troubles = ["gone.py: no such file or directory"]
    for name, shown in (("full", report), ("empty", Report(rules=report.rules, root=report.root))):
        file = Path(f"{name}.sarif")
        file.write_text("".join(render(shown, "sarif", Style())), "utf-8")
        assert validate(file) == [], name


def test_a_real_run_is_as_clean(folder: Path, validate: Callable[[Path], Findings]) -> None:
    examples = Path(__file__).parents[2] / "examples"
    outputs = ["--output-file", "a.txt", "--sarif-output", "a.sarif"]
    assert run(["check", str(examples), "--no-cache", *outputs]) == 1
    assert json.loads(Path("a.sarif").read_text())["runs"][0]["results"]
    assert validate(Path("a.sarif")) == []


def test_the_validator_would_say_so(report: Report, validate: Callable[[Path], Findings]) -> None:
    log = json.loads("".join(render(report, "sarif", Style())))
    log["runs"][0]["results"][0]["ruleIndex"] = 99
    del log["runs"][0]["tool"]["driver"]["informationUri"]
    Path("bad.sarif").write_text(json.dumps(log), "utf-8")
    assert {level for level, _, _ in validate(Path("bad.sarif"))} == {"error", "warning"}
