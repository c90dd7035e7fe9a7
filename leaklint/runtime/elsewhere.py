"""Callers in other files of the project: they are further out, and may release what they made grow.

One step from file to file is followed. A call counts when its name was imported from the suspect's file, or,
for a method, when the file imports its class or an instance of it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from leaklint.errors import LeaklintError
from leaklint.frontends.base import lower
from leaklint.ir import NONE, Call, Unit
from leaklint.models import load
from leaklint.runtime.derive import outline
from leaklint.runtime.entries import COMMON, entries
from leaklint.runtime.outline import Namer
from leaklint.runtime.suspect import Callable, Entry, Outline, Suspect
from leaklint.solve import solve
from leaklint.source import SourceFile, to_utf8

MOST_FILES = 6
"""Files that are read closely for one suspect."""

_TESTS = re.compile(r"(^|/)(tests?|spec|__tests__)/|(^|/)test_|(_test|\.test|\.spec)\.|Tests?\.java$")


class Elsewhere:
    """The other files, each read once. Files of tests are no callers: they call everything."""

    def __init__(self, files: dict[str, str], project: str) -> None:
        self._files = {
            path: file
            for path, file in files.items()
            if not _TESTS.search(os.path.relpath(file, project).replace(os.sep, "/"))
        }
        self._texts: dict[str, bytes] = {}
        self._outlines: dict[str, Outline] = {}
        self._lock = threading.Lock()

    def callers(self, item: Outline, suspect: Suspect) -> list[tuple[Outline, Entry]]:
        """Ways to a suspect that start in another file, the outermost first."""
        with self._lock:
            return list(self._find(item, suspect))

    def _find(self, item: Outline, suspect: Suspect) -> Iterator[tuple[Outline, Entry]]:
        targets = [entry.callable for entry in suspect.entries if entry.outermost]
        names = {_called(target) for target in targets}
        if not names:
            return
        pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b\s*\(".encode())
        suffix = Path(item.path).suffix
        read = 0
        for path, file in self._files.items():
            if path == item.path or not _kin(Path(path).suffix, suffix) or read >= MOST_FILES:
                continue
            if pattern.search(self._text(file)):
                read += 1
                yield from self._in_file(path, file, item, targets)

    def _text(self, file: str) -> bytes:
        if file not in self._texts:
            try:
                self._texts[file] = Path(file).read_bytes()
            except OSError:
                self._texts[file] = b""
        return self._texts[file]

    def _in_file(
        self, path: str, file: str, item: Outline, targets: list[Callable]
    ) -> Iterator[tuple[Outline, Entry]]:
        try:
            source = SourceFile(path, to_utf8(self._text(file), path))
            unit = lower(source)
            facts = solve(unit, load(unit.language))
        except (LeaklintError, RecursionError):
            return
        namer = Namer(facts, source)
        for target in targets:
            for number in facts.index.calls.get(_called(target), ()):
                effect = unit.effects[number]
                assert isinstance(effect, Call)
                if not _means(unit, effect, target, item):
                    continue
                for entry in entries(namer, effect.scope):
                    if path not in self._outlines:
                        self._outlines[path] = outline(Path(file), path)
                    yield self._outlines[path], entry


def _called(target: Callable) -> str:
    """The name that a call of it ends in."""
    return target.owner.rpartition(".")[2] if target.kind == "constructor" else target.name


def _kin(left: str, right: str) -> bool:
    scripts = {".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"}
    return left == right or (left in scripts and right in scripts)


def _means(unit: Unit, call: Call, target: Callable, item: Outline) -> bool:
    """Whether a call of that name is a call of that callable."""
    stem = Path(item.path).stem
    wanted = {target.name, target.owner, *target.instances, target.exported} - {""}
    imported = [symbol for symbol in unit.symbols if symbol.kind == "import" and _from(symbol.module, stem)]
    if unit.language == "java":
        return item.package == unit.package or any(symbol.name in wanted for symbol in unit.symbols)
    place = call.receiver if call.receiver != NONE else call.callee
    root = unit.places[place].symbol if place != NONE else NONE
    symbol = unit.symbols[root] if root != NONE else None
    if symbol is not None and symbol.kind == "import":
        return _from(symbol.module, stem) or symbol.imported == stem or symbol.imported in wanted
    unknown = bool(target.owner) and target.name not in COMMON
    return unknown and any(row.imported in wanted for row in imported)


def _from(module: str, stem: str) -> bool:
    """Whether an import names a file: `.cache`, `app.cache`, `./lib/cache.js`."""
    last = re.split(r"[./]", re.sub(r"\.(m|c)?[jt]sx?$", "", module))[-1]
    return last == stem or (stem in ("index", "__init__") and bool(module))
