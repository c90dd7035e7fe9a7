"""Finds containers that outlive the calls that fill them, and what grows, empties and bounds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit, Value
from leaklint.models import Container, Models
from leaklint.solve.aliases import Aliases
from leaklint.solve.containers import containers
from leaklint.solve.index import Index
from leaklint.solve.interface import Links, foreign_name, offered_name
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.repeats import Repeats

Lifetime = Literal["process", "instance", "closure", "thread"]
_MAKES = frozenset({"container", "call", "conditional", "operation"})  # values that may be containers
ENTRYWISE = frozenset({"key", "value", "one", "some"})
"""Selectors of releases that take out single entries."""

_COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_ELEMENT_GROWS = regex(
    r"append|appendleft|add|push|unshift|insert|extend|addAll|addLast|addFirst|offer|addElement|update"
)

# functions of lodash that take entries out of their first argument, and the packages that give them
_LODASH = ("remove", "pull", "pullAll", "pullAt")
_FROM_LODASH = regex(r"(_|(underscore|lodash)(-\w+)?)(\.default)?[./]\w+(\.default)?")
# functions of Python's standard library that add to their first argument, or take from it
_ADDS = ("heapq.heappush", "bisect.insort", "bisect.insort_left", "bisect.insort_right")
# calls that hand over to work of its own, or to who waits for a result: from then on it is for them to empty
_HANDS_ON = frozenset(
    {"Thread", "Process", "Timer", "start_new_thread", "spawn", "submit", "run_in_executor", "apply_async"}
    | {"partial", "callback", "set_result", "create_task", "ensure_future"}
)
_TAKES = ("heapq.heappop", "heapq.heappushpop", "heapq.heapreplace")


class Growth(msgspec.Struct):
    """A site at which a holder gains entries.

    effect: the call or bind; at a helper's call site, `via` is the effect inside the helper.
    depth: 0 for the container itself, 1 for a container that is one of its elements, …
    key, values: what is stored (values); key is NONE for collections.
    """

    effect: int
    depth: int
    how: str
    key: int = NONE
    values: tuple[int, ...] = ()
    via: int = NONE
    spreads: bool = False  # `values` are collections of entries


class Release(msgspec.Struct):
    """A site at which a holder loses one, some or all entries. selector: see models, or `rebind`."""

    effect: int
    depth: int
    selector: str
    key: int = NONE
    via: int = NONE
    how: str = ""  # method name


class Holder(msgspec.Struct):
    """A container and its life."""

    place: Place
    kind: str  # model kind: map, list, set, queue, …
    lifetime: Lifetime
    declared: int  # the bind that makes it, or NONE
    container: Container | None = None
    default_of: int = NONE  # function scope whose parameter default it is
    growths: list[Growth] = []
    releases: list[Release] = []
    bounded: bool = False  # a size check guards it
    limits: list[int] = []  # values that its size is compared with
    emptied_elsewhere: bool = False  # another file of the project releases it
    small_elements: bool = False  # its elements are bounded or weak containers themselves

    @property
    def limited(self) -> bool:
        """Whether a size check, its type or weak references keep it from growing without end."""
        row = self.container
        return self.bounded or (row is not None and (row.weak or row.bounded))


class Holders:
    """All holders of a unit with their effects, keyed by place."""

    def __init__(
        self, index: Index, aliases: Aliases, repeats: Repeats, models: Models, links: Links
    ) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.repeats = repeats
        self.models = models
        self.by_place: dict[Place, Holder] = {}
        self._known = containers(models)
        # what happens to a parameter inside its function, for callers that hand over a holder
        self._param_growths: dict[int, list[Growth]] = defaultdict(list)
        self._param_releases: dict[int, list[Release]] = defaultdict(list)
        # what happens to holders of other files
        self.foreign: dict[Place, list[Growth | Release]] = defaultdict(list)
        self._entry_types: dict[Place, str] | None = None
        self._find()
        self._linked(links)
        if self.by_place or any(scope.params for scope in self.unit.scopes) or self._replaces_foreign():
            self._effects()
            self._through_helpers()
            self._bounds()

    # -- containers

    def _find(self) -> None:
        unit = self.unit
        effects, values = unit.effects, unit.values
        for place, indices in self.index.binds.items():
            for index in indices:
                bind = effects[index]
                assert isinstance(bind, Bind)
                if bind.value == NONE or values[bind.value].kind not in _MAKES:
                    continue
                if bind.how in ("iterate", "catch", "augment", "enter"):
                    continue
                if bind.how != "default" and self._is_parameter(place):
                    continue  # rebound in the call: the caller's object, or a fresh one
                found = self.container_of(bind.value)
                lifetime = self._lifetime(place) if found is not None else None
                if found is not None and lifetime is not None:
                    self._add(place, found, lifetime, index, bind)
        for number, symbol in enumerate(unit.symbols):
            if symbol.type and symbol.kind in ("static", "field", "variable", "constant"):
                row = self._known.by_name.get(symbol.type)
                declared = self._symbol_place(number)
                if row is None or declared is None or declared in self.by_place:
                    continue
                lifetime = self._lifetime(declared)
                # a bind of something else than a container says more than the declared type
                if lifetime is not None and not self._bound_to_unknown(declared):
                    self.by_place[declared] = Holder(declared, row.kind, lifetime, NONE, row)

    def _linked(self, links: Links) -> None:
        """Take in what the project says: holders declared elsewhere, and own ones emptied elsewhere."""
        for place, holder in self.by_place.items() if links.emptied else ():
            holder.emptied_elsewhere = offered_name(self.unit, place) in links.emptied
        for place in self.unit.places if links.declared else ():
            target = foreign_name(self.unit, place)
            found = links.declared.get(":".join(target)) if target else None
            if found is not None:
                kind = found.offered.kind
                self.by_place.setdefault(place, Holder(place, kind, "process", NONE, Container(kind=kind)))

    def _is_parameter(self, place: Place) -> bool:
        return not place.path and self.unit.symbols[place.symbol].kind == "parameter"

    def _bound_to_unknown(self, place: Place) -> bool:
        for index in self.index.binds.get(place, ()):
            value = self.unit.effects[index].value  # type: ignore[union-attr]
            if value != NONE and self.unit.values[value].kind not in ("null", "place"):
                return True
        return False

    def _symbol_place(self, number: int) -> Place | None:
        symbol = self.unit.symbols[number]
        if symbol.kind in ("static", "field"):
            owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
            root = owner.symbol if symbol.kind == "static" else owner.this
            return Place(root, ("." + symbol.name,)) if root != NONE else None
        return Place(number)

    def _add(self, place: Place, row: Container, lifetime: Lifetime, index: int, bind: Bind) -> None:
        known = self.by_place.get(place)
        if known is None:
            default = bind.scope if bind.how == "default" else NONE
            made = self.by_place[place] = Holder(place, row.kind, lifetime, index, row, default)
            made.small_elements = self._makes_small(bind.value)
        elif known.container is not None and (row.bounded or row.weak) and not known.container.weak:
            known.container = row

    def _lifetime(self, place: Place) -> Lifetime | None:
        """How long a place lives, or None when it is a local or unknown."""
        if place.symbol == NONE or "[]" in place.path:
            return None
        symbol = self.unit.symbols[place.symbol]
        match symbol.kind:
            case "variable" | "constant":
                return self._variable_lifetime(symbol.scope, place)
            case "class" | "function":
                return "process" if len(place.path) == 1 and symbol.scope == 0 else None
            case "this":
                if len(place.path) != 1:
                    return None
                return "process" if self.repeats.is_singleton(symbol.target) else "instance"
            case "global":
                return "process" if place.path else None
            case "parameter":
                return self._default_lifetime(symbol.scope) if not place.path else None
            case "static":
                return "process"
        return None

    def _default_lifetime(self, scope: int) -> Lifetime | None:
        """A default lives with its function: for good when that is made at import."""
        parent = self.unit.scopes[scope].parent
        return "process" if self.repeats.runs(parent) == "import" else None

    def _variable_lifetime(self, scope: int, place: Place) -> Lifetime | None:
        if scope == NONE or len(place.path) > 1:
            return None
        if scope == 0:
            return "process"
        row = self.unit.scopes[scope]
        made = row.kind == "constructor" and self.unit.language == "javascript"  # `function Timers() {…}`
        if made or row.kind in ("function", "lambda", "method", "static-block"):
            if self.repeats.runs(scope) == "import" and (
                row.kind == "static-block" or "immediate" in row.flags
            ):
                return "process"
            return "closure" if not place.path else None
        return None

    def container_of(self, value: int) -> Container | None:
        """The model of the container that a value constructs, if it constructs one."""
        row = self.unit.values[value]
        if row.kind == "container":
            return self._known.by_literal.get(row.text)
        if row.kind == "call":
            return self._constructed(row.call)
        if row.kind in ("conditional", "operation") and row.text in ("", "or", "??", "and"):
            for part in row.parts:
                found = self.container_of(part)
                if found is not None:
                    return found
        return None

    def _constructed(self, call: int) -> Container | None:
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        row = None
        if effect.receiver == NONE or effect.name in self._known.last_names:  # else the whole name costs more
            name = callee_name(self.unit, call)
            row = self._known.by_name.get(name) if name else None
        if row is None:
            return self._built(effect) if self._known.builders and effect.name.startswith("build") else None
        if self.unit.language == "java" and effect.args:
            last = self.unit.values[effect.args[-1]]
            if last.kind == "class":
                methods = self.index.method_names.get(last.owner, {})
                if "removeEldestEntry" in methods:
                    return _bounded(row)
            if name.startswith("Collections.") and effect.args:
                return self.container_of(effect.args[0]) or row
        if row.bound_keyword or row.bound_position >= 0:
            for keyword, argument in effect.keywords:
                if keyword == row.bound_keyword and self.unit.values[argument].kind != "null":
                    return _bounded(row)
            if 0 <= row.bound_position < len(effect.args):
                argument = effect.args[row.bound_position]
                if self.unit.values[argument].kind not in ("null", "container"):
                    return _bounded(row)
        return row

    def _built(self, effect: Call) -> Container | None:
        """`Caffeine.newBuilder().maximumSize(100).build()`: the model of what a chain of calls builds."""
        names: set[str] = set()
        for _ in range(20):
            place = self.unit.places[effect.receiver] if effect.receiver != NONE else None
            if place is None or place.call == NONE or place.path:
                return None
            row = self._known.builders.get(callee_name(self.unit, place.call))
            if row is not None:
                return _bounded(row) if names & set(row.limits) else row
            inner = self.unit.effects[place.call]
            assert isinstance(inner, Call)
            names.add(inner.name)
            effect = inner
        return None

    def _makes_small(self, value: int) -> bool:
        """`defaultdict(lambda: LRUCache(100))`: whether the factory of its elements makes bounded ones."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call):
            return False
        for argument in call.args:
            if self.unit.language == "python" and self._holds_nothing(argument):
                return True
            if self.unit.values[argument].kind == "closure":
                for index in self.index.returns.get(self.unit.values[argument].scope, ()):
                    made = self.container_of(self.unit.effects[index].value)  # type: ignore[union-attr]
                    if made is not None and (made.bounded or made.weak):
                        return True
        return False

    def _holds_nothing(self, value: int) -> bool:
        """Whether a value is a class of the unit, or a new object of one, without any container in it."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        named = call.callee if isinstance(call, Call) and call.receiver == NONE else row.place
        symbol = self.index.symbol(self.unit.places[named]) if named != NONE else None
        if symbol is None or symbol.kind != "class" or symbol.target == NONE:
            return False
        owner = self.unit.owners[symbol.target]
        if (
            owner.bases
            or not owner.methods
            or any(
                row.type in self._known.by_name
                for row in self.unit.symbols
                if row.kind in ("field", "static")
                and row.scope != NONE
                and self.unit.scopes[row.scope].owner == symbol.target
            )
        ):
            return False
        roots = (owner.this, owner.symbol)
        return not any(
            place.symbol in roots and self.container_of(bind.value) is not None
            for place, numbers in self.index.binds.items()
            for number in numbers
            if isinstance(bind := self.unit.effects[number], Bind) and bind.value != NONE
        )

    # -- effects

    def targets(self, place: int) -> Iterator[tuple[Holder | None, Place, int]]:
        """(holder, parameter place or holder place, depth) of the containers that a place may be.

        depth: 0 for the container itself, 1 for one of its entries, and so on.
        """
        for found in self.aliases.of(place):
            yield from self._split(found)

    def _split(self, found: Place) -> Iterator[tuple[Holder | None, Place, int]]:
        depth = 0
        path = found.path
        while path and path[-1] == "[]":
            path = path[:-1]
            depth += 1
        base = Place(found.symbol, path, found.call) if depth else found
        holder = self.by_place.get(base)
        if holder is not None:
            yield holder, base, depth
        elif base.symbol != NONE:
            kind = self.unit.symbols[base.symbol].kind
            if (
                (kind == "parameter" and not base.path)
                or kind == "import"
                or (base.path and kind == "global")
            ):
                yield None, base, depth

    def _effects(self) -> None:
        unit, index = self.unit, self.index
        touching = self._known.touching & index.calls.keys()
        for number in sorted(number for name in touching for number in index.calls[name]):
            call = unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE:
                continue
            fresh = call.name in self._known.grow and self._is_fresh_there(number, call.receiver)
            for holder, place, depth in self.targets(call.receiver) if not fresh else ():
                self._method(number, call, holder, place, depth)
        self._taken_by_lodash()
        self._by_functions()
        self._loads()
        for number in index.elements:
            bind = unit.effects[number]
            assert isinstance(bind, Bind)
            copied = self._is_copied_there(number, bind.target)
            for holder, place, depth in self.targets(bind.target) if not copied else ():
                self._element(number, bind, holder, place, depth)
        for number in index.deletes:
            delete = unit.effects[number]
            assert isinstance(delete, Delete)
            for holder, place, depth in self.targets(delete.target):
                self._record_release(holder, place, Release(number, depth, "key", delete.key))
            self._delete_member(number, delete)
        for place, holder in self.by_place.items():
            for number in index.binds.get(place, ()):
                self._rebind(number, holder)
            self._handed_over(holder)
        for place, numbers in index.binds.items():
            if len(place.path) == 1 and unit.language == "javascript":
                self._replaced_elsewhere(place, numbers)
            if place.path and place.path[-1] == ".length" and unit.language == "javascript":
                for found in self.aliases.resolve(Place(place.symbol, place.path[:-1], place.call)):
                    for holder, base, depth in self._split(found):
                        for number in numbers:
                            self._record_release(holder, base, Release(number, depth, "some"))

    def _replaces_foreign(self) -> bool:
        """Whether a file sets a field of something that it imports."""
        symbols = self.unit.symbols
        return any(
            len(place.path) == 1 and place.symbol != NONE and symbols[place.symbol].kind == "import"
            for place in self.index.binds
        )

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

    def _taken_by_lodash(self) -> None:
        """JavaScript: `_.remove(this.items, item)`, and `pull` of `lodash/pull`."""
        for name in _LODASH if self.unit.language == "javascript" else ():
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if len(call.args) > 1 else None
                if row is None or row.kind != "place":
                    continue
                if not _FROM_LODASH.fullmatch(callee_name(self.unit, number)):
                    continue
                for holder, place, depth in self.targets(row.place):
                    self._record_release(
                        holder, place, Release(number, depth, "value", call.args[1], NONE, name)
                    )

    def _by_functions(self) -> None:
        """Python: `heapq.heappush(self.queue, item)`."""
        for full in (*_ADDS, *_TAKES) if self.unit.language == "python" else ():
            for number in self.index.calls.get(full.rpartition(".")[2], ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if call.args else None
                if row is None or row.kind != "place" or callee_name(self.unit, number) != full:
                    continue
                for holder, place, depth in self.targets(row.place):
                    if full in _TAKES:
                        taken = Release(number, depth, "one", NONE, NONE, call.name)
                        self._record_release(holder, place, taken)
                    elif len(call.args) > 1:
                        self._record_growth(
                            holder, place, Growth(number, depth, call.name, NONE, (call.args[1],))
                        )

    def _loads(self) -> None:
        """Look-ups that store what they do not find, of the few kinds that have such."""
        kinds = {holder.kind for holder in self.by_place.values()}
        for roles in (self.models.kind[kind].loads for kind in sorted(kinds)):
            for name in roles:
                for number in self.index.calls.get(name, ()):
                    call = self.unit.effects[number]
                    assert isinstance(call, Call)
                    for holder, place, depth in self.targets(call.receiver) if call.receiver != NONE else ():
                        if holder is not None and not depth and self.models.kind[holder.kind].loads is roles:
                            self._record_growth(holder, place, self._growth(number, call, roles[name], 0))

    def _handed_over(self, holder: Holder) -> None:
        """`task.add_done_callback(TASKS.discard)`: a releasing method given to somebody who calls it."""
        place = holder.place
        if not holder.growths:
            return
        releasing = self.models.kind[holder.kind].release
        for root in self._roots(place):
            for value in self.index.references.get(root, ()):
                path = self.unit.places[self.unit.values[value].place].path
                if len(path) == len(place.path) + 1 and path[:-1] == place.path:
                    selector = releasing.get(path[-1][1:])
                    if selector is not None:
                        holder.releases.append(Release(holder.growths[0].effect, 0, selector))

    def _roots(self, place: Place) -> Iterator[int]:
        """The symbols through which a place is reached: for what a class shares, `self` as well."""
        yield place.symbol
        if place.path and place.symbol != NONE and self.unit.symbols[place.symbol].kind == "class":
            for owner in self.unit.owners:
                if owner.symbol == place.symbol and owner.this != NONE:
                    yield owner.this

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
        if roles:
            self._record_growth(holder, place, self._growth(number, call, roles, depth))
        if selector:
            key = call.args[0] if call.args and selector in ("key", "value") else NONE
            self._record_release(holder, place, Release(number, depth, selector, key, NONE, call.name))

    def _growth(self, number: int, call: Call, roles: str, depth: int) -> Growth:
        key, values = NONE, []
        spreads = False
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
            self._record_release(holder, place, Release(number, depth, "some"))
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
            self._record_release(holder, place, Release(number, depth, "key", bind.key))
            return
        self._record_growth(holder, place, growth)

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
                for holder, base, depth in self._split(found):
                    self._record_release(holder, base, Release(number, depth, "key"))

    def _rebind(self, number: int, holder: Holder) -> None:
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        if bind.how == "augment":
            if bind.op in ("+=", "|=", "+", "|") and holder.kind in (
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
        added = self._added(bind.value, holder.place) if bind.value != NONE else ()
        if added:
            holder.growths.append(Growth(number, 0, "=", NONE, added, NONE, True))
        elif not self._is_lazy_init(bind, holder.place):
            selector = "some" if self._is_part_of(bind.value, holder.place) else "rebind"
            holder.releases.append(Release(number, 0, selector))

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
            if value.kind == "operation" and any(
                self.unit.values[part].kind == "place"
                and self.unit.places[self.unit.values[part].place] == place
                for part in value.parts
            ):
                return True
        return any(self.tests_absence(index, place) for index in self.index.regions(bind.region))

    def tests_absence(self, region: int, place: Place) -> bool:
        """Whether a region is entered only where a place is missing or empty."""
        row = self.unit.regions[region]
        if row.kind != "branch" or row.test == NONE:
            return False
        value = self.unit.values[row.test]
        parts = [value, *(self.unit.values[part] for part in value.parts)]
        if self._has_no(value, place):
            return not row.negated
        mentions = any(
            part.kind == "place" and place in self.aliases.resolve(self.unit.places[part.place])
            for part in parts
        )
        if not mentions:
            return False
        if value.kind == "operation":
            absent = value.text in ("not", "is", "==") and not row.negated
            present = value.text in ("is not", "!=") and row.negated
            return absent or present
        return row.negated

    def _has_no(self, value: Value, place: Place) -> bool:
        """`not hasattr(_local, "stack")`."""
        inner = (
            self.unit.values[value.parts[0]] if value.kind == "operation" and value.text == "not" else None
        )
        call = self.unit.effects[inner.call] if inner is not None and inner.kind == "call" else None
        if not isinstance(call, Call) or call.name != "hasattr" or len(call.args) < 2 or not place.path:
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
            if call.name == "concat" and call.receiver != NONE and place in self.aliases.of(call.receiver):
                return call.args
        return ()

    def _spreads(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "spread" and self._reads(row.parts[0], place)

    def _reads(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place

    def _adds_literal_keys(self, growth: Growth) -> bool:
        """`X.update({"a": …, "b": …})` adds the same keys each time."""
        if not growth.spreads or growth.depth or len(growth.values) != 1:
            return False
        row = self.unit.values[growth.values[0]]
        return row.kind == "container" and row.text in ("dict", "object") and "" not in row.keys

    def _record_growth(self, holder: Holder | None, place: Place, growth: Growth) -> None:
        if self._adds_literal_keys(growth):
            return
        if growth.depth and holder is not None and not self._holds_containers(holder):
            return  # a method of an entry that happens to be called like one of a container
        if holder is not None:
            holder.growths.append(growth)
        elif self._is_foreign(place):
            self.foreign[place].append(growth)
        else:
            self._param_growths[place.symbol].append(growth)

    def _holds_containers(self, holder: Holder) -> bool:
        """Whether the declared type of the entries may be a container: all may that are not declared."""
        if self.unit.language != "java" or not holder.place.path:
            return True
        if self._entry_types is None:
            self._entry_types = {}
            for number, symbol in enumerate(self.unit.symbols):
                if symbol.kind in ("field", "static") and symbol.type_args:
                    place = self._symbol_place(number)
                    if place is not None:
                        self._entry_types[place] = symbol.type_args[-1]
        entry = self._entry_types.get(holder.place, "")
        return not entry or entry in self._known.by_name or len(entry) == 1

    def _record_release(self, holder: Holder | None, place: Place, release: Release) -> None:
        if holder is not None:
            holder.releases.append(release)
        elif self._is_foreign(place):
            self.foreign[place].append(release)
        else:
            self._param_releases[place.symbol].append(release)

    def _is_foreign(self, place: Place) -> bool:
        return self.unit.symbols[place.symbol].kind != "parameter"

    # -- helpers that receive a holder

    def _through_helpers(self) -> None:
        """Move what a function does to a parameter to the holders that its callers hand over."""
        unit = self.unit
        for _ in range(3):
            moved = False
            for scope, callers in self.index.callers.items():
                params = [p for p in unit.scopes[scope].params if "rest" not in unit.symbols[p].flags]
                touched = [p for p in params if p in self._param_growths or p in self._param_releases]
                if not touched and not self.by_place:
                    continue
                for number in callers:
                    call = unit.effects[number]
                    assert isinstance(call, Call)
                    for param, argument in zip(params, call.args, strict=False):
                        if param in touched:
                            moved |= self._move(param, argument, number)
                    for name, argument in call.keywords:
                        for param in touched:
                            if unit.symbols[param].name == name:
                                moved |= self._move(param, argument, number)
            if not moved:
                break

    def _move(self, param: int, argument: int, number: int) -> bool:
        moved = False
        for place in self.aliases.of_value(argument):
            for holder, base, depth in self._split(place):
                if holder is None and base.symbol == param:
                    continue
                growths = holder.growths if holder else self._param_growths[base.symbol]
                releases = holder.releases if holder else self._param_releases[base.symbol]
                kind = self.models.kind[holder.kind] if holder and not depth else None
                if depth and holder is not None and not self._holds_containers(holder):
                    continue
                for growth in self._param_growths.get(param, ()):
                    if kind and not growth.depth and growth.how[0].isalpha() and growth.how not in kind.grow:
                        continue  # a method of another kind of container
                    inner = growth.via if growth.via != NONE else growth.effect
                    if not any(known.effect == number and known.via == inner for known in growths):
                        growths.append(
                            Growth(number, depth + growth.depth, growth.how, growth.key, growth.values, inner)
                        )
                        moved = True
                for release in self._param_releases.get(param, ()):
                    if kind and not release.depth and release.how and release.how not in kind.release:
                        continue
                    inner = release.via if release.via != NONE else release.effect
                    if not any(known.effect == number and known.via == inner for known in releases):
                        releases.append(
                            Release(
                                number,
                                depth + release.depth,
                                release.selector,
                                release.key,
                                inner,
                                release.how,
                            )
                        )
                        moved = True
        return moved

    def hands_out(self, holder: Holder) -> bool:
        """Whether a method gives the container itself away: its user may empty it."""
        for leaves in self.index.returns.values():
            for number in leaves:
                value = self.unit.effects[number].value  # type: ignore[union-attr]
                row = self.unit.values[value]
                if row.kind == "place" and holder.place in self.aliases.resolve(self.unit.places[row.place]):
                    return True
        return self._is_handed_by_others(holder)

    def _is_handed_by_others(self, holder: Holder) -> bool:
        """`run(self.client.pending)` in another class of the file: whoever gets it may empty it."""
        if self.unit.language != "python" or not holder.place.path:
            return False
        for effect in self.unit.effects:
            if not isinstance(effect, Call):
                continue
            for value in (*effect.args, *(value for _, value in effect.keywords)):
                row = self.unit.values[value]
                place = self.unit.places[row.place] if row.kind == "place" else None
                if place is not None and len(place.path) > 1 and place.path[-1] == holder.place.path[-1]:
                    return True
        return False

    def is_given_to_work(self, place: Place) -> bool:
        """Python: `Thread(target=drain, args=(self.pending,))`, `self.deferred.callback(self.rows)`."""
        return self.unit.language == "python" and self.is_argument(place, _HANDS_ON)

    def is_argument(self, place: Place, of: frozenset[str] | None = None) -> bool:
        """Whether a container itself is handed to a call (of these names), whose callee may empty it."""
        references = self.index.references.get(place.symbol, ())
        handed = {
            number for number in references if self.unit.places[self.unit.values[number].place] == place
        }
        if not handed:
            return False
        for effect in self.unit.effects:
            if isinstance(effect, Call) and (of is None or effect.name in of):
                arguments = [*effect.args, *(value for _, value in effect.keywords)]
                for value in arguments:
                    if value in handed or not handed.isdisjoint(self.unit.values[value].parts):
                        return True
        return False

    # -- bounds

    def _bounds(self) -> None:
        """Mark holders whose size is compared with a limit, and note where they escape to."""
        if not any(holder.growths for holder in self.by_place.values()):
            return
        for known in self.by_place.values():
            if self.unit.language == "python" and any(item.depth for item in known.growths):
                known.small_elements |= self._stores_small(known)
        for row in self.unit.regions:
            if row.test != NONE:
                for place, limit in self._compared_sizes(row.test, 0):
                    for found in self.aliases.resolve(place):
                        for holder, _, depth in self._split(found):
                            if holder is None or self._is_counter(limit):
                                continue
                            if depth:
                                holder.small_elements = True  # its entries have a limit, it has none
                            else:
                                holder.bounded = True
                                holder.limits.append(limit)

    def _stores_small(self, holder: Holder) -> bool:
        """`table["cpu"] = deque(maxlen=10)`: whether all entries are bounded themselves."""
        values = [value for item in holder.growths if not item.depth for value in item.values]
        if values and all(self._holds_nothing(value) for value in values):
            return True
        made = [self.container_of(value) for value in values]
        return bool(made) and all(row is not None and row.bounded for row in made)

    def _compared_sizes(self, test: int, depth: int) -> Iterator[tuple[Place, int]]:
        """Places whose size a test compares, with what it compares them."""
        row = self.unit.values[test]
        if depth > 5 or row.kind not in ("operation", "conditional"):
            return
        if row.text in _COMPARISONS and len(row.parts) == 2:
            left, right = row.parts
            for size, limit in ((left, right), (right, left)):
                if not self._is_trivial(limit):
                    yield from ((place, limit) for place in self._sized(size))
            return
        for part in row.parts:
            yield from self._compared_sizes(part, depth + 1)

    def _is_trivial(self, value: int) -> bool:
        """Comparing with 0 or 1 asks whether something is there; it sets no limit."""
        row = self.unit.values[value]
        return row.kind == "number" and row.text in ("0", "1")

    def _is_counter(self, value: int) -> bool:
        """JavaScript: `i < rows.length`, `this.at >= rows.length` ask for the end of a walk."""
        row = self.unit.values[value]
        if self.unit.language != "javascript" or row.kind != "place":
            return False
        place = self.unit.places[row.place]
        return any(
            self.unit.effects[number].how == "augment"  # type: ignore[union-attr]
            for number in self.index.binds.get(place, ())
        )

    def _sized(self, value: int, depth: int = 0) -> Iterator[Place]:
        """The containers whose size a value is."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.name in self._known.size:
                if call.receiver != NONE:
                    yield self.unit.places[call.receiver]
                for argument in call.args:
                    if self.unit.values[argument].kind == "place":
                        yield self.unit.places[self.unit.values[argument].place]
        elif row.kind == "place":
            place = self.unit.places[row.place]
            if place.path and place.path[-1][1:] in self._known.size:
                yield Place(place.symbol, place.path[:-1], place.call)
            elif not place.path and depth < 2:
                for index in self.index.binds.get(place, ()):
                    bind = self.unit.effects[index]
                    assert isinstance(bind, Bind)
                    if bind.value != NONE and bind.how in ("declare", "assign"):
                        yield from self._sized(bind.value, depth + 1)
        elif row.kind == "operation" and depth < 3:
            for part in row.parts:
                yield from self._sized(part, depth + 1)


def _bounded(row: Container) -> Container:
    return Container(kind=row.kind, names=row.names, bounded=True)
