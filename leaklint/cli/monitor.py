"""`leaklint monitor`: the memory of a living process over time."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leaklint.cli.terminal import complain
from leaklint.errors import UsageError

if TYPE_CHECKING:
    from leaklint.runtime.monitor.record import Limit, Reading, Report, Stop
    from leaklint.runtime.monitor.watch import Watch

CLEAN, LEAKS, FAILURE = 0, 1, 2

PUBLISH_EVERY = 10.0
"""Seconds between two writes of the Prometheus file; collectors read it every 15 or more."""

_TIMES = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


class _Seconds(click.ParamType[float]):
    """`500ms`, `30s`, `5m`, `2h`, `1d` or a number of seconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|)", str(value).strip())
        if not found or not float(found[1]):
            self.fail(f"{value}: not a time above zero; write it as 500ms, 30s, 5m or 2h", param, ctx)
        return float(found[1]) * _TIMES[found[2]]


class _Rate(click.ParamType[float]):
    """`2MB/min`, `100KB/s`, `1GB/h`; a bare number is MB a minute. Converts to MB a minute."""

    name = "rate"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip()
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:\s*([kKmMgG]?)i?[bB]/(s|min|m|h|d))?", text)
        if not found:
            self.fail(f"{value}: not a rate; write it as 2MB/min, 100KB/s or 1GB/h", param, ctx)
        if not found[3]:
            return float(found[1])
        factor = {"": 1e-6, "k": 1e-3, "m": 1.0, "g": 1e3}[found[2].lower()]
        return float(found[1]) * factor * 60 / _TIMES[found[3]]


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("monitor", context_settings={"ignore_unknown_options": False})
@click.argument("command_line", nargs=-1, metavar="[-- CMD...]", type=click.UNPROCESSED)
@click.option("--pid", type=click.IntRange(min=1), help="Watch a process that runs already.")
@click.option(
    "--interval", type=_Seconds(), default="1s", show_default=True, help="Time between two readings."
)
@click.option("--duration", type=_Seconds(), help="Stop after this time.  [default: when the process ends]")
@click.option("--load", metavar="CMD", help="Run this in a shell and stop when it ends.")
@click.option("--collect", is_flag=True, help="Force a collection before each reading of a heap.")
@click.option("--limit", metavar="SIZE", help="Memory that it may take.  [default: that of its cgroup]")
@click.option(
    "--fail-over", type=_Rate(), metavar="RATE", help="Exit 1 if it leaks more than this, as 2MB/min."
)
@click.option("--output", type=_FILE, help="Write readings and verdict as JSON.")
@click.option("--html", type=_FILE, help="Write the report as one HTML file.")
@click.option("--prometheus", type=_FILE, help="Keep this file up to date for node-exporter.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but mistakes.")
def command(
    command_line: tuple[str, ...],
    pid: int | None,
    interval: float,
    duration: float | None,
    load: str | None,
    collect: bool,
    limit: str | None,
    fail_over: float | None,
    output: Path | None,
    html: Path | None,
    prometheus: Path | None,
    quiet: bool,
) -> int:
    """Watch the memory of a process and its children, and say whether it leaks.

    Stops after --duration, when --load or the process ends, or at an interrupt, and then reports. A
    command that leaklint started is ended. Exits with 0, with 1 if --fail-over was passed, with 2 if
    that could not be told.
    """
    if (pid is None) == (not command_line):
        raise UsageError("either --pid PID or -- CMD is needed", "leaklint monitor -- python server.py")
    _check_writable(output, html, prometheus)
    from leaklint.runtime.monitor.limit import cgroup_limit, parse_size
    from leaklint.runtime.monitor.record import Limit, document
    from leaklint.runtime.monitor.watch import Watch

    given = Limit(parse_size(limit), "--limit") if limit else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop is a stop: report what there is
    with Watch(pid, list(command_line), interval, collect=collect) as watch:
        most = given or cgroup_limit(watch.pid)
        observer = _Observer(watch, most, prometheus, quiet)
        stopped = watch.run(duration, load, observer)
    report = _report(watch, stopped, most)
    if output:
        _write(output, document(report))
    if html:
        from leaklint.runtime.monitor.html import page

        _write(html, page(report).encode())
    observer.publish(report)
    if not quiet:
        _print(report)
    return _exit_code(report, fail_over)


class _Observer:
    """Sees every reading: shows progress on a terminal, keeps the Prometheus file up to date."""

    def __init__(self, watch: Watch, limit: Limit | None, file: Path | None, quiet: bool) -> None:
        self._watch, self._limit, self._file = watch, limit, file
        self._shows = not quiet and sys.stderr.isatty()
        self._published = 0.0

    def __call__(self, reading: Reading) -> None:
        if self._shows:
            from leaklint.runtime.monitor.words import period, size

            text = f"{period(reading.seconds)}  {size(reading.values.get('uss', reading.values['rss']))}"
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)
        if self._file and time.monotonic() - self._published >= PUBLISH_EVERY:
            from leaklint.runtime.monitor.record import Stop

            self.publish(_report(self._watch, Stop("duration"), self._limit))

    def publish(self, report: Report) -> None:
        if self._shows and report.stopped:
            click.echo("\r\x1b[K", nl=False, err=True)
        if self._file:
            from leaklint.runtime.monitor.prometheus import metrics, write

            write(metrics(report, time.time()), self._file)
            self._published = time.monotonic()


def _report(watch: Watch, stopped: Stop, limit: Limit | None) -> Report:
    from leaklint.runtime.monitor.record import Report, Target
    from leaklint.runtime.monitor.verdict import judge, series

    found = series(watch.readings, watch.interval)
    target = Target(watch.pid, watch.command, watch.started, watch.runtimes)
    verdict = judge(found, limit)
    return Report(target, watch.interval, stopped, verdict, found, watch.readings, limit, watch.notes)


def _print(report: Report) -> None:
    from leaklint.runtime.monitor.text import render

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    drawing = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a command line may hold anything
    width = shutil.get_terminal_size((80, 24)).columns
    for line in render(report, color=color, drawing=drawing, width=width):
        click.echo(line)


def _exit_code(report: Report, fail_over: float | None) -> int:
    if fail_over is None:
        return CLEAN
    verdict = report.verdict
    if verdict.status == "leak" and verdict.rate_mb_per_minute > fail_over:
        return LEAKS
    from leaklint.runtime.monitor.classify import LEAST_READINGS

    if len(report.readings) < LEAST_READINGS:
        complain(
            f"{len(report.readings)} readings decide nothing", "watch longer, or use a shorter --interval"
        )
        return FAILURE
    return CLEAN


def _check_writable(*files: Path | None) -> None:
    """A mistake in a path must not cost an hour of readings."""
    for file in files:
        if file and not file.absolute().parent.is_dir():
            raise UsageError(f"{file}: its folder does not exist")


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error
