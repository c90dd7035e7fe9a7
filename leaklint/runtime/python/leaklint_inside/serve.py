"""The conversation of docs/runtime-protocol.md, and the calls themselves."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

from . import counters
from .collector import collect, settle
from .explain import Look
from .lengths import count_exit_hooks
from .sites import Sites
from .watch import Watch
from .workload import Workload

MARK = b"\x1e"


class Server:
    """One run: a workload, the holders to watch, and how far it got."""

    def __init__(self, plan: dict[str, Any], served: bool = False) -> None:
        """served: the program runs by itself, and calls come from outside."""
        self.served = served
        self.project = plan["project"]
        self.made = plan["driver"]["origin"] == "generated"
        self.same = plan["inputs"] == "same"
        self.calls = 0
        self.errors = 0
        self.error = ""
        self.sites = Sites()
        self.watches = [Watch(row) for row in plan["watches"]]
        self.workload = Workload(plan["driver"])
        self.look: Look | None = None

    def start(self) -> dict[str, Any]:
        counters.prepare()
        count_exit_hooks()
        if self.made:
            threading.excepthook = self._raised_in_thread
        if not self.served:
            self.workload.load()
        for watch in self.watches:
            self.sites.add(watch)
        hit = self.sites.cost()
        self.sites.start()
        settle(self.project)
        for _ in range(3):
            self.sample(0)
        return {
            "ok": True,
            "runtime": f"CPython {sys.version.split()[0]}",
            "pid": os.getpid(),
            "hit_seconds": hit,
        }

    def call(self, count: int) -> None:
        """Make calls. What a call raises is counted, and does not stop the series."""
        iterate = self.workload.call
        for _ in range(count):
            number = 0 if self.same else self.calls
            self.calls += 1
            try:
                iterate(number)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self.errors += 1
                if not self.error:
                    self.error = describe(error)

    def _raised_in_thread(self, hook: threading.ExceptHookArgs) -> None:
        """A thread that ends by what made-up arguments make it raise says nothing about the program."""
        if hook.exc_value is not None and not isinstance(hook.exc_value, SystemExit):
            self.errors += 1
            self.error = self.error or f"{describe(hook.exc_value)} in a thread"

    def sample(self, count: int) -> dict[str, Any]:
        for watch in self.watches:
            watch.fresh()
        began = time.perf_counter()
        self.call(count)
        called = time.perf_counter()
        self.workload.settle()
        collect(self.project)
        numbers = counters.read()
        watched = [watch.read() for watch in self.watches]
        return {
            "calls": self.calls,
            "watched": watched,
            "counters": numbers,
            "errors": self.errors,
            "error": self.error,
            "call_seconds": called - began,
            "probe_seconds": time.perf_counter() - called,
        }

    def explain(self, count: int, watch: int) -> dict[str, Any]:
        if self.look is None:
            self.look = Look(self.project)
            if not self.served:
                self.call(max(2, count // 10))
        if not self.look.count:
            if not self.served:
                self.look.begin()
                self.call(count)
            self.look.end(count)
        chosen = self.watches[watch] if watch >= 0 else None
        return self.look.explain(chosen, self.workload.file)

    def begin_look(self) -> dict[str, Any]:
        """For a server: trace from now on, until it is asked to explain the calls that came in between."""
        self.look = Look(self.project)
        self.look.begin()
        return {"ok": True}


def describe(error: BaseException) -> str:
    """Kind and text of an exception in one line, with the innermost line of code that raised it."""
    frame = error.__traceback__
    where = ""
    while frame is not None:
        name = os.path.basename(frame.tb_frame.f_code.co_filename)
        if "leaklint_inside" not in frame.tb_frame.f_code.co_filename:
            where = f" ({name}:{frame.tb_lineno})"
        frame = frame.tb_next
    try:
        text = str(error)
    except Exception:
        text = ""
    return " ".join(f"{type(error).__name__}: {text}"[:200].split()) + where


def main() -> None:
    """Answer requests until there are no more."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    server: Server | None = None
    for line in requests:
        request = json.loads(line)
        try:
            if request["do"] == "start":
                server = Server(request["plan"])
                reply = server.start()
            else:
                reply = answer(server, request)
        except BaseException as error:
            what = "setup" if request["do"] == "start" else request["do"]
            reply = {"failure": f"{what} raised {describe(error)}"}
        answers.write(MARK + json.dumps(reply).encode() + b"\n")
        if request["do"] == "close":
            sys.stderr.flush()
            os._exit(0)  # exit hooks of the checked program are not ours to run


def answer(server: Server | None, request: dict[str, Any]) -> dict[str, Any]:
    """The reply to any request but the first."""
    assert server is not None
    if request["do"] == "sample":
        return {"sample": server.sample(request["calls"])}
    if request["do"] == "look":
        return server.begin_look()
    if request["do"] == "explain":
        return {"explanation": server.explain(request["calls"], request["watch"])}
    if not server.served:
        server.workload.unload()
    return {"ok": True}
