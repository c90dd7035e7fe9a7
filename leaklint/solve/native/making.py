"""Calls that make what must be ended by hand, of the packages that are meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from leaklint.ir import NONE, Call, Unit
from leaklint.models import Native
from leaklint.solve.called import CalledRows
from leaklint.solve.index import Index
from leaklint.solve.names import Patterns, callee_name, is_from
from leaklint.solve.once import once_a_table
from leaklint.solve.types import Types

_IN_MEMORY = ("ByteArray", "String", "CharArray", "Null", "Closed", "FastByteArray", "ByteBuf")
_STREAMS = ("Stream", "Reader", "Writer", "Socket", "Channel", "Connection", "Buffer", "Buf", "[]", "Entry")


def _suffixed(row: Native) -> list[str]:
    return [f"*{end}" for end in row.suffixes]


def _finished(row: Native) -> list[str]:
    """The calls that end a chain which builds one."""
    return [f".{name}" for name in row.finish or ["build"]] if row.builders else []


class _Table:
    """What must be ended, by how it is made; `given_back`: what whoever borrows it gives back."""

    def __init__(self, rows: list[Native]) -> None:
        made = [(row, Patterns([*row.make, *_suffixed(row), *_finished(row)])) for row in rows]
        self.made = CalledRows(((row, patterns), [patterns]) for row, patterns in made)
        self.collected = {name: frozenset(row.make) for row in rows for name in row.collected}
        self.given_back = [row for row in rows if row.packages and row.types and not row.lent]


_table = once_a_table(_Table)


class Making:
    """Such calls of one unit. `rows` says what is meant."""

    def __init__(self, index: Index, rows: list[Native]) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._table = _table(rows)
        self.takes_back = bool(self._table.given_back)
        self._imports: dict[int, set[str]] = {}  # by the identity of the row

    def found(self) -> Iterator[tuple[int, Native]]:
        """(call, row), row by row."""
        called = self.index.named.keys()
        for row, patterns in self._table.made.of(called):
            if not is_from(self.unit, self.index.import_modules, row.packages):
                continue
            seen: set[int] = set()
            for name in patterns.among(called):
                for number in self.index.named[name]:
                    if number not in seen and self._is_made(number, row, patterns):
                        seen.add(number)
                        yield number, row

    def given_back(self) -> list[Native]:
        """Rows of what whoever borrows it gives back, as far as the unit knows their packages."""
        modules = self.index.import_modules
        return [row for row in self._table.given_back if is_from(self.unit, modules, row.packages)]

    def _is_made(self, number: int, row: Native, patterns: Patterns) -> bool:
        """Whether a call makes one, of the package that is meant."""
        if row.suffixes:
            return self._is_opened(number, row)
        call = self.unit.effects[number]
        if row.builders and isinstance(call, Call) and f".{call.name}" in _finished(row):
            return self._is_built(number, row)
        return patterns.match(self.unit, number) and self._is_from(row, number)

    def is_collected(self, number: int) -> bool:
        """Whether a call makes what the collector frees, where others of its kind have to be ended."""
        name = callee_name(self.unit, number)
        make = self._table.collected.get(name.rpartition(".")[0]) if self._table.collected else None
        return make is not None and name not in make

    def _is_built(self, number: int, row: Native) -> bool:
        """`ManagedChannelBuilder.forAddress(host, port).usePlaintext().build()`, and through a variable."""
        begun = number
        for _ in range(12):
            call = self.unit.effects[begun] if begun != NONE else None
            if not isinstance(call, Call) or call.receiver == NONE:
                return False
            place = self.unit.places[call.receiver]
            if place.path:
                return False
            if place.symbol != NONE:
                kind = self.unit.symbols[place.symbol].type
                if not kind.endswith("Builder") or not bool(self.named(row) & {kind, "*"}):
                    return False
                return any(name == kind or name.startswith(f"{kind}.") for name in row.builders)
            name = callee_name(self.unit, place.call) if place.call != NONE else ""
            if name in row.builders:
                return not row.packages or bool(self.named(row) & {name.partition(".")[0], "*"})
            begun = place.call
        return False

    def _is_from(self, row: Native, number: int) -> bool:
        """Whether the file imports the package that a name is meant from."""
        if row.receivers and not self._is_received(number, tuple(row.receivers)):
            return False
        return not row.packages or bool(self.named(row) & self._roots(number, row))

    def is_of_file(self, call: Call, row: Native) -> bool:
        """`new Scanner(file)`, `new Scanner(Path.of(…))`; not `new Scanner(text)`."""
        if not call.args:
            return False
        value = self.unit.values[call.args[0]]
        if value.kind == "call":
            name = callee_name(self.unit, value.call)
            return any(name == made or name.startswith(f"{made}.") for made in [*row.opens, "Paths"])
        symbol = self.index.symbol(self.unit.places[value.place]) if value.kind == "place" else None
        return symbol is not None and symbol.type in row.opens

    def _is_opened(self, number: int, row: Native) -> bool:
        """Whether `new` opens something of its own, and neither wraps a stream nor lives in memory."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if not call.new or call.receiver != NONE or not call.args or call.name.startswith(_IN_MEMORY):
            return False
        if not call.name[0].isupper():
            return False
        return not any(self._is_stream(value) for value in call.args)

    def _is_stream(self, value: int) -> bool:
        """Whether an argument is a stream, or may be one: then whoever made it has to end it."""
        row = self.unit.values[value]
        if row.kind == "place":
            symbol = self.index.symbol(self.unit.places[row.place])
            return symbol is None or symbol.kind == "this" or self._type_of(row.place).endswith(_STREAMS)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and call.name.endswith(_STREAMS)
        return row.kind not in ("string", "number", "boolean", "null", "operation", "template")

    def _type_of(self, place: int) -> str:
        """The declared type of a variable or field; "Stream" where it is unknown."""
        row = self.unit.places[place]
        symbol = self.unit.symbols[row.symbol]
        return symbol.type or "Stream" if not row.path else ""

    def _is_received(self, number: int, ends: tuple[str, ...]) -> bool:
        """Whether the name or the type of what a method is called on ends in one of some words."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        names = [*place.path[-1:]]
        symbol = self.index.symbol(place)
        if symbol is not None:
            names += [] if place.path else [symbol.name, symbol.type]
        elif place.call != NONE:
            names.append(self.unit.effects[place.call].name)  # type: ignore[union-attr]
        return any(name.lower().endswith(ends) for name in names if name)

    def _roots(self, number: int, row: Native) -> set[str]:
        name = callee_name(self.unit, number)
        root = name.partition(".")[0] if name else ""
        if self.unit.language == "python" and name in row.make:
            return self.named(row)  # the whole name says where it is from, however it was imported
        if self.unit.language != "java" and row.receivers:
            return self.named(row)  # a method of what another library hands out
        if self._is_of_another_class(name, row) and not self._is_kept_as(number, row):
            return {root}
        return {root, *row.types, "*"}

    def _is_of_another_class(self, name: str, row: Native) -> bool:
        """Java: `Buffer.buffer()`, a static method of a class that is not of the packages of a row."""
        if self.unit.language != "java" or name.count(".") != 1 or not name[0].isupper() or not row.types:
            return False
        root, named = name.partition(".")[0], self.named(row)
        return root not in named and ("*" not in named or root in self._imported)

    @cached_property
    def _imported(self) -> set[str]:
        """The classes that a file imports by name."""
        return {symbol.name for symbol in self.unit.symbols if symbol.kind == "import"}

    def _is_kept_as(self, number: int, row: Native) -> bool:
        """Whether the result of a call goes to a variable or field that is declared with a type of a row."""
        _, place = self.index.destinations.of(number)
        return place is not None and Types(self.index).of_place(place) in row.types

    def named(self, row: Native) -> set[str]:
        """Names that the file imports from the packages of a row; `*` stands for all of one."""
        known = self._imports.get(id(row))
        if known is None:
            known = self._imports[id(row)] = {
                symbol.imported.rpartition(".")[2] or symbol.name
                for symbol in self.unit.symbols
                if symbol.kind == "import" and symbol.module.startswith(tuple(row.packages))
            }
            if self.unit.package and self.unit.package.startswith(tuple(row.packages)):
                known.clear()  # the library itself: its classes own each other
        return known
