"""What is known of files from earlier runs: analyses by content, and the interfaces of a whole project.

One sqlite file in `.leaklint_cache` of the project's root. Every value is keyed by what it was made from
(the path below the root, the content, the tool with its rules and models, the links), so nothing in it can be
wrong, only missing. Whatever fails (a full disk, a folder that can't be written, a broken file, another
process that is slow) costs time, not findings.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from leaklint import __version__, plugins
from leaklint.analysis import Analysis
from leaklint.solve.interface import Interface

Row = tuple[object, ...]

FOLDER = ".leaklint_cache"
_LIMIT = 50_000
"""Analyses that are kept; the oldest go first."""

_SCHEMA = """
create table if not exists analysis (key blob primary key, value blob) without rowid;
create table if not exists age (id integer primary key, key blob);
create table if not exists interface (path text primary key, stamp text, value blob) without rowid;
create table if not exists whole (tool blob primary key) without rowid;
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Analysis).decode
_decode_interface = msgspec.msgpack.Decoder(Interface).decode


class Cache:
    """The cache of one project. Reads and writes never raise; `None` and nothing mean "not there"."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        self._tool = tool_digest() + plugins.active.digest
        self._connection = _open(folder or root / FOLDER)

    def key(self, path: str, data: bytes, links: bytes = b"") -> bytes:
        """Key of the analysis of a file: of its path below the root, its bytes and its links."""
        digest = blake2b(data, digest_size=16)
        digest.update(b"\0".join((b"", path.encode("utf-8", "surrogatepass"), self._tool, links)))
        return digest.digest()

    def get(self, key: bytes) -> Analysis | None:
        rows = self._query("select value from analysis where key = ?", (key,))
        try:
            return _decode(rows[0][0]) if rows else None
        except msgspec.MsgspecError:
            return None

    def put(self, analyses: Iterable[tuple[bytes, Analysis]]) -> None:
        rows: list[Row] = [(key, value) for key, item in analyses if (value := _encoded(item))]
        if rows:
            self._write(
                ("insert or replace into analysis values (?, ?)", rows),
                ("insert into age (key) values (?)", [row[:1] for row in rows]),
            )
            self._prune()

    def interfaces(self) -> dict[str, tuple[str, Interface]]:
        """Stamp and interface of every file of the project, as far as an earlier run saw them."""
        found = {}
        for path, stamp, value in self._query("select path, stamp, value from interface", ()):
            try:
                found[path] = stamp, _decode_interface(value)
            except msgspec.MsgspecError:
                continue
        return found

    def put_interfaces(self, changed: dict[str, tuple[str, Interface | None]], *, whole: bool) -> None:
        """Remember interfaces; None forgets one. whole: every file of the project was seen."""
        gone = [(path,) for path, (_, value) in changed.items() if value is None]
        rows: list[Row] = [
            (path, stamp, value)
            for path, (stamp, item) in changed.items()
            if item and (value := _encoded(item))
        ]
        steps: list[tuple[str, list[Row]]] = [
            ("delete from interface where path = ?", list(gone)),
            ("insert or replace into interface values (?, ?, ?)", rows),
        ]
        if whole:
            steps.append(("delete from whole", [()]))
            steps.append(("insert into whole values (?)", [(self._tool,)]))
        self._write(*steps)

    def is_whole(self) -> bool:
        """Whether this version of the tool has seen the whole project once."""
        return bool(self._query("select 1 from whole where tool = ?", (self._tool,)))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _query(self, text: str, values: Row) -> list[tuple[Any, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(text, values).fetchall()
        except sqlite3.Error:
            return []

    def _write(self, *steps: tuple[str, list[Row]]) -> None:
        """All steps in one transaction, or none."""
        if self._connection is None:
            return
        try:
            with self._connection:
                for text, rows in steps:
                    self._connection.executemany(text, rows)
        except sqlite3.Error:
            self._connection = None  # the disk is full, or somebody else writes for too long

    def _prune(self) -> None:
        rows = self._query("select count(*), max(id) from age", ())
        if rows and int(rows[0][0]) > _LIMIT:
            oldest = int(rows[0][1]) - _LIMIT // 2
            self._write(
                ("delete from analysis where key in (select key from age where id < ?)", [(oldest,)]),
                ("delete from age where id < ?", [(oldest,)]),
            )


def _encoded(value: Analysis | Interface) -> bytes | None:
    """A value as it is stored; None for one that speaks of a path that is no text."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return None


class Borrowed(Cache):
    """The cache for a run over text that is not what is on disk: what it says of files stays as it is."""

    def put_interfaces(self, changed: dict[str, tuple[str, Interface | None]], *, whole: bool) -> None:
        """Nothing: a later run would take the interface of this text for that of the file."""


def clean(root: Path) -> bool:
    """Remove the cache of a project; whether there was one. Removes only what leaklint writes."""
    folder = root / FOLDER
    if not folder.is_dir():
        return False
    for name in (
        "cache.db",
        "cache.db-wal",
        "cache.db-shm",
        "cache.db-journal",
        ".gitignore",
        "CACHEDIR.TAG",
    ):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
    return True


def _open(folder: Path) -> sqlite3.Connection | None:
    try:
        folder.mkdir(exist_ok=True)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text("*\n", "utf-8")
            (folder / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", "utf-8")
    except OSError:
        return None
    file = folder / "cache.db"
    for _ in range(2):
        try:
            connection = sqlite3.connect(file, timeout=2)
            connection.executescript(f"pragma journal_mode=wal; pragma synchronous=off; {_SCHEMA}")
            return connection
        except sqlite3.OperationalError:
            return None  # read-only, or locked for too long
        except sqlite3.DatabaseError:  # not a database: begin anew
            try:
                file.unlink(missing_ok=True)
            except OSError:
                return None
    return None


@cache
def tool_digest() -> bytes:
    """Digest of the tool: its version, its files (rules and models among them) and installed plugins."""
    digest = blake2b(__version__.encode(), digest_size=16)
    from leaklint.rule import rule_folders

    for folder in (os.path.dirname(__file__), *rule_folders()):
        for parent, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                if name.endswith((".py", ".toml")):
                    status = os.stat(os.path.join(parent, name))
                    digest.update(f"{parent}/{name} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.digest()
