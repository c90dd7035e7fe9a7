"""Tells what a new value of a holder is: more of the same, a part of it, its first value, or an empty one."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.aliases import Aliases
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.index import Index
from leaklint.solve.repeats import Repeats


class Rebinds:
    """Reads the binds of the holders of one unit."""

    def __init__(self, index: Index, aliases: Aliases, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.repeats = repeats

    def rebind(self, number: int, holder: Holder) -> None:
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        if bind.how == "augment":
            if holder.kind == "counter" and self._is_empty(bind.value):
                holder.releases.append(Release(number, 0, "some"))  # drops what counts nothing
            elif bind.op in ("+=", "|=", "+", "|") and holder.kind in (
                "list",
                "set",
                "dict",
                "counter",
                "array",
            ):
                holder.growths.append(Growth(number, 0, bind.op, NONE, (bind.value,), NONE, True))
            elif bind.op in ("-=", "&=", "-", "&"):
                holder.releases.append(Release(number, 0, "some"))
            return
        if bind.how in ("declare", "default"):
            return
        if number == holder.declared and self.repeats.runs(bind.scope) == "import":
            return
        row = self.unit.scopes[bind.scope]
        if row.kind == "constructor" and self.unit.symbols[holder.place.symbol].kind == "this":
            return  # the initial value
        written = self.unit.places[bind.target]  # `self.rows` where that is the field `rows`
        if bind.value != NONE and self._copies(self.unit.values[bind.value], written):
            return
        added = self._added(bind.value, written) if bind.value != NONE else ()
        if added:
            holder.growths.append(Growth(number, 0, "=", self._key(bind.value, added), added, NONE, True))
        elif not self._is_lazy_init(bind, holder.place):
            selector = "some" if self._is_part_of(bind.value, holder.place) else "rebind"
            holder.releases.append(Release(number, 0, selector))

    def _key(self, value: int, added: tuple[int, ...]) -> int:
        """JavaScript: the key of `{...rows, [row.id]: row}`, where nothing else is added under one."""
        computed = [key for key in self.unit.values[value].computed if key != NONE]
        spread = any(self.unit.values[part].kind == "spread" for part in added)
        return computed[0] if len(computed) == 1 and not spread else NONE

    def rebind_around(self, holder: Holder) -> None:
        """JavaScript: `known = {}` lets go of `known.env` as well."""
        place = holder.place
        for length in range(len(place.path)):
            around = Place(place.symbol, place.path[:length], place.call)
            for number in self.index.binds.get(around, ()):
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and self._is_emptied(bind, around):
                    holder.releases.append(Release(number, 0, "rebind"))

    def _is_emptied(self, bind: Bind, place: Place) -> bool:
        """Whether a bind, of code that runs more than once, replaces an object by a new one or by none."""
        if bind.how != "assign" or bind.value == NONE or self.repeats.runs(bind.scope) == "import":
            return False
        row = self.unit.values[bind.value]
        if row.kind != "null" and (row.kind != "container" or self._copies(row, place)):
            return False
        if self.unit.scopes[bind.scope].kind == "constructor" or self._is_lazy_init(bind, place):
            return False
        return not any(self._spreads(part, place) for part in row.parts)

    def _is_empty(self, value: int) -> bool:
        """`COUNTS += Counter()`."""
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(call, Call) and call.name == "Counter" and not call.args and not call.keywords

    def _is_part_of(self, value: int, place: Place) -> bool:
        """`X.filter(f)`, `[v for v in X if …]`: some of the entries that were there."""
        if value == NONE:
            return False
        row = self.unit.values[value]
        if row.text == "comprehension" and row.kind == "container":
            walked = [
                self.unit.values[region.iterates]
                for region in self.unit.regions
                if region.scope == row.scope and region.iterates != NONE
            ]
            return any(source.kind == "place" and place in self.aliases.of(source.place) for source in walked)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return (
            isinstance(call, Call)
            and call.name in ("filter", "slice")
            and call.receiver != NONE
            and place in self.aliases.of(call.receiver)
        )

    def _is_lazy_init(self, bind: Bind, place: Place) -> bool:
        """`if X is None: X = {}` and `X = X or {}` make the holder, they don't empty it."""
        if bind.value != NONE:
            value = self.unit.values[bind.value]
            written = self.unit.places[bind.target]
            if value.kind == "operation" and any(self._reads(part, written) for part in value.parts):
                return True
            if self.index.is_nothing(bind.value) and self._is_made_before(bind, place):
                return False
        return any(self.tests_absence(index, place) for index in self.index.regions(bind.region))

    def _is_made_before(self, bind: Bind, place: Place) -> bool:
        """`if (!batch) { batch = {}; await later(); send(batch); batch = null; }`."""
        others = map(self.index.bind, self.index.binds.get(place, ()))
        return any(
            other.at < bind.at
            and other.value != NONE
            and self.index.function(other.scope) == self.index.function(bind.scope)
            and not self.index.is_nothing(other.value)
            for other in others
        )

    def tests_absence(self, region: int, place: Place) -> bool:
        """Whether a region is entered only where a place is missing or empty."""
        row = self.unit.regions[region]
        if row.kind == "except" and row.catches != NONE:
            return self._is_missing(row.catches)
        if row.kind != "branch" or row.test == NONE:
            return False
        value = self.unit.values[row.test]
        parts = [value, *(self.unit.values[part] for part in value.parts)]
        if self._has_no(value, place):
            return not row.negated
        mentions = any(
            part.kind == "place" and place in self.aliases.resolve(self.unit.places[part.place])
            for part in parts
        ) or any(self._is_asked(part, place) for part in parts)
        if not mentions:
            return False
        if value.kind == "operation":
            absent = value.text in ("not", "is", "==") and not row.negated
            present = value.text in ("is not", "!=") and row.negated
            return absent or present
        return row.negated

    def _is_missing(self, value: int) -> bool:
        """Python: `except AttributeError:`, where a value is made at its first use."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        return symbol is not None and symbol.name in ("AttributeError", "NameError", "UnboundLocalError")

    def _is_asked(self, value: Value, place: Place) -> bool:
        """Python: `getattr(_local, "stack", None)`, or a local that holds it."""
        if value.kind == "place" and not self.unit.places[value.place].path:
            binds = self.index.binds.get(self.unit.places[value.place], ())
            first = self.index.bind(binds[0]).value if binds else NONE
            value = self.unit.values[first] if first != NONE else value
        call = self.unit.effects[value.call] if value.kind == "call" else None
        return isinstance(call, Call) and call.name == "getattr" and self._names(call, place)

    def _has_no(self, value: Value, place: Place) -> bool:
        """`not hasattr(_local, "stack")`."""
        inner = (
            self.unit.values[value.parts[0]] if value.kind == "operation" and value.text == "not" else None
        )
        call = self.unit.effects[inner.call] if inner is not None and inner.kind == "call" else None
        return isinstance(call, Call) and call.name == "hasattr" and self._names(call, place)

    def _names(self, call: Call, place: Place) -> bool:
        if len(call.args) < 2 or not place.path:
            return False
        owner, name = (self.unit.values[value] for value in call.args[:2])
        whose = self.unit.places[owner.place] if owner.kind == "place" else None
        return whose == Place(place.symbol, place.path[:-1]) and "." + name.text == place.path[-1]

    def _added(self, value: int, place: Place) -> tuple[int, ...]:
        """What `X = X + [v]`, `x = [...x, v]`, `x = x.concat(v)` and `{...x, [k]: v}` add; else nothing."""
        row = self.unit.values[value]
        if row.kind == "operation" and row.text in ("+", "|"):
            others = tuple(part for part in row.parts if not self._reads(part, place))
            return others if len(others) < len(row.parts) else ()
        if row.kind == "container" and len(row.parts) > 1:
            others = tuple(part for part in row.parts if not self._spreads(part, place))
            return others if len(others) < len(row.parts) else ()
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.name == "concat" and call.receiver != NONE:
                same = not set(self.aliases.resolve(place)).isdisjoint(self.aliases.of(call.receiver))
                return call.args if same else ()
        return ()

    def _copies(self, row: Value, place: Place) -> bool:
        """Whether a value is what was there with another value of a member: no growth, and no emptying."""
        spread = row.kind == "container" and any(self._spreads(part, place) for part in row.parts)
        return spread and self._names_keys(row, place)

    def _names_keys(self, row: Value, place: Place) -> bool:
        """`{...x, token: t}`: the same members each time, and no others."""
        named = zip(row.keys, row.parts, strict=False)
        return bool(row.keys) and all(key or self._spreads(part, place) for key, part in named)

    def _spreads(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "spread" and self._reads(row.parts[0], place)

    def _reads(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place
