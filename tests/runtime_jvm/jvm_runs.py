"""The shortest ways to a verdict on Java, for the tests of this folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from leaklint.config import Project, Settings
from leaklint.discover import Search, Target
from leaklint.pipeline import check_files
from leaklint.runtime.agent import Driver, Limits, RunPlan
from leaklint.runtime.derive import outline
from leaklint.runtime.jvm import jdk
from leaklint.runtime.measure import Run, run
from leaklint.runtime.suspect import HolderKind, HolderPath, Site, Span, Suspect
from leaklint.runtime.verdict import Verdict, join, join_heap

BUDGET = 10.0
"""Seconds for a series, compiling included: a machine that runs other tests is slow."""


class Tried(NamedTuple):
    """One series of a workload, and what it says of the holders of a file."""

    run: Run
    suspects: tuple[Suspect, ...]
    driver: Driver

    def verdict(self, name: str) -> Verdict:
        """On the holder of that name."""
        number = next(index for index, row in enumerate(self.suspects) if row.holder.text == name)
        return join(self.suspects[number], number, self.driver, [self.run])

    @property
    def verdicts(self) -> list[Verdict]:
        return [join(row, number, self.driver, [self.run]) for number, row in enumerate(self.suspects)]

    @property
    def heap(self) -> Verdict:
        return join_heap(self.driver, [self.run])


def run_workload(text: str, folder: Path, *, budget: float = BUDGET, limits: Limits | None = None) -> Run:
    """One series of a workload, with nothing to watch but the heap."""
    return try_program("", text, folder, budget=budget, limits=limits).run


def _suspect(
    file: Path, path: str, package: str, kind: HolderKind, owner: str, name: str, text: str
) -> Suspect:
    lines = file.read_text("utf-8").splitlines()
    line = next(number for number, row in enumerate(lines, 1) if text in row)
    holder = HolderPath(kind, f"{owner.rpartition('.')[2]}.{name}", name, owner)
    site = Site(Span(0, 0, line, line), None, "add", "")
    return Suspect(path, str(file), "java", "", holder, (site,), package=package, confidence="high")


def try_program(
    program: str,
    workload: str,
    folder: Path,
    *,
    name: str = "Program.java",
    budget: float = BUDGET,
    limits: Limits | None = None,
    runtime: str = "",
    project: Path | None = None,
    more: Sequence[tuple[HolderKind, str, str, str]] = (),
) -> Tried:
    """One series of a workload that calls a program of one file; all its holders are watched.

    more: further ones, as kind, owner, name, and text of the line that retains.
    """
    file, driven = folder / name, folder / "driver" / "Workload.java"
    driven.parent.mkdir(exist_ok=True)
    driven.write_text(workload, "utf-8")
    suspects: tuple[Suspect, ...] = ()
    if program:
        file.write_text(program, "utf-8")
        target = Target(str(file), name, file.stat().st_size, True)
        report = check_files(Search([target]), Project(str(folder), Settings(confidence="low")), 1)
        found = outline(file, name, report.findings)
        suspects = (*found.suspects, *found.quiet)
        suspects += tuple(_suspect(file, name, found.package, *row) for row in more)
    driver = Driver("java", "Workload.java", "workload", file=str(driven), roots=(str(folder),))
    plan = RunPlan(
        driver, suspects, str(project or folder), limits=limits or Limits(seconds=60), runtime=runtime
    )
    return Tried(run(plan, budget), suspects, driver)


def newest() -> str:
    """The newest JDK beside the default one; empty when there is none."""
    base = Path(jdk.locate("").java).resolve().parents[2]
    others = [row for row in base.iterdir() if not row.is_symlink() and (row / "bin" / "javac").exists()]
    numbered = [(int(found[1]), str(row)) for row in others if (found := re.search(r"(\d+)", row.name))]
    return max(numbered, default=(0, ""))[1]
