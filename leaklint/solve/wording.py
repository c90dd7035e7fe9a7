"""The words and places in which findings speak of a unit: names of holders and scopes, evidence."""

from __future__ import annotations

from functools import cached_property

import msgspec

from leaklint.evidence import Evidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.interface import Declared, Links, foreign_name
from leaklint.solve.lazy import regex
from leaklint.solve.names import resolved_name

_TESTS = ("Test", "Tests", "TestCase", "IT", "ITCase", "Benchmark")
_TEST_FILE = regex(r"test_\w+\.py|conftest\.py|.*(_test|_spec|[.-]test|[.-]spec)\.\w+")
_DOCS = frozenset({"docs", "doc", "documentation"})
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "__mocks__", "spec", "specs", "playground"})
_TEST_MODULES = frozenset({"vitest", "@jest/globals", "@playwright/test", "node:test"})


def stem_of(path: str) -> str:
    """What a file is called in messages: a package for its `__init__.py`."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return (folder.rpartition("/")[2] or stem) if stem == "__init__" else stem


def _is_named_as_test(name: str) -> bool:
    """`CacheTest`, `TestCache`; not `Test`, under which people try things out."""
    return (name.endswith(_TESTS) and name not in _TESTS) or (name.startswith("Test") and name[4:5].isupper())


class Wording:
    """How one unit is spoken of, linked as it is against its project."""

    def __init__(self, unit: Unit, links: Links) -> None:
        self.unit = unit
        self.links = links

    @property
    def stem(self) -> str:
        return stem_of(self.unit.path)

    def holder_name(self, place: Place) -> str:
        """The stable name of a holder: `stem.NAME`, `Class.field`, or bare for globals."""
        if place.symbol == NONE:
            return "?"
        symbol = self.unit.symbols[place.symbol]
        elsewhere = self.declared_elsewhere(place)
        if elsewhere is not None:
            stem = stem_of(elsewhere.path)
            return elsewhere.name if "." in elsewhere.name else f"{stem}.{elsewhere.name}"
        path = "".join(step for step in place.path if step != "[]").lstrip(".")
        match symbol.kind:
            case "this":
                owner = self.unit.owners[symbol.target]
                name = owner.name or "this"
                return f"{name}.{path}" if path else name
            case "class" | "static":
                return f"{symbol.name}.{path}" if path else symbol.name
            case "global":
                return resolved_name(self.unit, place) or symbol.name
            case "import":
                return f"{symbol.name}.{path}" if path else symbol.name
            case "parameter":
                unnamed = symbol.name.startswith("#")  # `({ feed }) => …`: what it is taken from has no name
                return f"{self.scope_name(symbol.scope)}.{path if unnamed and path else symbol.name}"
        if symbol.scope == 0:
            return f"{self.stem}.{symbol.name}" + (f".{path}" if path else "")
        return f"{self.scope_name(symbol.scope)}.{symbol.name}" + (f".{path}" if path else "")

    def declared_elsewhere(self, place: Place) -> Declared | None:
        """The declaration in another file of a holder that this file imports."""
        target = foreign_name(self.unit, place) if self.links.declared else None
        return self.links.declared.get(":".join(target)) if target else None

    def scope_name(self, scope: int) -> str:
        """`Class.method`, `function`, or the nearest named function around a lambda."""
        scopes = self.unit.scopes
        while scope != NONE and (not scopes[scope].name or scopes[scope].kind in ("block", "class")):
            scope = scopes[scope].parent
        if scope == NONE:
            return self.stem
        row = scopes[scope]
        if row.kind in ("method", "constructor") and row.owner != NONE:
            owner = self.unit.owners[row.owner]
            if owner.name:
                return f"{owner.name}.{row.name}"
        return row.name

    def text(self, value: int) -> str:
        """A value in a few words, for messages: its name, or what it is."""
        if value == NONE:
            return "value"
        row = self.unit.values[value]
        if row.kind == "place":
            return self.place_text(self.unit.places[row.place])
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return f"{call.name}()" if isinstance(call, Call) and call.name else "result"
        if row.kind == "string":
            return repr(row.text[:30])
        return {"closure": "function", "class": "object", "container": row.text, "template": "string"}.get(
            row.kind, "value"
        )

    def place_text(self, place: Place) -> str:
        """A place as it is written in the source."""
        if place.symbol == NONE:
            call = self.unit.effects[place.call] if place.call != NONE else None
            root = f"{call.name}({self._only_argument(call)})" if isinstance(call, Call) else "…"
        else:
            symbol = self.unit.symbols[place.symbol]
            root = symbol.name
            if symbol.kind == "this":
                root = "self" if self.unit.language == "python" else "this"
        return root + "".join(place.path)

    def _only_argument(self, call: Call) -> str:
        """`window` of `$(window)`; empty where there are more arguments, or anything but a name."""
        row = self.unit.values[call.args[0]] if len(call.args) == 1 else None
        if row is None or row.kind != "place" or self.unit.places[row.place].symbol == NONE:
            return repr(row.text) if row is not None and row.kind == "string" and len(row.text) < 20 else ""
        return self.place_text(self.unit.places[row.place])

    def is_test(self, at: int) -> bool:
        """Whether what stands at an offset is a test: its process ends soon."""
        tests = (owner for owner in self.unit.owners if _is_named_as_test(owner.name))
        return any(owner.at <= at < owner.end for owner in tests) or self._is_test_file

    @cached_property
    def _is_test_file(self) -> bool:
        """Whether the whole file is a test, or builds the documentation."""
        *folders, name = self.unit.path.split("/")
        if any(folder in _DOCS for folder in folders[:1]) or any("sphinx" in each for each in folders):
            return True
        if _is_named_as_test(self.stem) or self.stem == "tests":
            return True
        if _TEST_FILE.fullmatch(name) is not None or not _TEST_FOLDERS.isdisjoint(folders):
            return True
        return any(symbol.module in _TEST_MODULES for symbol in self.unit.symbols if symbol.module)

    def evidence(self, effect: int, message: str) -> Evidence:
        """Evidence at an effect; calls point at the name that is called."""
        row = self.unit.effects[effect]
        at = row.at_name if isinstance(row, Call) and row.at_name else row.at
        return Evidence(self.unit.path, at, row.end, message)

    def within(self, at: int, message: str) -> Evidence:
        """Evidence at a place that is no effect: the head of a function or class."""
        return Evidence(self.unit.path, at, at + 1, message)

    def declaration(self, place: Place, bind: int, message: str) -> Evidence | None:
        """Evidence at the bind that makes a holder, else at the declaration of its symbol."""
        elsewhere = self.declared_elsewhere(place)
        if elsewhere is not None:
            return msgspec.structs.replace(elsewhere.offered.declared, message=message)
        if bind != NONE:
            return self.evidence(bind, message)
        if place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if place.path:
            for other in self.unit.symbols:
                if other.kind in ("field", "static") and "." + other.name == place.path[0]:
                    owner = self.unit.owners[self.unit.scopes[other.scope].owner]
                    if place.symbol in (owner.symbol, owner.this):
                        symbol = other
                        break
            else:
                return None
        if symbol.end <= symbol.at:
            return None
        return Evidence(self.unit.path, symbol.at, symbol.end, message)

    def bind(self, effect: int) -> Bind:
        row = self.unit.effects[effect]
        assert isinstance(row, Bind)
        return row

    def call(self, effect: int) -> Call:
        row = self.unit.effects[effect]
        assert isinstance(row, Call)
        return row
