"""Interpreters at hand, and the shortest ways to a verdict, for the tests of this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from leaklint.config import Project, Settings
from leaklint.discover import Search, Target
from leaklint.pipeline import check_files
from leaklint.report import Report
from leaklint.runtime.agent import Driver, Limits, RunPlan
from leaklint.runtime.confirm import Trigger, confirm
from leaklint.runtime.measure import Run, run
from leaklint.runtime.trial import Options

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
EXAMPLES = Path(__file__).parents[2] / "examples" / "runtime"


@cache
def interpreter(version: str) -> str:
    """A CPython of a version: on PATH, or among those of pyenv; "" when there is none."""
    candidates = [shutil.which(f"python{version}") or ""]
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    candidates += sorted(map(str, Path(root).glob(f"versions/{version}.*/bin/python")))
    for candidate in filter(None, candidates):
        question = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"]
        try:
            answer = subprocess.run(question, capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.SubprocessError):
            continue
        name, _, executable = answer.stdout.strip().partition(" ")
        if name == version:
            return executable
    return ""


def at_hand() -> list[str]:
    return [version for version in VERSIONS if interpreter(version)]


class Confirmed(NamedTuple):
    """What `leaklint confirm` came to: its report, and the status of each finding by code."""

    report: Report
    statuses: dict[str, str]

    @property
    def trigger(self) -> dict[str, object]:
        return next(row for row in self.report.verdicts if row["finding"] is None)


def confirm_file(
    file: Path, trigger: str = "", *, python: str = "", budget: float = 6.0, project: Path | None = None
) -> Confirmed:
    """Check one file and try its suspects, as the command does."""
    root = str(project or file.parent)
    target = Target(str(file), file.name, file.stat().st_size, True)
    report = check_files(Search([target]), Project(root, Settings(confidence="low")), 1)
    runtimes = {"python": python} if python else {}
    triggers = [Trigger(str(file), trigger)] if trigger else []
    files = {file.name: str(file)}
    confirm(report, files, Options(root, budget, runtimes), triggers=triggers, jobs=2, least="low")
    return Confirmed(
        report,
        {finding.code: str(finding.verdict["status"]) for finding in report.findings if finding.verdict},
    )


def run_workload(
    text: str, folder: Path, *, python: str = "", budget: float = 6.0, limits: Limits | None = None
) -> Run:
    """One series of a workload, with nothing to watch but the heap."""
    file = folder / "workload.py"
    file.write_text(text, "utf-8")
    driver = Driver("python", "workload.py", "workload", file=str(file), roots=(str(folder),))
    plan = RunPlan(driver, (), str(folder), runtime=python)
    return run(replace(plan, limits=limits) if limits else plan, budget)
