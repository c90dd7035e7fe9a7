"""Java: subscriptions to endless streams whose handle is dropped, made by objects that come and go.

Most subscriptions of RxJava and Reactor are to one answer, and end by themselves. Only chains that cannot
be anything but endless count: they throttle, sample or watch, or are named after events.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.names import is_from
from leaklint.solve.repeats import Repeats

_PACKAGES = ["io.reactivex", "rx.", "reactor.core"]
# operators that only make sense where values keep coming
ENDLESS = regex(
    r"throttle\w*|debounce|sample\w*|distinctUntilChanged|window\w*|onBackpressure\w*|switchMap|share|replay|"
    r"autoConnect|refCount|interval|combineLatest"
)
# operators that end the stream, or hand the subscription to something that does
_ENDS = regex(
    r"take\w*|first\w*|single\w*|last\w*|elementAt|blocking\w*|block\w*|toList|collect\w*|reduce|count|all|any|"
    r"compose|as|to|autoDispos\w*|bindTo\w*|lifecycle|timeout|ignoreElements|next|then|until\w*|doOnSubscribe|just|"
    r"fromCallable|fromIterable|fromArray|timer|range|empty|defer"
)
EVENTS = regex(
    r"(?i)\w*(events|changes|updates|clicks|ticks|beats|notifications|states|signals|connectivity)|"
    r"(observe|watch|listen)[A-Z_]?\w*|on[A-Z]\w*(Changed|Changes)|\w*(Stream|Bus|Subject|Relay)"
)


class Dropped(msgspec.Struct):
    """A subscription that nothing can end. source: what is subscribed to."""

    effect: int
    source: Place
    owner: int


class Streams:
    """Subscriptions of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self.repeats = repeats

    def dropped(self) -> Iterator[Dropped]:
        """In source order."""
        calls = self.index.calls.get("subscribe", ())
        if not calls or self.unit.language != "java" or "addAll" in self.index.calls:
            return
        if not is_from(self.unit, self.index.import_modules, _PACKAGES):
            return
        for number in calls:
            if self.index.destinations.of(number)[0] == "dropped" and self.repeats.repeats(number):
                found = self._judge(number)
                if found is not None:
                    yield found

    def _judge(self, number: int) -> Dropped | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        owner = self.lifecycle.owner_of(call.scope)
        if owner == NONE or self.repeats.is_singleton(owner) or not self._comes_and_goes(owner):
            return None
        if not call.args or not any(self._holds_owner(value) for value in call.args):
            return None
        source, names = self._chain(call)
        if source is None or any(_ENDS.fullmatch(name) for name in names):
            return None
        if self.unit.symbols[source.symbol].name in ("Completable", "Single", "Maybe", "Mono"):
            return None  # one answer at most
        names = [name for name in names if name not in ("observeOn", "subscribeOn")]
        if not any(ENDLESS.fullmatch(name) or EVENTS.fullmatch(name) for name in names):
            return None
        return Dropped(number, source, owner) if self._is_outside(source) else None

    def _comes_and_goes(self, owner: int) -> bool:
        return self.lifecycle.is_component(owner) or bool(self.lifecycle.teardown_of(owner))

    def _chain(self, call: Call) -> tuple[Place | None, list[str]]:
        """The variable, field or class at the root of a chain of calls, and the names on the way."""
        names: list[str] = []
        while call.receiver != NONE:
            place = self.unit.places[call.receiver]
            if place.symbol != NONE:
                step = self.index.last_name(place)
                return place, [*names, step]
            inner = self.unit.effects[place.call] if place.call != NONE else None
            if not isinstance(inner, Call) or place.path:
                return None, names
            names.append(inner.name)
            call = inner
        return None, names

    def _is_outside(self, source: Place) -> bool:
        """Whether the source is not the object's own: a parameter, a field that was given, another class."""
        symbol = self.unit.symbols[source.symbol]
        if symbol.kind == "parameter":
            return self.unit.scopes[symbol.scope].kind == "constructor"
        if symbol.kind in ("class", "import", "global", "static"):
            return True
        if symbol.kind != "this" or len(source.path) != 1:
            return False
        values = [self.unit.effects[index].value for index in self.index.binds.get(source, ())]  # type: ignore[union-attr]
        return all(value != NONE and self.unit.values[value].kind == "place" for value in values)

    def _holds_owner(self, value: int) -> bool:
        """Whether a callback refers to the object around."""
        row = self.unit.values[value]
        if row.kind == "closure":
            captures = self.unit.scopes[row.scope].captures
            return any(self.unit.symbols[symbol].kind == "this" for symbol in captures)
        if row.kind == "place":
            symbol = self.index.symbol(self.unit.places[row.place])
            return symbol is not None and symbol.kind == "this"
        return False
