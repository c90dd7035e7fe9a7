"""The shortest ways to a verdict on JavaScript, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from leaklint.config import Project, Settings
from leaklint.discover import Search, Target
from leaklint.pipeline import check_files
from leaklint.report import Report
from leaklint.runtime.agent import Driver, Limits, RunPlan
from leaklint.runtime.confirm import Trigger, confirm
from leaklint.runtime.measure import Run, run
from leaklint.runtime.trial import Options

EXAMPLES = Path(__file__).parents[2] / "examples" / "runtime" / "javascript"


class Confirmed(NamedTuple):
    """What `leaklint confirm` came to: the report, and the status of each finding by file and code."""

    report: Report
    statuses: dict[tuple[str, str], str]

    @property
    def trigger(self) -> dict[str, Any]:
        return next(row for row in self.report.verdicts if row["finding"] is None)


def check(files: list[Path], root: Path | None = None) -> Report:
    """The findings of files, all of them."""
    folder = root or files[0].parent
    targets = [Target(file, file.relative_to(folder).as_posix(), file.stat().st_size, True) for file in files]
    return check_files(Search(targets), Project(str(folder), Settings(confidence="low")), 1)


def confirm_files(
    files: list[Path], trigger: str = "", *, budget: float = 2.5, project: Path | None = None
) -> Confirmed:
    """Check files and try their suspects, as the command does. trigger: a name in the first file."""
    root = project or files[0].parent
    shown = {file.relative_to(root).as_posix(): str(file) for file in files}
    report = check(files, root)
    triggers = [Trigger(str(files[0]), trigger)] if trigger else []
    confirm(report, shown, Options(str(root), budget), triggers=triggers, jobs=2, least="low")
    found = {
        (finding.path, finding.code): str(finding.verdict["status"])
        for finding in report.findings
        if finding.verdict
    }
    return Confirmed(report, found)


def run_workload(text: str, folder: Path, *, name: str = "workload.cjs", budget: float = 2.0) -> Run:
    """One series of a workload, with nothing to watch but the heap."""
    file = folder / name
    file.write_text(text, "utf-8")
    driver = Driver("javascript", name, "workload", file=str(file), roots=(str(folder),))
    return run(RunPlan(driver, (), str(folder), limits=Limits(seconds=20)), budget)
