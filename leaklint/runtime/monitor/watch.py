"""Looks at a process again and again until it is told to stop, or something ends."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

from leaklint.errors import LeaklintError
from leaklint.runtime.monitor.heaps import Agents, Jvms, Running, Source
from leaklint.runtime.monitor.memory import Tree, psutil
from leaklint.runtime.monitor.record import Reading, Stop

GRACE = 5.0
"""Seconds between the request to end and the kill."""

MOST_READINGS = 10_000
"""Then every second one goes and the interval doubles: watching for weeks must not leak either."""

TICK = 0.05
"""Seconds between two looks at whether something has ended."""


class Watch:
    """A process tree under observation; a context manager that stops whatever was started.

    pid: a process that runs already; command: one to start, with our agents inside.
    """

    def __init__(
        self, pid: int | None, command: list[str], interval: float, *, collect: bool = False
    ) -> None:
        psutil()  # before anything is started
        self.interval = interval
        self.readings: list[Reading] = []
        self._seen: set[Any] = set()
        self._load: subprocess.Popen[bytes] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._sources: list[Source] = [Jvms(collect)]
        if pid is None:
            agents = Agents(interval, collect)
            self._sources.append(agents)
            self._child = _start(command, agents)
            pid = self._child.pid
        else:
            self._sources.append(Running(collect))
        self.started = self._child is not None
        self.pid = pid
        self.tree = Tree(pid)
        self.command = command or self.tree.command()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        for started in (self._load, self._child):
            if started:
                end(Tree(started.pid).members() if started.poll() is None else [])
        if self._child:
            end(list(self._seen))  # detached ones as well
        for source in self._sources:
            source.close()

    @property
    def runtimes(self) -> list[str]:
        return sorted(set().union(*(source.runtimes for source in self._sources)))

    @property
    def notes(self) -> list[str]:
        return [note for source in self._sources for note in source.notes]

    def run(
        self, duration: float | None, load: str | None, on_reading: Callable[[Reading], None] = lambda _: None
    ) -> Stop:
        """Read until something says stop."""
        began = time.monotonic()
        due = self.interval if self._child else 0.0  # what was just started has no memory to speak of
        if load:
            # the words of a shell, as in a terminal: `wrk … > log`
            self._load = subprocess.Popen(load, shell=True, start_new_session=True)
        try:
            while True:
                stop = self._sleep_until(began, due, duration)
                if stop:
                    return stop
                due += self.interval
                reading = Reading(round(time.monotonic() - began, 3), self._values())
                if reading.values:  # empty in the moment of its end
                    self._keep(reading)
                    on_reading(reading)
        except KeyboardInterrupt:
            return Stop("interrupt")

    def _keep(self, reading: Reading) -> None:
        """Add a reading. When they become too many, the lower one of two neighbours stays: it is the base."""
        self.readings.append(reading)
        if len(self.readings) > MOST_READINGS:
            pairs = zip(self.readings[::2], self.readings[1::2], strict=False)
            self.readings = [min(pair, key=lambda one: one.values["rss"]) for pair in pairs]
            self.interval *= 2

    def _sleep_until(self, began: float, due: float, duration: float | None) -> Stop | None:
        """Wait for the next reading, unless something ends first."""
        while True:
            now = time.monotonic() - began
            if self._ended():
                return Stop("target", self._code())
            if self._load and self._load.poll() is not None:
                return Stop("load", self._load.returncode)
            if duration is not None and now >= duration:
                return Stop("duration")
            if now >= due:
                return None
            time.sleep(min(TICK, due - now))

    def _ended(self) -> bool:
        return self._child.poll() is not None if self._child else not self.tree.alive()

    def _code(self) -> int | None:
        return self._child.returncode if self._child else None

    def _values(self) -> dict[str, float]:
        members = self.tree.members()
        self._seen.update(members)
        values = self.tree.read(members)
        if not values:
            return {}
        for source in self._sources:
            for name, value in source.read(members).items():
                values[name] = values.get(name, 0) + value
        return values


def _start(command: list[str], agents: Agents) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own: an interrupt in the terminal is ours, then we end it."""
    try:
        return subprocess.Popen(command, env=agents.environment(), start_new_session=True)
    except OSError as error:
        agents.close()
        raise LeaklintError(f"{command[0]}: cannot be started: {error.strerror}") from error


def end(members: list[Any]) -> None:
    """End processes: a request first, then a kill."""
    module: Any = psutil()
    for process in members:
        with contextlib.suppress(module.Error):
            process.send_signal(signal.SIGTERM)
    _, stubborn = module.wait_procs(members, GRACE)
    for process in stubborn:
        with contextlib.suppress(module.Error):
            process.kill()
    module.wait_procs(stubborn, GRACE)
