"""Starts CPython and hands it the plan; the package `leaklint_inside` does the rest in there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from leaklint.runtime.absent import of_python
from leaklint.runtime.agent import AgentFailure, Explanation, Missing, RunPlan, Sample
from leaklint.runtime.process import Conversation, launch

OLDEST = (3, 11)
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from leaklint_inside.serve import main; del sys.path[0], sys.argv[1:]; main()"
)


def find(plan: RunPlan) -> str:
    """The interpreter: the one asked for, that of the project's environment, or our own."""
    if plan.runtime:
        found = shutil.which(plan.runtime)
        if found is None:
            raise Missing(
                f"no interpreter {plan.runtime}", "give --python the path of a CPython of 3.11 or newer"
            )
        return _usable(found)
    return _usable(environment_python(Path(plan.project)) or sys.executable)


def environment_python(project: Path) -> str:
    """The interpreter of the virtual environment in a project, or of the active one; "" for none."""
    folders = [project / ".venv", project / "venv"]
    if os.environ.get("VIRTUAL_ENV"):
        folders.append(Path(os.environ["VIRTUAL_ENV"]))
    for folder in folders:
        for name in ("bin/python", "Scripts/python.exe"):
            if (folder / name).exists():
                return str(folder / name)
    return ""


@cache
def _usable(interpreter: str) -> str:
    """The interpreter, if it is a CPython that the agent runs on."""
    question = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [interpreter, "-I", "-S", "-c", question], capture_output=True, text=True, timeout=20, check=True
        ).stdout.split()
    except (OSError, subprocess.SubprocessError) as error:
        raise Missing(f"{interpreter} does not run: {error}", "give --python another interpreter") from error
    name, version = answer[0], (int(answer[1]), int(answer[2]))
    if name != "cpython" or version < OLDEST:
        raise Missing(
            f"{interpreter} is {name} {version[0]}.{version[1]}, and 3.11 or newer of CPython is needed",
            "give --python the path of one",
        )
    return interpreter


def open(plan: RunPlan, folder: Path) -> PythonSession:
    """Start an interpreter, and run `setup` in it."""
    interpreter = find(plan)
    driver = plan.driver
    file = driver.file
    if not file:
        file = str(folder / "leaklint_driver.py")
        Path(file).write_text(driver.source, "utf-8")
    environment = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }
    command = [interpreter, "-B", "-c", _START, str(Path(__file__).parent)]
    talk = launch(command, folder, plan.project, plan.limits, environment)
    row = msgspec.to_builtins(plan)
    row["driver"]["file"] = file
    try:
        return PythonSession(talk, talk.ask({"do": "start", "plan": row}))
    except AgentFailure as error:
        talk.close()
        absent = of_python(error.message, interpreter, plan.project, next(iter(driver.roots), ""))
        if absent is not None:
            raise Missing(*absent) from error
        raise


class PythonSession:
    """A running interpreter."""

    def __init__(self, talk: Conversation, started: Mapping[str, Any]) -> None:
        self._talk = talk
        self.runtime = str(started["runtime"])
        self.hit_seconds = float(started["hit_seconds"])

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        answer = self._talk.ask({"do": "sample", "calls": calls}, seconds)
        return msgspec.convert(answer["sample"], Sample)

    def explain(self, calls: int, watch: int) -> Explanation:
        answer = self._talk.ask({"do": "explain", "calls": calls, "watch": watch})
        return msgspec.convert(answer["explanation"], Explanation)

    def close(self) -> None:
        self._talk.close()
