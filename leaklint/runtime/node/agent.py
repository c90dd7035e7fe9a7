"""Starts Node and hands it the plan; the scripts beside this file do the rest in there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from leaklint.runtime.absent import of_node
from leaklint.runtime.agent import AgentFailure, Explanation, Missing, RunPlan, Sample
from leaklint.runtime.node.modules import TYPED, asks_for_page, compiler, installed
from leaklint.runtime.process import Conversation, launch

OLDEST = 20
_HOOK = re.compile(r"of null \(reading 'use[A-Z]\w*'\)|Invalid hook call")
"""What React's hooks throw outside of a render."""

INSTALL = "run `npm install --no-save"
"""What gives a project a page, without a change to its package.json."""

_BROWSER = re.compile(
    r"ReferenceError: (window|document|HTMLElement|localStorage|sessionStorage|matchMedia|location|"
    r"addEventListener|requestAnimationFrame|\w+Observer) is not defined"
)


def find(plan: RunPlan) -> str:
    """The node to use: the one asked for, or the one on PATH."""
    found = shutil.which(plan.runtime or "node")
    if found is None:
        raise Missing(f"no {plan.runtime or 'node'} on PATH", "install Node 20 or newer, or give --node")
    if _version(found) < (OLDEST, 0):
        raise Missing(f"Node {_version(found)[0]} is too old", "install Node 20 or newer, or give --node")
    files = [row.file for row in plan.watches] + [plan.driver.file or next(iter(plan.driver.roots), "")]
    typed = next((Path(file) for file in files if Path(file).suffix in TYPED), None)
    if typed is not None and not compiler(typed) and not _strips(found, typed):
        raise Missing(
            f"{typed.name} has types or JSX, and nothing here compiles them",
            "install esbuild, tsx, @swc/core or typescript in the project, or use Node 22.18 or newer",
        )
    return found


def _strips(node: str, file: Path) -> bool:
    """Whether this Node loads TypeScript by itself; JSX it never does."""
    version = _version(node)
    return file.suffix not in (".tsx", ".jsx") and (version >= (23, 6) or (22, 18) <= version < (23, 0))


@cache
def _version(node: str) -> tuple[int, int]:
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0, 0
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def open(plan: RunPlan, folder: Path) -> NodeSession:
    """Start Node, and run `setup` in it."""
    node = find(plan)
    file = plan.driver.file
    if not file:
        file = str(folder / "leaklint_driver.cjs")
        Path(file).write_text(plan.driver.source, "utf-8")
    heap = max(64, plan.limits.memory * 3 // 4 >> 20)
    command = [node, "--expose-gc", f"--max-old-space-size={heap}", "--no-warnings"]
    command.append("--experimental-vm-modules")  # to parse edited modules before they are loaded
    command.append(str(Path(__file__).with_name("serve.cjs")))
    page = _page(plan)
    environment = {"NODE_OPTIONS": ""}
    if page and "NODE_ENV" not in os.environ:
        environment["NODE_ENV"] = "production"  # else React measures each render, and keeps what it measured
    talk = launch(command, folder, plan.project, plan.limits, environment)
    row = msgspec.to_builtins(plan)
    row["driver"]["file"] = file
    row["page"] = page
    try:
        return NodeSession(talk, talk.ask({"do": "start", "plan": row}))
    except AgentFailure as error:
        talk.close()
        _need_no_browser(error.message)
        absent = of_node(error.message, next(iter(plan.driver.roots), file))
        if absent is not None:
            raise Missing(*absent) from error
        raise


def _page(plan: RunPlan) -> str:
    """The file whose project has the jsdom for what the driver calls; "" where it needs no page."""
    called = Path(next(iter(plan.driver.roots), ""))
    wanted = plan.driver.origin in ("generated", "trigger") and asks_for_page(called)
    return str(called) if wanted and any(installed(called, ("jsdom",))) else ""


def _need_no_browser(reason: str) -> None:
    """Raises Missing for code that only a browser or a renderer runs: nothing is said about it here."""
    if _HOOK.search(reason):
        raise Missing(
            "it is a component of React, or a hook, which only a renderer calls",
            f"{INSTALL} jsdom react-dom`, or give a --workload that mounts and unmounts it",
        )
    found = _BROWSER.search(reason)
    if found:
        raise Missing(
            f"it needs a browser: {found[1]} is not defined in Node",
            f"{INSTALL} jsdom`, or give a --workload that sets one up",
        )


class NodeSession:
    """A running Node."""

    def __init__(self, talk: Conversation, started: Mapping[str, Any]) -> None:
        self._talk = talk
        self.runtime = str(started["runtime"])
        self.hit_seconds = float(started["hit_seconds"])

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        answer = self._talk.ask({"do": "sample", "calls": calls}, seconds)
        found = msgspec.convert(answer["sample"], Sample)
        _need_no_browser(found.error)
        return found

    def explain(self, calls: int, watch: int) -> Explanation:
        answer = self._talk.ask({"do": "explain", "calls": calls, "watch": watch})
        return msgspec.convert(answer["explanation"], Explanation)

    def close(self) -> None:
        self._talk.close()
