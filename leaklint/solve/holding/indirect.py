"""Finds what changes a holder though no method is called on it: functions, counters, methods handed over."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.holding.ledger import Ledger
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name

# functions of lodash that take entries out of their first argument, and the packages that give them
_LODASH = ("remove", "pull", "pullAll", "pullAt")
_FROM_LODASH = regex(r"(_|(underscore|lodash)(-\w+)?)(\.default)?[./]\w+(\.default)?")
_REMOVERS = regex(r"(?i)(array|list|set|map)?_?(remove|delete|erase|discard|pull)(?!listener|event|handler)")
# functions of Python's standard library that add to their first argument, or take from it
_ADDS = ("heapq.heappush", "bisect.insort", "bisect.insort_left", "bisect.insort_right")
_TAKES = ("heapq.heappop", "heapq.heappushpop", "heapq.heapreplace")


def only_key(unit: Unit, value: int) -> int:
    """The value of the only key of `{[key]: value}`, NONE for what is something else."""
    computed = unit.values[value].computed
    return computed[0] if len(computed) == 1 else NONE


class Indirect:
    """Walks over the calls of one unit that are named like such a function, and tells the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.index = ledger.index
        self.unit: Unit = ledger.unit
        self.aliases = ledger.aliases
        self.models = ledger.models
        self.by_place = ledger.by_place

    def find(self) -> None:
        if self.unit.language == "javascript":
            self._taken_by_lodash()
            self._taken_by_imported()
            self._assigned()
        elif self.unit.language == "python":
            self._counted()
            self._by_functions()
            self._walked()

    def _taken_by_lodash(self) -> None:
        """JavaScript: `_.remove(this.items, item)`, and `pull` of `lodash/pull`."""
        for name in _LODASH:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if len(call.args) > 1 else None
                if row is None or row.kind != "place":
                    continue
                if not _FROM_LODASH.fullmatch(callee_name(self.unit, number)):
                    continue
                for holder, place, depth in self.ledger.targets(row.place):
                    self.ledger.loses(
                        holder, place, Release(number, depth, "value", call.args[1], NONE, name)
                    )

    def _taken_by_imported(self) -> None:
        """JavaScript: `removeFromArray(item, this.items)` of another file, by its name."""
        for name in self.index.calls if self.by_place else ():
            if not _REMOVERS.match(name):
                continue
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                named = call.callee if call.receiver == NONE else call.receiver
                callee = self.unit.places[named] if named != NONE and len(call.args) > 1 else None
                root = self.index.symbol(callee) if callee is not None else None
                if root is None or root.kind != "import":
                    continue
                if name in _LODASH and _FROM_LODASH.fullmatch(callee_name(self.unit, number)):
                    continue
                for given, other in ((0, 1), (1, 0)):
                    row = self.unit.values[call.args[given]]
                    for holder, place, depth in self.ledger.targets(row.place) if row.kind == "place" else ():
                        if holder is not None:
                            taken = Release(number, depth, "value", call.args[other], NONE, name)
                            self.ledger.loses(holder, place, taken)

    def _assigned(self) -> None:
        """JavaScript: `Object.assign(STATE, { [key]: value })`; `Object.assign(STATE, initial())`."""
        for number in self.index.calls.get("assign", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if len(call.args) < 2 or callee_name(self.unit, number) != "Object.assign":
                continue
            row, added = self.unit.values[call.args[0]], call.args[1]
            key = only_key(self.unit, added)
            if row.kind == "place":
                self._replaced(number, row.place, added)
            if row.kind == "place" and key != NONE:
                for holder, place, depth in self.ledger.targets(row.place):
                    values = self.unit.values[added].parts
                    self.ledger.grows(holder, place, Growth(number, depth, "assign", key, values))

    def _replaced(self, number: int, place: int, value: int) -> None:
        """The members of an object that get the values of another object's members."""
        given = self.unit.values[value]
        for found in self.aliases.of(place):
            for holder in list(self.by_place.values()):
                held = holder.place
                if held.symbol != found.symbol or held.path[:-1] != found.path or not held.path:
                    continue
                if given.kind != "container" or held.path[-1][1:] in given.keys or "" in given.keys:
                    holder.releases.append(Release(number, 0, "rebind"))

    def _counted(self) -> None:
        """Python: `VISITS[user] += 1` of a `Counter` or a `defaultdict`, which make what is missing.

        Of the module or a class: what an object counts is as a rule of a few kinds.
        """
        for number in self.index.augments:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            place = self.unit.places[bind.target]
            if bind.key == NONE or place.path[-1:] != ("[]",):
                continue
            for found in self.aliases.resolve(Place(place.symbol, place.path[:-1], place.call)):
                holder = self.by_place.get(found)
                row = holder.container if holder is not None else None
                if holder is None or row is None or holder.lifetime != "process":
                    continue
                if row.kind == "counter" or row.fills_on_read:
                    growth = Growth(number, 0, "[]=", bind.key, (bind.value,))
                    self.ledger.grows(holder, found, growth)

    def _by_functions(self) -> None:
        """Python: `heapq.heappush(self.queue, item)`."""
        for full in (*_ADDS, *_TAKES):
            for number in self.index.calls.get(full.rpartition(".")[2], ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if call.args else None
                if row is None or row.kind != "place" or callee_name(self.unit, number) != full:
                    continue
                for holder, place, depth in self.ledger.targets(row.place):
                    if full in _TAKES:
                        taken = Release(number, depth, "one", NONE, NONE, call.name)
                        self.ledger.loses(holder, place, taken)
                    elif len(call.args) > 1:
                        self.ledger.grows(
                            holder, place, Growth(number, depth, call.name, NONE, (call.args[1],))
                        )

    def _walked(self) -> None:
        """Python: `for item in queue:` takes each out (gevent, eventlet, tornado)."""
        if not any(holder.kind == "queue" for holder in self.by_place.values()):
            return
        for region in self.unit.regions:
            if region.kind != "loop" or region.iterates == NONE:
                continue
            row = self.unit.values[region.iterates]
            for holder, place, depth in self.ledger.targets(row.place) if row.kind == "place" else ():
                if holder is not None and holder.kind == "queue":
                    self.ledger.loses(holder, place, Release(region.first, depth, "one"))

    def handed_over(self, holder: Holder) -> None:
        """A method given to who calls it: `add_done_callback(TASKS.discard)`, `forEach(SEEN::add)`."""
        place, kind = holder.place, self.models.kind[holder.kind]
        for root in self._roots(place):
            for value in self.index.references.get(root, ()):
                path = self.unit.places[self.unit.values[value].place].path
                if len(path) != len(place.path) + 1 or path[:-1] != place.path:
                    continue
                name = path[-1][1:]
                if name in kind.release and holder.growths:
                    holder.releases.append(Release(holder.growths[0].effect, 0, kind.release[name]))
                elif name in kind.grow and self.unit.language != "javascript":
                    number = self._given_to(value)
                    if number != NONE:
                        holder.growths.append(Growth(number, 0, name))

    def _given_to(self, value: int) -> int:
        """The call that is given a value, or NONE."""
        for number, effect in enumerate(self.unit.effects):
            if isinstance(effect, Call) and value in effect.args:
                return number
        return NONE

    def _roots(self, place: Place) -> Iterator[int]:
        """The symbols through which a place is reached: for what a class shares, `self` as well."""
        yield place.symbol
        if place.path and place.symbol != NONE and self.unit.symbols[place.symbol].kind == "class":
            for owner in self.unit.owners:
                if owner.symbol == place.symbol and owner.this != NONE:
                    yield owner.this
