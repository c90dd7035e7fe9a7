"""Starts a JVM and reads it from both sides: an agent inside makes the calls and measures containers, and
JDWP, the debugger's protocol, proves that lines ran and finds the objects that own a field.

Objects are counted by the class histogram, through HotSpot's attach socket; where there is none, the heap
is known in bytes only.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from pathlib import Path
from typing import Any

from leaklint.runtime.agent import AgentFailure, Explanation, Missing, RunPlan, Sample, Watched
from leaklint.runtime.jvm import explain, jdk
from leaklint.runtime.jvm.births import MOST, Birth, Births
from leaklint.runtime.jvm.counters import Counters
from leaklint.runtime.jvm.histogram import Histogram
from leaklint.runtime.jvm.jdwp import Connection, JdwpError
from leaklint.runtime.jvm.owners import Owners
from leaklint.runtime.jvm.sites import Sites
from leaklint.runtime.process import Conversation, launch

HEAP_SHARE = 0.75
"""Share of the memory limit that the heap may take; code, threads and the collector need the rest."""

DEAR = 0.05
"""Seconds for a sample from which objects are counted only in a run without a readable holder: 1.5 million
objects take that long."""

STEADY = 12
"""Samples without calls, at most, until two have the same count: a JVM takes 2 to 4."""

CONNECT = 20.0
"""Seconds that a JVM may take to start; 0.3 on an idle machine."""

TYPICAL = 8
"""Calls among which some are like those to come: not stopped at a breakpoint, nor loading classes."""

COMMANDS = 6
"""Commands that a breakpoint takes until its thread goes on."""

FIRST_SERIES = 1600
"""Calls over which the cost of a breakpoint that is met once is spread."""

_OPENED = (
    "java.base/java.lang",
    "java.base/java.lang.ref",
    "java.base/java.io",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.zip",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.fs",
    "java.management/java.lang.management",
)
"""Packages whose private fields hold what calls of the JDK register or open."""

_NO_CLASS = re.compile(r"(?:NoClassDefFoundError|ClassNotFoundException): (?!Could not)([\w/.$]+)")


def find(plan: RunPlan) -> str:
    """The `java` of the JDK to use. Raises Missing."""
    return jdk.locate(plan.runtime).java


def open(plan: RunPlan, folder: Path) -> JvmSession:
    """Compile the workload, start a JVM, and run `setup` in it."""
    found = jdk.locate(plan.runtime)
    classes = jdk.build(found, plan, folder)
    (folder / "plan.properties").write_text(_properties(plan), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        path = os.pathsep.join((str(classes), *plan.driver.class_path))
        heap = max(64, int(plan.limits.memory * HEAP_SHARE) >> 20)
        command = [found.java, *_options(heap, port, folder), "-cp", path]
        command += ["leaklint_inside.Serve", str(folder / "plan.properties")]
        talk = launch(command, folder, plan.project, plan.limits, dict.fromkeys(jdk.OPTIONS, ""))
        try:
            stream = _accept(server, talk)
        except AgentFailure:
            talk.close(ask=False)
            raise
    try:
        return JvmSession(plan, talk, stream)
    except (AgentFailure, Missing):
        stream.close()
        talk.close(ask=False)
        raise


def _options(heap: int, port: int, folder: Path) -> list[str]:
    """Quick to start, deterministic to count.

    Soft references are cleared as weak ones are. Every collection compacts, else gaps are filled with
    arrays that count. Methods are compiled after 20 calls, not 200: the compiler makes the string
    constants of what it compiles, which looked like slow growth over the first 700 calls.
    """
    return [
        f"-Xmx{heap}m",
        "-XX:+UseSerialGC",
        "-XX:MarkSweepAlwaysCompactCount=1",
        "-XX:TieredStopAtLevel=1",
        "-XX:CompileThresholdScaling=0.1",
        "-XX:SoftRefLRUPolicyMSPerMB=0",
        "-XX:+StartAttachListener",
        "-XX:NativeMemoryTracking=summary",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-XX:ErrorFile={folder / 'tmp' / 'crash.log'}",
        *(f"--add-opens={name}=ALL-UNNAMED" for name in _OPENED),
        f"-agentlib:jdwp=transport=dt_socket,server=n,suspend=n,address=127.0.0.1:{port}",
    ]


def _accept(server: socket.socket, talk: Conversation) -> socket.socket:
    server.settimeout(0.1)
    deadline = time.monotonic() + CONNECT
    while time.monotonic() < deadline:
        try:
            stream, _ = server.accept()
        except TimeoutError:
            talk.alive()
            continue
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream
    raise AgentFailure(f"the JVM did not start within {CONNECT:g} s")


def _properties(plan: RunPlan) -> str:
    """What the agent inside needs to know of the plan, as a Java properties file."""
    rows = {"inputs": plan.inputs, "watches": str(len(plan.watches))}
    if plan.driver.source:
        rows["generated"] = "true"
    if not hasattr(socket, "AF_UNIX"):
        rows["collect"] = "true"
    for number, watch in enumerate(plan.watches):
        holder = watch.holder
        owner = holder.owner.replace(".", "$")
        rows |= {
            f"{number}.kind": holder.kind,
            f"{number}.name": holder.name,
            f"{number}.owner": f"{watch.package}.{owner}" if watch.package and owner else owner,
            f"{number}.steps": ",".join(holder.steps),
            f"{number}.how": watch.sites[0].how if watch.sites else "",
            f"{number}.event": holder.event,
        }
    return "".join(f"{key}={_escaped(value)}\n" for key, value in rows.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


class JvmSession:
    """A running JVM."""

    def __init__(self, plan: RunPlan, talk: Conversation, stream: socket.socket) -> None:
        self.plan = plan
        self._talk = talk
        self._counts = True
        self._opened: tuple[list[Birth], list[Birth]] | None = None
        self.counters = Counters(talk)
        self.sites = Sites(plan.watches, self._received)
        try:
            self.jdwp = Connection(stream, self.sites.on_event)
            self.owners = Owners(plan.watches, self.jdwp, self.sites)
            self.sites.attach(self.jdwp, owners=self.owners.wanted)
            started = talk.ask({"do": "start"})
            self.runtime = str(started["runtime"])
            self.sites.start()
        except AgentFailure as error:
            _need_classes(error.message)
            raise
        except JdwpError as error:
            raise AgentFailure(f"the JVM cannot be observed: {error.message}") from error
        self.hit_seconds = self._calibrate()
        self._settle()

    def _calibrate(self) -> float:
        """Seconds that a breakpoint which is met once adds to a call of a first series."""
        if not self.plan.watches:
            return 0.0
        fastest = CONNECT
        for _ in range(10):
            began = time.perf_counter()
            self.jdwp.command(1, 1)
            fastest = min(fastest, time.perf_counter() - began)
        return fastest * COMMANDS / FIRST_SERIES

    def _settle(self) -> None:
        """Sample until nothing changes any more: the first ones load classes and start the listener."""
        before, fastest = None, DEAR * 2
        for _ in range(STEADY):
            found = self.sample(0)
            count = found.counters.get("count")
            fastest = min(fastest, found.probe_seconds)
            if count == before:
                break
            before = count
        readable = bool(found.watched) and all(row.length is not None for row in found.watched)
        self._counts = fastest <= DEAR or not readable

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        try:
            return self._sample(calls, seconds)
        except JdwpError as error:
            self._talk.alive()
            raise AgentFailure(f"the JVM cannot be observed: {error.message}") from error

    def _sample(self, calls: int, seconds: float | None) -> Sample:
        began, stopped = time.perf_counter(), self.jdwp.stopped
        done = self._call(calls, seconds)
        took, still = done["call_seconds"], self.jdwp.stopped - stopped
        spent = done["typical_seconds"] if calls >= TYPICAL else max(took - still, took / 10)
        found = self.counters.histogram() if self._counts else None
        counters = self.counters.native()
        state = self._read(found)
        counters |= state["counters"]
        if found is not None:
            counters |= {"count": self.counters.objects(found), "jvm_bytes": found.size}
        _need_classes(done["error"])
        if calls and self.sites.without_lines and not any(self.sites.hits):
            raise AgentFailure("the classes have no line numbers: compile them with -g")
        return Sample(
            done["calls"],
            tuple(
                Watched(row["length"], row["entries"], hits, tuple(released))
                for row, hits, released in zip(
                    state["watched"], self.sites.hits, self.sites.released, strict=True
                )
            ),
            counters,
            done["errors"],
            done["error"],
            spent,
            max(0.0, time.perf_counter() - began - took),
        )

    def _call(self, calls: int, seconds: float | None = None) -> dict[str, Any]:
        self.sites.rearm()
        self.sites.active = calls > 0
        done = self._talk.ask({"do": "call", "calls": calls}, seconds)
        self.sites.active = False
        return done

    def opened(self, calls: int) -> tuple[list[Birth], list[Birth]]:
        """Where calls open files and compressors: those that are open until collected, and others."""
        if self._opened is None:
            births = Births(self.jdwp, self.owners.keep)
            self.owners.make_room(MOST)
            self.sites.look_for(births)
            self._call(calls)
            self.sites.look_for(None)
            self._call(calls)
            left = set(self._talk.ask({"do": "unclosed"})["unclosed"])
            rows = list(enumerate(births.found))
            self._opened = (
                [birth for number, birth in rows if number in left],
                [birth for number, birth in rows if number not in left],
            )
        return self._opened

    def _read(self, found: Histogram | None) -> dict[str, Any]:
        """Lengths, once the owners of fields that came and went are known."""
        ready = self.owners.ready()
        state = self._talk.ask({"do": "read", "ready": ready, "owners": ""})
        for watch in self.owners.changed(state["watched"], found):
            with contextlib.suppress(JdwpError):
                self.owners.hand(watch)
            state = self._talk.ask({"do": "read", "ready": ready, "owners": str(watch)})
        return state

    def _received(self, watch: int, thing: int) -> None:
        self.owners.receive(watch, thing)

    def route(self, watch: int) -> list[str]:
        """From the root to an entry of a holder."""
        return [str(step) for step in self._talk.ask({"do": "route", "watch": watch})["path"]]

    def explain(self, calls: int, watch: int) -> Explanation:
        try:
            return explain.explain(self, calls, watch)
        except JdwpError as error:
            self._talk.alive()
            raise AgentFailure(f"the JVM cannot be observed: {error.message}") from error

    def close(self) -> None:
        with contextlib.suppress(AgentFailure):
            pid = self._talk.pid
            self._talk.close()
            for folder in (f"/proc/{pid}/root/tmp", "/tmp"):
                with contextlib.suppress(OSError):
                    os.unlink(f"{folder}/.java_pid{pid}")
        with contextlib.suppress(OSError):
            self.jdwp.close()


def _need_classes(reason: str) -> None:
    """Raises Missing for a class that is not on the class path."""
    found = _NO_CLASS.search(reason)
    if found:
        name = found[1].replace("/", ".")
        raise Missing(
            f"class {name} is not on the class path", "give --classpath with what the project needs"
        )
