"""Keys that are another text, or the same one in another form."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place
from leaklint.solve.growth.otherkeys.base import Mismatches
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# what makes another form of the same key
_FORMS = regex(
    r"lower|upper|casefold|strip|str|String|toLowerCase|toUpperCase|toString|trim|abspath|realpath|normpath|"
    r"resolve|encode|decode|hash|quote|basename|normali[sz]e\w*|canonical\w*|_?normali[sz]e\w*"
)


class Forms(Mismatches):
    """Such keys of the maps of one unit."""

    def by_text(self, holder: Holder) -> tuple[Growth, Release] | None:
        """Stored under `user + "/" + topic`, removed under `user + ":" + topic` or under `user` alone."""
        stores, removals = self.stores(holder), self.removals(holder)
        stored = {self._skeleton(item.key) for item in stores}
        if not stored or not removals or None in stored:
            return None
        parts = {name for item in stores for name in self._names(item.key)}
        for item in removals:
            asked = self._skeleton(item.key)
            if asked is None:
                place = self.local(item.key)
                symbol = self.unit.symbols[place.symbol] if place is not None else None
                if symbol is None or symbol.kind != "parameter" or symbol.name not in parts:
                    return None
            elif asked in stored:
                return None
        return stores[0], removals[0]

    def _skeleton(self, value: int) -> tuple[str, ...] | None:
        """The literal parts of a text with gaps between them; None for what is no such text."""
        row = self.unit.values[self.text(value)]
        if not (row.kind == "template" or (row.kind == "operation" and row.text == "+")):
            return None
        found: list[str] = []
        for part in row.parts:
            inner = self.unit.values[part]
            if inner.kind == "string":
                if inner.text:
                    found.append(inner.text)
            elif inner.kind in ("place", "call"):
                found.append("\0")
            else:
                return None
        return tuple(found) if any(text != "\0" for text in found) else None

    def _names(self, value: int) -> set[str]:
        """Names of the variables in a text."""
        places = [self.local(part) for part in self.unit.values[self.text(value)].parts]
        return {self.unit.symbols[place.symbol].name for place in places if place is not None}

    def by_form(self, holder: Holder) -> tuple[Growth, Release] | None:
        """Stored under `name.lower()`, removed under `name`; also inside of tuples."""
        stores, removals = self.stores(holder), self.removals(holder)
        if not stores or not removals:
            return None
        for item in removals:
            for store in stores:
                if self.index.function_at(item.effect) == self.index.function_at(store.effect):
                    return None
                one, other = self.text(store.key), self.text(item.key)
                if not self._differs(one, other) and not self._reads_back(store, self._inner(one), other):
                    return None
        return stores[0], removals[0]

    def _differs(self, one: int, other: int) -> bool:
        """Whether two keys are the same but for one change of form."""
        a, b = self.unit.values[one], self.unit.values[other]
        if a.kind == b.kind == "container":
            if len(a.parts) != len(b.parts) or a.text != b.text:
                return False
            pairs = list(zip(a.parts, b.parts, strict=True))
            unlike = [pair for pair in pairs if self._plain(pair[0]) != self._plain(pair[1])]
            named = all(self._plain(left) or self._plain(right) for left, right in pairs)
            return named and len(unlike) == 1 and self._differs(*unlike[0])
        return any(
            inner is not None and inner == plain
            for inner, plain in (
                (self._inner(one), self._plain(other)),
                (self._inner(other), self._plain(one)),
            )
        )

    def _plain(self, value: int) -> tuple[str, ...] | None:
        """The variable that a key is, by name, unless something else was put into it."""
        row = self.unit.values[value]
        if row.kind == "string":
            return ("", row.text)
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and self.index.binds.get(Place(place.symbol)):
            return None
        return (symbol.name, *place.path) if symbol.kind in ("parameter", "variable", "constant") else None

    def _inner(self, value: int) -> tuple[str, ...] | None:
        """What a call that only changes the form was given."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not _FORMS.fullmatch(call.name):
            return None
        if self.unit.language == "java" and call.name == "toString":
            return None  # another method may be given the text
        if call.args and not (self.unit.language == "java" and call.name.startswith("to")):
            return self._plain(call.args[0])  # `toLowerCase(Locale.ROOT)` changes its receiver
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        if place is None or place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind not in ("parameter", "variable", "constant"):
            return None
        return (symbol.name, *place.path)

    def by_maker(self, holder: Holder) -> tuple[Growth, Release] | None:
        """Stored under `keyOf(a, b)`, which changes their form, and removed under a text of `a` and `b`."""
        stores, removals = self.stores(holder), self.removals(holder)
        makers = {self._maker(item.key) for item in stores}
        if len(makers) != 1 or NONE in makers or not removals:
            return None
        maker = makers.pop()
        skeleton = self._made_text(maker)
        if skeleton is None or any(self.index.function_at(item.effect) == maker for item in removals):
            return None
        for item in removals:
            text, asked = self.text(item.key), self._skeleton(item.key)
            if self._maker(item.key) == maker:
                return None
            if asked is None:
                if not self._makes_there(maker, item, text) and not all(
                    self._reads_back(store, self._given(store.key), text) for store in stores
                ):
                    return None
            elif asked == skeleton and not self._changes_form(maker):
                return None
        return stores[0], removals[0]

    def _maker(self, value: int) -> int:
        """The function of the file that makes a key, or NONE."""
        row = self.unit.values[self.text(value)]
        return self.index.callee_scope(row.call) if row.kind == "call" else NONE

    def _made_text(self, maker: int) -> tuple[str, ...] | None:
        """The literal parts of what a function gives back, when that is one text; () for another form."""
        leaves = self.index.returns.get(maker, ())
        if len(leaves) != 1:
            return None
        value = self.unit.effects[leaves[0]].value  # type: ignore[union-attr]
        if self._skeleton(value) is not None:
            return self._skeleton(value)
        return () if self._changes_form(maker) else None

    def _changes_form(self, maker: int) -> bool:
        return any(
            isinstance(call := self.unit.effects[number], Call) and _FORMS.fullmatch(call.name)
            for number in self.index.of_function.get(maker, ())
        )

    def _given(self, key: int) -> tuple[str, ...] | None:
        """The variable that a function of the file makes a key of, where it is given just one thing."""
        row = self.unit.values[self.text(key)]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return self._plain(call.args[0]) if isinstance(call, Call) and len(call.args) == 1 else None

    def _reads_back(self, store: Growth, given: tuple[str, ...] | None, key: int) -> bool:
        """`sessions.put(form(id), new Session(id))`, and `sessions.remove(session.id())` without the form."""
        row = self.unit.values[key]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        name = ""
        if isinstance(call, Call):
            name = call.name if call.receiver != NONE and not call.args and not call.new else ""
        elif row.kind == "place" and self.unit.places[row.place].path:
            name = self.unit.places[row.place].path[-1][1:]
        if not name or given is None or len(given) != 1:
            return False
        if name.lower().removeprefix("get").replace("_", "") != given[0].lower().replace("_", ""):
            return False
        return any(self._is_made_with(value, given) for value in store.values)

    def _is_made_with(self, value: int, given: tuple[str, ...]) -> bool:
        """Whether what is stored is a new object that is handed the very variable."""
        row = self.unit.values[self.text(value)]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return (
            isinstance(call, Call)
            and (call.new or call.name[:1].isupper())
            and any(self._plain(argument) == given for argument in call.args)
        )

    def _makes_there(self, maker: int, release: Release, key: int) -> bool:
        """Whether the removing function makes the key of what it removes under, for something else."""
        plain = self._plain(key)
        return plain is not None and any(
            isinstance(call := self.unit.effects[number], Call)
            and self.index.callee_scope(number) == maker
            and any(self._plain(value) == plain for value in call.args)
            for number in self.index.of_function.get(self.index.function_at(release.effect), ())
        )
