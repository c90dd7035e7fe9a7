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

from leaklint.runtime.agent import AgentFailure, Explanation, Missing, RunPlan, Sample
from leaklint.runtime.process import Conversation, launch

OLDEST = 20
_TYPED = frozenset((".ts", ".mts", ".cts", ".tsx", ".jsx"))


def find(plan: RunPlan) -> str:
    """The node to use: the one asked for, or the one on PATH."""
    found = shutil.which(plan.runtime or "node")
    if found is None:
        raise Missing(f"no {plan.runtime or 'node'} on PATH", "install Node 20 or newer, or give --node")
    if _major(found) < OLDEST:
        raise Missing(f"Node {_major(found)} is too old", "install Node 20 or newer, or give --node")
    typed = [row.file for row in plan.watches if os.path.splitext(row.file)[1] in _TYPED]
    if typed or os.path.splitext(plan.driver.file)[1] in _TYPED:
        raise Missing("TypeScript and JSX are not run yet", "compile them, and confirm the JavaScript")
    return found


@cache
def _major(node: str) -> int:
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.match(r"v(\d+)", said)
    return int(found[1]) if found else 0


def open(plan: RunPlan, folder: Path) -> NodeSession:
    """Start Node, and run `setup` in it."""
    node = find(plan)
    file = plan.driver.file
    if not file:
        file = str(folder / "leaklint_driver.cjs")
        Path(file).write_text(plan.driver.source, "utf-8")
    heap = max(64, plan.limits.memory * 3 // 4 >> 20)
    command = [node, "--expose-gc", f"--max-old-space-size={heap}", "--no-warnings"]
    command.append(str(Path(__file__).with_name("serve.cjs")))
    talk = launch(command, folder, plan.project, plan.limits, {"NODE_OPTIONS": ""})
    row = msgspec.to_builtins(plan)
    row["driver"]["file"] = file
    try:
        return NodeSession(talk, talk.ask({"do": "start", "plan": row}))
    except AgentFailure:
        talk.close()
        raise


class NodeSession:
    """A running Node."""

    def __init__(self, talk: Conversation, started: Mapping[str, Any]) -> None:
        self._talk = talk
        self.runtime = str(started["runtime"])
        self.hit_seconds = float(started["hit_seconds"])

    def sample(self, calls: int) -> Sample:
        return msgspec.convert(self._talk.ask({"do": "sample", "calls": calls})["sample"], Sample)

    def explain(self, calls: int, watch: int) -> Explanation:
        answer = self._talk.ask({"do": "explain", "calls": calls, "watch": watch})
        return msgspec.convert(answer["explanation"], Explanation)

    def close(self) -> None:
        self._talk.close()
