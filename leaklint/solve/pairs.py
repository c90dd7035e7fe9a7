"""Acquisitions that want a release (listeners, timers, observers, registrations) and their releases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.models import Models, Pair, ReleaseCall
from leaklint.solve.aliases import Aliases
from leaklint.solve.callbacks import Callbacks, Same
from leaklint.solve.index import Index
from leaklint.solve.names import Patterns, callee_name, resolved_name

# how long the object lives that is acquired from, seen from the code that acquires
Receiver = Literal["global", "module", "page", "injected", "own", "local", "unknown"]


# methods of a class that end what they are handed when the class ends, and give it back
_TAKES_OVER = frozenset({"_register", "register", "own", "track", "addDisposable"})


class Acquisition(msgspec.Struct):
    """One acquiring call.

    handle: place that keeps its result, when it is kept in one; `destination` says where it goes.
    released_by: releases that certainly or possibly undo it.
    missed_by: releases of the same receiver and event that certainly do not, with the reason.
    """

    effect: int
    pair: Pair
    receiver: int
    life: Receiver
    event: int = NONE
    callback: int = NONE
    options: int = NONE
    destination: Literal["dropped", "kept", "returned", "passed", "chained"] = "dropped"
    handle: Place | None = None
    once: bool = False
    released_by: list[int] = []
    missed_by: list[tuple[int, str]] = []


class Removal(msgspec.Struct):
    """One releasing call, with what it names."""

    effect: int
    call: ReleaseCall
    receiver: int
    event: int = NONE
    callback: int = NONE
    options: int = NONE
    handle: int = NONE
    matches: int = 0  # acquisitions that it may undo


class _Row:
    """A pair with its patterns, made once for all units."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.acquire = Patterns([*pair.acquire, *pair.once])
        self.release = [(release, Patterns([release.call])) for release in pair.release]
        self.has_globs = self.acquire.has_globs or any(patterns.has_globs for _, patterns in self.release)
        self.names = self.acquire.last_names.union(*(patterns.last_names for _, patterns in self.release))


_ROWS: list[tuple[Models, list[_Row]]] = []


def _rows(models: Models) -> list[_Row]:
    """The rows of a table of models; the last few tables are remembered."""
    for known, rows in _ROWS:
        if known is models:
            return rows
    rows = [_Row(pair) for pair in models.pair]
    _ROWS.insert(0, (models, rows))
    del _ROWS[4:]
    return rows


