"""Writes suppressions into source files, each where it is understood and nowhere else.

A comment is tried above the line, behind it, and in the form that JSX knows; what was written is read again,
and stays only if it hides the finding and the file parses as well as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from leaklint.errors import UsageError
from leaklint.frontends.base import language_of, lower
from leaklint.rule import Finding
from leaklint.source import SourceFile, to_utf8
from leaklint.triage import suppress

_BOM = b"\xef\xbb\xbf"


class Annotated(msgspec.Struct):
    """How many suppressions were written, into which files, and what went wrong."""

    written: int = 0
    files: list[str] = []
    troubles: list[str] = []


class _Attempt(msgspec.Struct):
    """Text with one comment more. moved: by how many lines the finding went down."""

    data: bytes
    moved: int


def annotate(findings: Iterable[Finding], reason: str) -> Annotated:
    """Write a suppression with a reason for each finding; those about the run itself are left alone."""
    reason = " ".join(reason.replace("*/", "").split())
    if not reason:
        raise UsageError("--add-ignore needs a reason", "say what makes these findings harmless")
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.code.startswith("LK0"):
            by_path.setdefault(finding.path, []).append(finding)
    done = Annotated()
    for path, of_file in by_path.items():
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            done.troubles.append(f"{path}: cannot be read: {error.strerror}")
            continue
        head = _BOM if raw.startswith(_BOM) else b""
        data = raw.removeprefix(_BOM)
        if to_utf8(raw, path) != data:
            done.troubles.append(f"{path}: only files in UTF-8 can be changed")
            continue
        before = done.written
        data = _annotate_text(path, data, of_file, reason, done)
        if done.written > before:
            done.files.append(path)
            try:
                Path(path).write_bytes(head + data)
            except OSError as error:
                done.troubles.append(f"{path}: cannot be written: {error.strerror}")
    return done


def _annotate_text(path: str, data: bytes, findings: list[Finding], reason: str, done: Annotated) -> bytes:
    """From the bottom up, so that the lines of what is still to do stay where they are."""
    by_line: dict[int, list[Finding]] = {}
    for finding in findings:
        by_line.setdefault(finding.line, []).append(finding)
    problems = len(lower(SourceFile(path, data)).problems)
    for line, here in sorted(by_line.items(), reverse=True):
        codes = sorted({finding.code for finding in here})
        text = f"leaklint: ignore[{', '.join(codes)}] -- {reason}"
        for attempt in _attempts(path, data, line, text):
            if _understood(path, attempt, here, problems):
                data = attempt.data
                done.written += len(here)
                break
        else:
            listed = ", ".join(codes)
            done.troubles.append(f"{path}:{line}: there is no room for a comment that hides {listed}")
    return data


def _attempts(path: str, data: bytes, line: int, text: str) -> Iterator[_Attempt]:
    sign = "#" if language_of(path) == "python" else "//"
    rows = data.splitlines(keepends=True)
    row = rows[line - 1]
    end = next((sign for sign in (b"\r\n", b"\n", b"\r") if row.endswith(sign)), b"\n")
    match = re.match(rb"[ \t]*", row)
    indent = match[0] if match else b""
    head, tail = b"".join(rows[: line - 1]), b"".join(rows[line:])
    if sign != "#" or not head.rstrip(b"\r\n").endswith(b"\\"):  # a comment would end what goes on here
        yield _Attempt(head + indent + f"{sign} {text}".encode() + end + row + tail, 1)
    code = row.rstrip(b"\r\n")
    yield _Attempt(head + code + f"  {sign} {text}".encode() + row[len(code) :] + tail, 0)
    if sign == "//":
        yield _Attempt(head + indent + f"{{/* {text} */}}".encode() + end + row + tail, 1)


def _understood(path: str, attempt: _Attempt, findings: list[Finding], problems: int) -> bool:
    """Whether every finding of the line is hidden now, by a comment, and nothing broke."""
    source = SourceFile(path, attempt.data)
    unit = lower(source)
    if len(unit.problems) > problems:
        return False
    suppressions = suppress.read(unit, source)
    moved = [
        msgspec.structs.replace(
            finding, line=finding.line + attempt.moved, end_line=finding.end_line + attempt.moved, evidence=[]
        )
        for finding in findings
    ]
    return not suppress.split(moved, suppressions)[0]
