"""Functions that functions make: the module variables that keep one, and who calls them there.

`const square = memoize(slow)`: the site lies in what `memoize` returned, and calling `memoize` again makes
another one. So the way to such a site leads through `square`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.runtime.outline import Namer
from leaklint.runtime.suspect import Callable


class Kept(NamedTuple):
    """A module variable (a symbol) with a made function: itself, or its member `member`."""

    symbol: int
    member: str
    scope: int


def kept(namer: Namer, scope: int) -> Iterator[Kept]:
    """Module variables that keep a function which stands inside another one."""
    unit, index = namer.unit, namer.facts.index
    maker = namer.around(scope)
    if maker == NONE:
        return
    members = dict.fromkeys(given(namer, maker, scope))
    if not members:
        return
    for number in index.callers.get(maker, ()):
        if index.function(unit.effects[number].scope) == 0:
            for symbol in _variables(namer, number):
                yield from (Kept(symbol, member, scope) for member in members)
    for decorated in unit.scopes:
        for value in decorated.decorators:
            row = unit.values[value]
            place = unit.places[row.place] if row.kind == "place" else None
            if place is None or place.path or place.symbol == NONE or "" not in members:
                continue
            if index.function_of(place.symbol) == maker and decorated.symbol != NONE:
                yield Kept(decorated.symbol, "", scope)


def callables(namer: Namer) -> Iterator[Callable]:
    """Everything that module variables keep, by the name that a user gives it."""
    for scope, row in enumerate(namer.unit.scopes):
        if row.kind in ("function", "lambda", "method") and namer.around(scope) != NONE:
            yield from (
                callable_of(namer, item)
                for item in kept(namer, scope)
                if namer.unit.symbols[item.symbol].kind != "function"
            )


def callers(namer: Namer, item: Kept) -> Iterator[int]:
    """Calls of what a variable keeps."""
    unit, index = namer.unit, namer.facts.index
    name = item.member or unit.symbols[item.symbol].name
    for number in index.calls.get(name, ()):
        call = unit.effects[number]
        assert isinstance(call, Call)
        place = call.receiver if item.member else call.callee
        if place != NONE and unit.places[place] == Place(item.symbol):
            yield number


def callable_of(namer: Namer, item: Kept) -> Callable:
    """What a driver calls: the variable, or its member."""
    inner = namer.callable(item.scope)
    symbol = namer.unit.symbols[item.symbol]
    return Callable(
        item.member or symbol.name,
        inner.line,
        "function",
        symbol.name if item.member else "",
        params=inner.params,
        flags=inner.flags - {"private"} | ({"static"} if item.member else set()),
        exported=namer.exported.get(item.symbol, ""),
    )


def given(namer: Namer, maker: int, scope: int) -> Iterator[str]:
    """How a maker gives a function away: "" by itself, else the name of a member."""
    unit, index = namer.unit, namer.facts.index
    for leave in index.returns.get(maker, ()):
        value = unit.effects[leave].value  # type: ignore[union-attr]
        row = unit.values[value]
        if row.kind == "container":
            for key, part in zip(row.keys, row.parts, strict=False):
                if key and _is(namer, part, scope):
                    yield key
        elif row.kind == "call":
            call = unit.effects[row.call]
            if isinstance(call, Call) and any(_is(namer, part, scope) for part in call.args):
                yield ""  # wraps(f)(inner)
        elif _is(namer, value, scope):
            yield ""


def _is(namer: Namer, value: int, scope: int) -> bool:
    row = namer.unit.values[value]
    if row.kind == "closure":
        return row.scope == scope
    if row.kind != "place":
        return False
    place = namer.unit.places[row.place]
    return place.symbol != NONE and not place.path and namer.facts.index.function_of(place.symbol) == scope


def _variables(namer: Namer, call: int) -> Iterator[int]:
    """Variables of the module that are bound to the result of a call."""
    unit = namer.unit
    for place, binds in namer.facts.index.binds.items():
        if place.symbol == NONE or place.path or unit.symbols[place.symbol].scope != 0:
            continue
        for number in binds:
            bind = unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE and unit.values[bind.value].call == call:
                yield place.symbol