class Pairs:
    """All acquisitions of a unit, matched with all removals of the unit."""

    def __init__(self, index: Index, aliases: Aliases, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.models = models
        self.callbacks = Callbacks(aliases)
        self._long_lived = frozenset(models.long_lived)
        self._handles: dict[int, tuple[str, Place | None]] | None = None
        self.acquisitions: list[Acquisition] = []
        self.removals: dict[str, list[Removal]] = {}
        calls = index.calls
        for row in _rows(models):
            pair = row.pair
            if not (row.has_globs or any(name in calls for name in row.names)):
                self.removals[pair.name] = []
                continue  # most files call nothing of most pairs
            found = list(self._acquired(row))
            removals = list(self._removed(row))
            self.removals[pair.name] = removals
            for acquisition in found:
                for removal in removals:
                    self._match(acquisition, removal)
            self.acquisitions += found
        self.acquisitions.sort(key=lambda item: item.effect)

    # -- finding

    def _calls(self, patterns: Patterns) -> Iterator[int]:
        names = set(patterns.last_names)
        if patterns.has_globs:
            names.update(patterns.glob_names(self.index.calls))
        for name in sorted(names):
            for number in self.index.calls.get(name, ()):
                if patterns.match(self.unit, number):
                    yield number

    def _acquired(self, row: _Row) -> Iterator[Acquisition]:
        pair = row.pair
        taken = {item.effect for item in self.acquisitions}
        for number in self._calls(row.acquire):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if number in taken or not self._is_receiver(pair, call) or self._is_own_method(number):
                continue
            receiver = self._target(call, pair.target)
            item = Acquisition(number, pair, receiver, self.receiver_life(receiver, pair))
            item.event = _argument(call, pair.event)
            item.callback = _argument(call, pair.callback)
            item.options = _argument(call, pair.options)
            if pair.callback >= 0 and item.callback == NONE:
                continue  # a getter or a builder of the same name
            item.destination, item.handle = self._destination(number)
            item.once = "." + call.name in pair.once
            yield item

    def _is_receiver(self, pair: Pair, call: Call) -> bool:
        if not pair.receivers:
            return True
        if call.receiver == NONE:
            return False
        for place in (self.unit.places[call.receiver], *self.aliases.of(call.receiver)):
            if resolved_name(self.unit, place) in pair.receivers:
                return True
            symbol = self.index.symbol(place)
            if symbol is not None and not place.path and symbol.type in pair.receivers:
                return True
        return False

    def _is_own_method(self, number: int) -> bool:
        """`this.setInterval()` of a class that declares it is not the global function."""
        return self.index.callee_scope(number) != NONE

    def _removed(self, row: _Row) -> Iterator[Removal]:
        pair = row.pair
        for release, patterns in row.release:
            for number in self._calls(patterns):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if not self._is_receiver(pair, call):
                    continue
                yield Removal(
                    number,
                    release,
                    self._target(call, release.target),
                    _argument(call, release.event),
                    _argument(call, release.callback),
                    _argument(call, release.options),
                    _argument(call, release.handle),
                )

    # -- matching

    def _match(self, item: Acquisition, removal: Removal) -> None:
        if removal.call.handle != -1:
            self._match_handle(item, removal)
            return
        receiver = self.callbacks.same_receiver(item.receiver, removal.receiver)
        event = self.callbacks.same_event(item.event, removal.event) if removal.call.event >= 0 else "equal"
        if removal.call.ends_all:
            if "different" not in (receiver, event):
                self._released(item, removal)
            return
        callback: Same = "equal"
        if removal.call.callback >= 0:
            callback = self.callbacks.same_callback(item.callback, removal.callback)
        capture: Same = "equal"
        if removal.call.options >= 0:
            capture = self.callbacks.same_capture(item.options, removal.options)
        wrong = [
            what
            for what, same in (
                ("receiver", receiver),
                ("event", event),
                ("function", callback),
                ("capture", capture),
            )
            if same == "different"
        ]
        if not wrong:
            self._released(item, removal)
        elif len(wrong) == 1 and (
            wrong[0] in ("function", "capture") or (receiver, event, callback).count("equal") == 2
        ):
            item.missed_by.append((removal.effect, wrong[0]))

    def _match_handle(self, item: Acquisition, removal: Removal) -> None:
        if removal.call.handle >= 0:
            if removal.handle == NONE:
                return
            places = self.aliases.of_value(removal.handle)
            row = self.unit.values[removal.handle]
            direct = self.unit.places[row.place] if row.kind == "place" else None
        else:
            if removal.receiver == NONE:
                return
            places = self.aliases.of(removal.receiver)
            direct = self.unit.places[removal.receiver]
        if any(place.call == item.effect and not place.path for place in places):
            self._released(item, removal)
        elif item.handle is not None:
            mine = {item.handle, *self.aliases.resolve(item.handle)}
            if direct in mine or mine & set(places):
                self._released(item, removal)
            elif direct is not None and _last(direct) and _last(direct) == _last(item.handle):
                self._released(item, removal)  # the same field reached another way
        elif item.destination in ("passed", "returned"):
            self._released(item, removal)

    def _released(self, item: Acquisition, removal: Removal) -> None:
        item.released_by.append(removal.effect)
        removal.matches += 1

    # -- where the result goes

    def _destination(
        self, call: int
    ) -> tuple[Literal["dropped", "kept", "returned", "passed", "chained"], Place | None]:
        if self._handles is None:
            self._handles = self._collect_handles()
        what, place = self._handles.get(call, ("dropped", None))
        return what, place  # type: ignore[return-value]

    def _collect_handles(self) -> dict[int, tuple[str, Place | None]]:
        found: dict[int, tuple[str, Place | None]] = {}
        values, places = self.unit.values, self.unit.places

        def note(value: int, what: str, place: Place | None, depth: int = 0) -> None:
            row = values[value]
            if row.kind == "call":
                found.setdefault(row.call, (what, place))
            elif row.kind in ("conditional", "operation", "container", "spread") and depth < 4:
                kind = "passed" if row.kind in ("container", "spread") else what
                for part in row.parts:
                    note(part, kind, place, depth + 1)
            elif row.kind == "place" and places[row.place].call != NONE:
                found.setdefault(places[row.place].call, ("chained", None))

        for effect in self.unit.effects:
            kind = type(effect)
            if kind is Bind:
                if effect.value != NONE:  # type: ignore[union-attr]
                    how = "passed" if effect.how == "element" else "kept"  # type: ignore[union-attr]
                    note(effect.value, how, places[effect.target])  # type: ignore[union-attr]
            elif kind is Call:
                for argument in effect.args:  # type: ignore[union-attr]
                    note(argument, "passed", None)
                for _, argument in effect.keywords:  # type: ignore[union-attr]
                    note(argument, "passed", None)
                if effect.receiver != NONE:  # type: ignore[union-attr]
                    place = places[effect.receiver]  # type: ignore[union-attr]
                    if place.call != NONE:
                        found.setdefault(place.call, ("chained", None))
            elif kind is Leave and effect.value != NONE and effect.how in ("return", "yield"):  # type: ignore[union-attr]
                note(effect.value, "returned", None)  # type: ignore[union-attr]
        return found

    # -- receivers

    def _target(self, call: Call, position: int) -> int:
        """The place that is acquired from: the receiver, or an argument of a plain function."""
        if position < 0:
            return call.receiver
        value = _argument(call, position)
        row = self.unit.values[value] if value != NONE else None
        return row.place if row is not None and row.kind == "place" else NONE

    def receiver_life(self, receiver: int, pair: Pair) -> Receiver:
        """How long what is acquired from lives."""
        if pair.process_wide or (receiver == NONE and pair.target < 0):
            return "global"
        if receiver == NONE:
            return "unknown"
        lives = [self.life_of(place) for place in self.aliases.of(receiver)]
        for life in ("own", "local", "unknown", "injected", "page", "module", "global"):
            if life in lives:
                return life
        return "unknown"

    def life_of(self, place: Place, depth: int = 0) -> Receiver:
        if depth > 4:
            return "unknown"
        if place.symbol == NONE:
            return self._life_of_call(place)
        symbol = self.unit.symbols[place.symbol]
        if place.path and place.path[-1] in (".ownerDocument", ".defaultView"):
            return "page"
        match symbol.kind:
            case "global":
                name = resolved_name(self.unit, place)
                if place.path and place.path[-1] in (".document", ".window"):
                    return "global"
                if symbol.name in self._long_lived or name in self._long_lived:
                    return "global"
                if self.unit.language == "java" and place.path and symbol.name[:1].isupper():
                    return "module"  # a static field of another class
                return "unknown"
            case "import" if self.unit.language == "java" and not place.path:
                return "unknown"  # a class with static methods: the receiver is an argument
            case "import" | "static":
                return "module"
            case "class":
                return "module" if place.path else "unknown"
            case "variable" | "constant":
                return self._life_of_variable(place, symbol.scope, depth)
            case "parameter":
                return "injected"
            case "this":
                return self._life_of_field(place, depth)
        return "unknown"

    def _life_of_call(self, place: Place) -> Receiver:
        if place.call == NONE:
            return "unknown"
        name = callee_name(self.unit, place.call)
        call = self.unit.effects[place.call]
        assert isinstance(call, Call)
        if not name and call.name not in _TAKES_OVER and not call.name.startswith("create"):
            return "unknown"
        if call.new or call.name.startswith(("create", "new", "make")):
            return "local"
        if call.name in _TAKES_OVER and len(call.args) == 1:  # `this._register(new Emitter())`
            return self._life_of_value(call.args[0], 1)
        if name in ("$", "jQuery", "jquery.default", "jquery") and len(call.args) == 1:
            return self._life_of_value(call.args[0], 1)
        root = name.partition(".")[0]
        if name in self._long_lived or call.name in self._long_lived:
            return "global"
        if root == "document" and call.name in ("getElementById", "querySelector", "closest"):
            return "page"
        return "unknown"

    def _life_of_variable(self, place: Place, scope: int, depth: int) -> Receiver:
        if scope == 0 and not place.path:
            return "module"
        lives: list[Receiver] = []
        for index in self.index.binds.get(Place(place.symbol), ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value == NONE:
                continue
            lives.append(self._life_of_value(bind.value, depth + 1))
        if scope == 0:
            return "module"
        for life in ("local", "own", "injected", "page", "module", "global"):
            if life in lives:
                return life
        return "unknown"

    def _life_of_value(self, value: int, depth: int) -> Receiver:
        row = self.unit.values[value]
        if row.kind == "call":
            return self._life_of_call(Place(NONE, (), row.call))
        if row.kind == "place":
            return self.life_of(self.unit.places[row.place], depth)
        if row.kind in ("container", "closure"):
            return "local"
        if row.kind in ("conditional", "operation") and row.parts:
            return self._life_of_value(row.parts[-1], depth + 1) if depth < 4 else "unknown"
        return "unknown"

    def _life_of_field(self, place: Place, depth: int) -> Receiver:
        if not place.path:
            return "own"
        field = Place(place.symbol, place.path[:1])
        lives: list[Receiver] = []
        for index in self.index.binds.get(field, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value == NONE or self.unit.values[bind.value].kind == "null":
                continue
            life = self._life_of_value(bind.value, depth + 1)
            lives.append("own" if life == "local" else life)
        for life in ("own", "unknown", "injected", "page", "module", "global"):
            if life in lives:
                return life
        owner = self.unit.symbols[place.symbol].target
        for symbol in self.unit.symbols:
            if (
                symbol.kind == "field"
                and "." + symbol.name == place.path[0]
                and self.unit.scopes[symbol.scope].owner == owner
            ):
                return "injected" if "injected" in symbol.flags or symbol.decorators else "unknown"
        return "unknown"

    # -- what ends by itself

    def releases_itself(self, item: Acquisition) -> bool:
        """Whether options (`once`, `signal`) or the event end the acquisition without a removal."""
        if item.once:
            return True
        if item.options != NONE and item.pair.self_release:
            row = self.unit.values[item.options]
            if row.kind == "place":
                return self._options_place(item, self.unit.places[row.place])
            if row.kind not in ("container", "boolean", "null"):
                return True  # options built elsewhere: not understood
            for key, part in zip(row.keys, row.parts, strict=False):
                value = self.unit.values[part]
                if key in item.pair.self_release and not (value.kind == "boolean" and value.text == "false"):
                    return True
                if key == "":
                    return True  # spread or computed key
        if item.event != NONE:
            event = self.unit.values[item.event].text
            return event in item.pair.quiet_events or (
                item.life in ("injected", "unknown") and event in item.pair.last_events
            )
        return False

    def _options_place(self, item: Acquisition, place: Place) -> bool:
        symbol = self.index.symbol(place)
        if symbol is not None and (symbol.type == "boolean" or symbol.name in ("capture", "useCapture")):
            return False
        for index in self.index.binds.get(place, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value != NONE:
                row = self.unit.values[bind.value]
                if row.kind == "container":
                    return any(key in item.pair.self_release for key in row.keys)
                if row.kind == "boolean":
                    return False
        return True


def _argument(call: Call, position: int) -> int:
    return call.args[position] if 0 <= position < len(call.args) else NONE


def _last(place: Place) -> str:
    return place.path[-1] if place.path and place.path[-1] != "[]" else ""
