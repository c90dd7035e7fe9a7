"""Where reports go: standard output, files, several of them in one run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from leaklint.errors import UsageError
from leaklint.report import Report
from leaklint.reporters.base import FILES, Sources, Style, render


def write_reports(report: Report, given: dict[str, Any], sources: Sources | None = None) -> None:
    """The report in the format that was asked for, and in each one that has a file of its own."""
    if given.get("sarif_root"):
        report.root = os.path.abspath(given["sarif_root"])
    report.category = given.get("sarif_category") or ""
    sources = sources or Sources()
    file = given["output_file"]
    statistics, limit = given["statistics"], given["max_findings"]
    style = Style(colored(given["color"], file), draws(file), width(file), statistics, limit)
    for name in FILES:
        if other := given.get(f"{name}_output"):
            write(render(report, name, Style(statistics=statistics), sources), other)
    write(render(report, given["output_format"], style, sources), file)


def write(pieces: Iterable[str], file: str | None) -> None:
    """Text to a file, or to standard output."""
    if file is None:
        # paths and source lines may hold what the terminal's encoding cannot show
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.writelines(pieces)
        return
    try:
        Path(file).write_text("".join(pieces), "utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error


def colored(choice: str, file: str | None) -> bool:
    """Colour only on a terminal, unless the user or the environment says otherwise."""
    if choice != "auto":
        return choice == "always"
    if file or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def draws(file: str | None) -> bool:
    """Whether line drawing reaches the reader as it is meant."""
    return bool(file) or (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def width(file: str | None) -> int:
    """Columns that a text report may fill."""
    if file or not sys.stdout.isatty():
        return 100
    import shutil

    return min(120, max(60, shutil.get_terminal_size((100, 24)).columns))
