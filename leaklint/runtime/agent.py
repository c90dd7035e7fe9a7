"""What every runtime offers to a measurement: one fresh process that runs a driver and can be probed.

The measurement (`leaklint.runtime.measure`) decides how often to call and when to stop; an agent only
calls and reads. It knows no verdict. docs/runtime-protocol.md shows a whole exchange.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import msgspec

from leaklint.errors import LeaklintError
from leaklint.runtime.suspect import Suspect

Inputs = Literal["fresh", "same"]


class AgentFailure(LeaklintError):
    """The process did not start, died, or was killed. The message is the reason of the verdict."""


class Missing(LeaklintError):
    """The runtime, or something it needs, is not there: `not-run`. The hint says how to get it."""


class Limits(msgspec.Struct, frozen=True):
    """What one process may use. seconds: wall time of the whole process; memory, output: in bytes."""

    seconds: float = 60.0
    memory: int = 2 << 30
    output: int = 1 << 20


class Driver(msgspec.Struct, frozen=True):
    """A program in workload form (`setup`, `iterate(i)`, `teardown`) and where it came from.

    source: its text, made by leaklint; empty when `file` is a workload of the user.
    name: what it calls, for people: `app/cache.py:serve`. origin: who named it.
    outermost: nothing of the project calls what it calls. keeps_instance: it calls methods on one
    object that it keeps itself.
    stands_in: what the called file imports, and is not there, answers to anything.
    roots: folders to import from; class_path: of a JVM. command: for `--repeat` and `--serve`; load: the
    command that makes one call to a server.
    """

    language: Literal["python", "javascript", "java"]
    name: str
    origin: Literal["generated", "trigger", "workload", "repeat", "serve"]
    source: str = ""
    file: str = ""
    outermost: bool = True
    keeps_instance: bool = False
    stands_in: bool = False
    roots: tuple[str, ...] = ()
    class_path: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    load: tuple[str, ...] = ()


class RunPlan(msgspec.Struct, frozen=True):
    """One process: a driver, the holders to watch in it, and what it may use.

    inputs: `fresh` calls iterate(0), iterate(1), …; `same` calls iterate(0) every time.
    runtime: interpreter, `node` or JDK folder to use; "" for the default.
    project: folder of the checked project, never written; the process starts in a copy of its top level.
    raises: whether the series goes on where calls raise.
    """

    driver: Driver
    watches: tuple[Suspect, ...]
    project: str
    inputs: Inputs = "fresh"
    limits: Limits = Limits()
    runtime: str = ""
    raises: bool = False


class Watched(msgspec.Struct):
    """What is known of one watched holder at a sample.

    length: deep length (a map of lists counts its keys and the entries of its lists); None when it could
    not be read. hits: how often its retain sites ran so far, 1 is enough (a one-shot proof may stop
    counting). release_hits: for each release of the suspect, whether its line ran so far.
    """

    length: int | None = None
    entries: int | None = None
    hits: int = 0
    release_hits: tuple[bool, ...] = ()


class Sample(msgspec.Struct):
    """State after a number of calls and a forced collection.

    counters: `count` of living objects or blocks, exact; bytes by the names of decide.GATES
    (`v8_bytes`, `jvm_bytes`, `rss_bytes`, `malloc_bytes`), plus runtime-specific ones (`threads`,
    `listeners`, `external_bytes`, `timers`, …), which corroborate.
    errors: calls that raised since the start; error: the first one, in one line.
    call_seconds, probe_seconds: spent since the last sample.
    """

    calls: int
    watched: tuple[Watched, ...] = ()
    counters: dict[str, int] = {}
    errors: int = 0
    error: str = ""
    call_seconds: float = 0.0
    probe_seconds: float = 0.0


class Explanation(msgspec.Struct):
    """What is found out once, after growth was seen; it may disturb the process.

    types: class name -> living instances more per call. retaining_path: from the root inwards, one
    readable step each: `module app`, `CACHE`, `dict value`, `Response`.
    allocation_site: `file:line` of the project where what stays was made. other: of a `resource`, whether
    the suspect line opened things that did not stay.
    """

    retaining_path: tuple[str, ...] = ()
    allocation_site: str = ""
    bytes_per_call: float | None = None
    types: dict[str, float] = {}
    other: bool = False


class Session(Protocol):
    """A running process. Every method raises AgentFailure when the process is gone or out of limits."""

    runtime: str
    """For people: `CPython 3.12.1`, `Node 20.20.2`, `JVM 17.0.15`."""

    hit_seconds: float
    """Overhead of the probe of a retain site, per hit; 0.0 when not measured."""

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        """Make that many calls, then collect and read. `sample(0)` only reads.

        seconds: how long the answer may take; no longer than the process may run in any case.
        """

    def explain(self, calls: int, watch: int) -> Explanation:
        """Make some more calls with costly instruments on; `watch` is the holder in question, or -1."""

    def close(self) -> None:
        """Run the driver's teardown and end the process with all its children. Never raises."""


class Agent(Protocol):
    """A module `leaklint.runtime.<language>.agent` with these functions."""

    def find(self, plan: RunPlan) -> str:
        """The runtime to use. Raises Missing."""

    def open(self, plan: RunPlan, folder: Path) -> Session:
        """Start the process and run `setup`. `folder` is empty, and removed afterwards.

        Raises Missing or AgentFailure.
        """


def package(language: str) -> str:
    """The package under `leaklint.runtime` that runs a language."""
    return {"python": "python", "javascript": "node", "java": "jvm"}[language]
