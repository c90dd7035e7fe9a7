"""Finds what puts entries into holders and takes them out: methods, elements, deletions, new values."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place, Unit, Value
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.holding.indirect import Indirect, only_key
from leaklint.solve.holding.ledger import Ledger
from leaklint.solve.holding.rebinds import Rebinds
from leaklint.solve.lazy import regex

_ELEMENT_GROWS = regex(
    r"append|appendleft|add|push|unshift|insert|extend|addAll|addLast|addFirst|offer|addElement|update"
)


class Changes:
    """Walks over the effects of one unit, and tells the ledger."""

    def __init__(self, ledger: Ledger, rebinds: Rebinds) -> None:
        self.ledger = ledger
        self.rebinds = rebinds
        self.indirect = Indirect(ledger)
        self.index = ledger.index
        self.unit: Unit = ledger.unit
        self.aliases = ledger.aliases
        self.models = ledger.models
        self.by_place = ledger.by_place
        self.foreign = ledger.foreign
        self._known = ledger.known

    def find(self) -> None:
        unit, index = self.unit, self.index
        touching = self._known.touching & index.calls.keys()
        for number in sorted(number for name in touching for number in index.calls[name]):
            call = unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE:
                continue
            fresh = call.name in self._known.grow and self._is_fresh_there(number, call.receiver)
            for holder, place, depth in self.ledger.targets(call.receiver) if not fresh else ():
                self._method(number, call, holder, place, depth)
        self.indirect.find()
        self._loads()
        for number in index.elements:
            bind = unit.effects[number]
            assert isinstance(bind, Bind)
            copied = self._is_copied_there(number, bind.target)
            for holder, place, depth in self.ledger.targets(bind.target) if not copied else ():
                self._element(number, bind, holder, place, depth)
        for number in index.deletes:
            delete = unit.effects[number]
            assert isinstance(delete, Delete)
            for holder, place, depth in self.ledger.targets(delete.target):
                selector = "key" if depth or delete.key != NONE else "all"  # `del self.table`
                self.ledger.loses(holder, place, Release(number, depth, selector, delete.key))
            self._delete_member(number, delete)
        for place, holder in self.by_place.items():
            for number in index.binds.get(place, ()):
                self.rebinds.rebind(number, holder)
            if holder.growths and unit.language == "javascript":
                self.rebinds.rebind_around(holder)
            self.indirect.handed_over(holder)
        for place, numbers in index.binds.items():
            if place.path and place not in self.by_place and self.ledger.is_field_elsewhere(place):
                for found in self.aliases.resolve(place):
                    for number in numbers if found in self.by_place else ():
                        self.rebinds.rebind(number, self.by_place[found])
            if len(place.path) == 1 and unit.language == "javascript":
                self._replaced_elsewhere(place, numbers)
            if place.path and place.path[-1] == ".length" and unit.language == "javascript":
                for found in self.aliases.resolve(Place(place.symbol, place.path[:-1], place.call)):
                    for holder, base, depth in self.ledger.split(found):
                        for number in numbers:
                            self.ledger.loses(holder, base, Release(number, depth, "some"))

    def _method(self, number: int, call: Call, holder: Holder | None, place: Place, depth: int) -> None:
        kinds = self.models.kind
        if holder is not None and depth == 0:
            kind = kinds[holder.kind]
            roles, selector = kind.grow.get(call.name), kind.release.get(call.name)
        else:
            roles = selector = None
            for kind in kinds.values():
                roles = roles or kind.grow.get(call.name)
                selector = selector or kind.release.get(call.name)
            if call.name == "get" and call.args:
                selector = None  # a look-up, unless the receiver is known to be a queue
            if depth and not _ELEMENT_GROWS.fullmatch(call.name) and not (roles and "k" in roles):
                roles = None
            if call.name == "set" and len(call.args) != 2:
                roles = None  # `corner.set(x, y, z)` of a vector
            if depth and call.name == "update" and len(call.args) > 1:
                roles = None  # `task.update(status, text)` of an object
        if roles and not (call.name == "compute" and self._gives_back(call)):
            self.ledger.grows(holder, place, self._growth(number, call, roles, depth))
        if call.name in ("compute", "merge") and roles and self._may_drop(call):
            selector = "some"
        if selector and not (call.name == "computeIfPresent" and self._keeps(call)):
            key = call.args[0] if call.args and selector in ("key", "value") else NONE
            self.ledger.loses(holder, place, Release(number, depth, selector, key, NONE, call.name))

    def _given(self, call: Call) -> tuple[int, list[Value]]:
        """Java: the scope of the function that is handed to `compute()` or its like, and what it returns."""
        row = self.unit.values[call.args[-1]] if call.args else None
        if row is None or row.kind != "closure":
            return NONE, []
        leaves = [self.unit.effects[number] for number in self.index.returns.get(row.scope, ())]
        return row.scope, [self.unit.values[leave.value] for leave in leaves if isinstance(leave, Leave)]

    def _gives_back(self, call: Call) -> bool:
        """Java: `computeIfPresent(key, (k, list) -> { …; return list; })`: the entry stays where it was."""
        scope, given = self._given(call)
        entry = {Place(symbol) for symbol in self.unit.scopes[scope].params[-1:]} if given else set()
        return bool(given) and all(
            row.kind == "place" and self.unit.places[row.place] in entry - self.index.binds.keys()
            for row in given
        )

    def _keeps(self, call: Call) -> bool:
        """Java: `computeIfPresent(key, (k, count) -> count + 1)`: what is given back is never null."""
        given = self._given(call)[1]
        never_null = all(row.kind in ("operation", "number", "string", "closure") for row in given)
        return (bool(given) and never_null) or self._gives_back(call)

    def _may_drop(self, call: Call) -> bool:
        """Java: `compute(key, (k, list) -> list.isEmpty() ? null : list)`: null takes the entry out."""
        given = self._given(call)[1]
        parts = [self.unit.values[part] for row in given if row.kind == "conditional" for part in row.parts]
        return any(row.kind == "null" for row in (*given, *parts))

    def _growth(self, number: int, call: Call, roles: str, depth: int) -> Growth:
        key, values = NONE, []
        spreads = False
        if roles == "*" and len(call.args) == 1:
            key = only_key(self.unit, call.args[0])
            if key != NONE:
                return Growth(number, depth, call.name, key, self.unit.values[call.args[0]].parts)
        for role, argument in zip(roles.ljust(len(call.args), roles[-1]), call.args, strict=False):
            if role == "k":
                key = argument
            elif role in "vc":
                values.append(argument)
            elif role == "*":
                values.append(argument)
                spreads = True
        return Growth(number, depth, call.name, key, tuple(values), NONE, spreads)

    def _element(self, number: int, bind: Bind, holder: Holder | None, place: Place, depth: int) -> None:
        if bind.key != NONE and self.unit.values[bind.key].text == "slice":
            self.ledger.loses(holder, place, Release(number, depth, "some"))
            return
        if self.unit.language == "java":
            return  # arrays have a fixed length
        if holder is not None and depth == 0:
            if holder.kind in ("queue", "buffer", "set", "list"):
                return  # an index within a list replaces an entry
            if holder.kind == "array" and self._is_index(bind.key):
                return
        growth = Growth(number, depth, "[]=", bind.key, (bind.value,) if bind.value != NONE else ())
        if bind.value != NONE and self.unit.values[bind.value].kind == "null":
            self.ledger.loses(holder, place, Release(number, depth, "key", bind.key))
            return
        self.ledger.grows(holder, place, growth)

    def _is_index(self, key: int) -> bool:
        """Whether an array key is an index into what is there: a number or a loop counter."""
        if key == NONE:
            return True
        row = self.unit.values[key]
        if row.kind == "number":
            return True
        if row.kind == "place":
            place = self.unit.places[row.place]
            if place.path and place.path[-1] == ".length":
                return False
            for index in self.index.binds.get(place, ()):
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.how == "augment":
                    return True
            return True
        return True

    def _delete_member(self, number: int, delete: Delete) -> None:
        """`delete x.a` takes an entry out of `x` when x is a holder."""
        if delete.key != NONE:
            return
        place = self.unit.places[delete.target]
        if place.path:
            for found in self.aliases.resolve(Place(place.symbol, place.path[:-1], place.call)):
                for holder, base, depth in self.ledger.split(found):
                    self.ledger.loses(holder, base, Release(number, depth, "key"))

    def _loads(self) -> None:
        """Look-ups that store what they do not find, of the few kinds that have such."""
        kinds = {holder.kind for holder in self.by_place.values()}
        for roles in (self.models.kind[kind].loads for kind in sorted(kinds)):
            for name in roles:
                for number in self.index.calls.get(name, ()):
                    call = self.unit.effects[number]
                    assert isinstance(call, Call)
                    for holder, place, depth in (
                        self.ledger.targets(call.receiver) if call.receiver != NONE else ()
                    ):
                        if holder is not None and not depth and self.models.kind[holder.kind].loads is roles:
                            self.ledger.grows(holder, place, self._growth(number, call, roles[name], 0))

    def _replaced_elsewhere(self, place: Place, numbers: list[int]) -> None:
        """JavaScript: `Node.pending = []` of an imported class."""
        if place.symbol == NONE or self.unit.symbols[place.symbol].kind != "import":
            return
        for number in numbers:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            if bind.how == "assign" and row is not None and row.kind == "container" and not row.parts:
                self.foreign[place].append(Release(number, 0, "rebind"))

    def _is_fresh_there(self, number: int, receiver: int) -> bool:
        """JavaScript: `names = []; … names.push(x)`, of a local that is something shared elsewhere."""
        place, unit = self.unit.places[receiver], self.unit
        binds = self.index.binds.get(place, ())
        if unit.language != "javascript" or len(binds) < 2 or place.symbol == NONE or place.path:
            return False
        symbol, call = unit.symbols[place.symbol], unit.effects[number]
        if symbol.kind != "variable" or symbol.scope in (0, NONE):
            return False
        last = unit.effects[max((bind for bind in binds if bind < number), default=binds[0])]
        if not isinstance(last, Bind) or last.value == NONE or last.at > call.at:
            return False
        row = unit.values[last.value]
        around = (NONE, *self.index.regions(call.region))
        same = self.index.function(last.scope) == self.index.function(call.scope)
        return same and last.region in around and row.kind == "container" and not row.parts

    def _is_copied_there(self, number: int, target: int) -> bool:
        """Python: `row = dict(row)` right before `row["at"] = now`: the copy changes, not the entry."""
        place, unit = self.unit.places[target], self.unit
        binds = self.index.binds.get(Place(place.symbol), ()) if place.symbol != NONE else ()
        if unit.language != "python" or len(binds) < 2 or unit.symbols[place.symbol].kind != "variable":
            return False
        before = [index for index in binds if index < number]
        last = unit.effects[max(before)] if before else None
        if not isinstance(last, Bind) or last.value == NONE or last.how not in ("assign", "declare"):
            return False
        row, effect = unit.values[last.value], unit.effects[number]
        call = unit.effects[row.call] if row.kind == "call" else None
        around = (NONE, *self.index.regions(effect.region))
        return (
            isinstance(call, Call)
            and call.name in ("dict", "list", "set", "copy", "deepcopy")
            and self.index.function(last.scope) == self.index.function(effect.scope)
            and last.region in around
        )
