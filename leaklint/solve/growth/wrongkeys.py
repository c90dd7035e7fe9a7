"""Removals whose key is made otherwise than the keys that were stored under."""

from __future__ import annotations

import re

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# what makes another form of the same key
_FORMS = regex(
    r"lower|upper|casefold|strip|str|String|toLowerCase|toUpperCase|toString|trim|abspath|realpath|normpath|"
    r"resolve|encode|decode|hash|quote|basename|normali[sz]e\w*|canonical\w*|_?normali[sz]e\w*"
)
# words of attributes that may well mean the same
_SAME = frozenset(
    {"id", "key", "uid", "uuid", "ident", "hash", "fd", "fileno", "token", "sid", "no", "number"}
)


def _alike(one: str, other: str, loosely: bool = False) -> bool:
    """Whether two attributes may be one: `_id` and `id`; loosely, any with a word in common, or two ids."""
    a, b = (set(re.findall(r"[a-z]+", name.lower())) - {"get"} for name in (one, other))
    if a == b:
        return True
    if not loosely:
        return False
    ids = [any(word.endswith(tuple(_SAME)) for word in words) for words in (a, b)]
    return all(ids) or any(x.endswith(y) or y.endswith(x) for x in a for y in b)


class WrongKeys:
    """Wrong keys of the maps of one unit. Each answer is (store, removal) or None."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def stores(self, holder: Holder) -> list[Growth]:
        return [item for item in holder.growths if item.key != NONE and not item.depth and item.via == NONE]

    def removals(self, holder: Holder) -> list[Release]:
        """The removals by key, when a map has no others before its owner ends; else nothing."""
        found = []
        for item in holder.releases:
            scope = self.index.function(self.unit.effects[item.effect].scope)
            if item.selector == "key" and not item.depth and item.key != NONE and item.via == NONE:
                found.append(item)
            elif item.selector not in ("all", "rebind") or not self._frames_life(item, scope):
                return []
        return found

    def _frames_life(self, release: Release, scope: int) -> bool:
        """Whether a removal of all stands at the end of an object's service, or (Python) at its beginning."""
        if self.growths.lifecycle.in_teardown(scope):
            return True
        name = self.unit.scopes[scope].name
        begins = self.unit.language == "python" and release.selector == "rebind"
        return begins and name in self.growths.lifecycle.setup_names

    # -- the value instead of the key

    def by_value(self, holder: Holder) -> tuple[Growth, Release] | None:
        """`key = keys.get(object); keys.remove(key); objects.remove(object)`: two maps mixed up."""
        stores = self.stores(holder)
        for release in holder.releases if stores else ():
            source = self._looked_up(release.key, holder.place) if release.selector == "key" else None
            if source is not None and self._is_swapped(holder, release, source):
                return stores[0], release
        return None

    def _looked_up(self, key: int, table: Place) -> Place | None:
        """The key under which a table was asked for what is now the key of a removal."""
        place = self._local(key)
        binds = self.index.binds.get(place, ()) if place is not None else ()
        if len(binds) != 1:
            return None
        value = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or call.name != "get" or not call.args or call.receiver == NONE:
            return None
        if table not in self.holders.aliases.of(call.receiver):
            return None
        return self._local(call.args[0])

    def _is_swapped(self, holder: Holder, release: Release, source: Place) -> bool:
        """Whether the same function takes what this table was asked with out of another one."""
        function = self.index.function_at(release.effect)
        return any(
            other is not holder
            and item.selector == "key"
            and self.index.function_at(item.effect) == function
            and self._local(item.key) == source
            for other in self.holders.by_place.values()
            for item in other.releases
        )

    # -- another getter of the same object

    def by_getter(self, holder: Holder) -> tuple[Growth, Release] | None:
        """All is stored under `getBatchId()` and removed under `getRequestId()` of the very same object."""
        stores, removals = self.stores(holder), self.removals(holder)
        stored = {self._getter(item.key) for item in stores}
        asked = {self._getter(item.key) for item in removals}
        if not stored or not asked or None in stored or None in asked or stored & asked:
            return None
        names = {name for _, name in stored | asked}  # type: ignore[misc]
        roots = {root for root, _ in stored | asked}  # type: ignore[misc]
        if len(roots) != 1 or len(names) < 2:
            return None
        return stores[0], removals[0]

    def _getter(self, value: int) -> tuple[str, str] | None:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.args or call.new or call.receiver == NONE:
            return None
        place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        if symbol is None or place.path:
            return None
        if symbol.kind == "this":
            return f"this of {self._outermost(symbol.target)}", call.name
        return (symbol.type, call.name) if symbol.type and symbol.kind in ("parameter", "variable") else None

    # -- Python: another attribute

    def by_attribute(self, holder: Holder) -> tuple[Growth, Release] | None:
        """Stored under `user.id`, removed under `user.name`; or under what the stored object is called."""
        if self.unit.language != "python":
            return None
        stores, removals = self.stores(holder), self.removals(holder)
        stored = [self._part(item.key) for item in stores]
        asked = [self._part(item.key) for item in removals]
        if not stored or not asked or None in stored or None in asked:
            return None
        names = {part[1] for part in stored if part is not None}
        for part in asked:
            assert part is not None
            if part[1] in names or any(_alike(part[1], name) for name in names):
                return None
            roots = {each[0] for each in stored if each is not None}
            if part[0] not in roots and not self._are_values(part, stores, names | roots):
                return None
        return stores[0], removals[0]

    def _are_values(self, part: tuple[str, str], stores: list[Growth], words: set[str]) -> bool:
        """Whether a removal asks the very object that is stored for something that no key is called like."""
        values = {
            self._root_name(self.unit.values[value])
            for item in stores
            for value in item.values
            if self.unit.values[value].kind == "place"
        }
        return part[0] in values and not any(_alike(part[1], word, True) for word in words)

    def _root_name(self, row: Value) -> str:
        place = self.unit.places[row.place]
        return self.unit.symbols[place.symbol].name if place.symbol != NONE and not place.path else ""

    def _part(self, value: int) -> tuple[str, str] | None:
        """(variable, attribute) of `user.id` and `task.get_name()`."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call) or call.args or call.keywords or call.receiver == NONE:
                return None
            place, last = self.unit.places[call.receiver], call.name
        elif row.kind == "place":
            place = self.unit.places[row.place]
            if not place.path:
                return None
            place, last = Place(place.symbol, place.path[:-1], place.call), place.path[-1].lstrip(".")
        else:
            return None
        if place.symbol == NONE or place.path or last == "[]":
            return None
        symbol = self.unit.symbols[place.symbol]
        return (symbol.name, last) if symbol.kind in ("parameter", "variable", "constant") else None

    def _outermost(self, owner: int) -> int:
        """The class around anonymous ones: what they call without a receiver is most often its own."""
        while owner != NONE and self.unit.owners[owner].kind == "anonymous":
            owner = self.unit.owners[owner].outer
        return owner

    # -- another text

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
                place = self._local(item.key)
                symbol = self.unit.symbols[place.symbol] if place is not None else None
                if symbol is None or symbol.kind != "parameter" or symbol.name not in parts:
                    return None
            elif asked in stored:
                return None
        return stores[0], removals[0]

    def _text(self, value: int) -> int:
        """The value itself, or what the local that it reads was bound to once."""
        place = self._local(value)
        binds = self.index.binds.get(place, ()) if place is not None else ()
        if place is not None and len(binds) == 1 and self.unit.symbols[place.symbol].kind != "parameter":
            bind = self.unit.effects[binds[0]]
            if isinstance(bind, Bind) and bind.how in ("declare", "assign") and bind.value != NONE:
                return bind.value
        return value

    def _skeleton(self, value: int) -> tuple[str, ...] | None:
        """The literal parts of a text with gaps between them; None for what is no such text."""
        row = self.unit.values[self._text(value)]
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
        places = [self._local(part) for part in self.unit.values[self._text(value)].parts]
        return {self.unit.symbols[place.symbol].name for place in places if place is not None}

    # -- the same key in another form

    def by_form(self, holder: Holder) -> tuple[Growth, Release] | None:
        """Stored under `name.lower()`, removed under `name`; also inside of tuples."""
        stores, removals = self.stores(holder), self.removals(holder)
        if not stores or not removals:
            return None
        for item in removals:
            for store in stores:
                if self.index.function_at(item.effect) == self.index.function_at(store.effect):
                    return None
                one, other = self._text(store.key), self._text(item.key)
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

    # -- a function of the file makes the key, and the removal does without it

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
            text, asked = self._text(item.key), self._skeleton(item.key)
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
        row = self.unit.values[self._text(value)]
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
        row = self.unit.values[self._text(key)]
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
        row = self.unit.values[self._text(value)]
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

    # -- one arm stores under another key

    def by_arm(self, holder: Holder) -> tuple[Growth, Release] | None:
        """`if (own) map.put(id, x); else map.put(tag, x); … map.remove(tag)`: the id is never removed."""
        stores = self.stores(holder)
        if len(stores) < 2 or not all(item.selector == "key" for item in holder.releases):
            return None
        removed = {self._name(item.key) for item in holder.releases}
        for release in holder.releases:
            tag = self._local(release.key)
            function = self.index.function_at(release.effect)
            here = [item for item in stores if self.index.function_at(item.effect) == function]
            if tag is None or not any(self._local(item.key) == tag for item in here):
                continue
            if any(self._moves(item, release) for item in here):
                continue
            if any(self._local(item.key) == tag and self._exclude(item, release) for item in here):
                continue  # either the one or the other, of what is there already
            for item in here:
                other = self._local(item.key)
                if other is None or other == tag or item.effect > release.effect:
                    continue
                if self._name(item.key) not in removed and not self._copies(other, tag):
                    return item, release
        return None

    def _exclude(self, store: Growth, release: Release) -> bool:
        """Whether a store and a removal stand in the two arms of one test."""
        one = [
            self.unit.regions[index] for index in self.index.regions(self.unit.effects[store.effect].region)
        ]
        two = [
            self.unit.regions[index] for index in self.index.regions(self.unit.effects[release.effect].region)
        ]
        return any(a.test != NONE and a.test == b.test and a.negated != b.negated for a in one for b in two)

    def _moves(self, store: Growth, release: Release) -> bool:
        """`table[key] = table.pop(key)`: what is taken out is put back, to stand last."""
        return any(
            self.unit.values[value].kind == "call" and self.unit.values[value].call == release.effect
            for value in store.values
        )

    def _name(self, value: int) -> str:
        place = self._local(value)
        return self.unit.symbols[place.symbol].name if place is not None else f"value {value}"

    def _copies(self, one: Place, other: Place) -> bool:
        """Whether one of two variables is assigned from the other."""
        for place, source in ((one, other), (other, one)):
            for index in self.index.binds.get(place, ()):
                value = self.unit.effects[index].value  # type: ignore[union-attr]
                if value != NONE and self._local(value) == source:
                    return True
        return False

    # -- words

    def _local(self, value: int) -> Place | None:
        """The variable or parameter that a value reads."""
        row = self.unit.values[value] if value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return None
        kind = self.unit.symbols[place.symbol].kind
        return place if kind in ("variable", "constant", "parameter") else None
