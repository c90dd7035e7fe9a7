"""Tells which growth counts: more than the program has parts, and more than once."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Effect, Place, Region, Scope, Unit
from leaklint.solve.growth.admitted import Admitted
from leaklint.solve.growth.known import overwrites
from leaklint.solve.growth.present import Present
from leaklint.solve.guards import Guards
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.keying.domain import BOUNDED, Domain
from leaklint.solve.keys import Keys
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.names import callee_name

# callees that run a function for as long as their receiver lasts
_HEARS = regex(r"on|addListener|addEventListener|subscribe|createServer|setInterval|consume|on[A-Z]\w*")

# calls by which a thread waits for its next piece of work
_WAITS = ("wait", "await", "sleep", "take", "accept", "select", "receive", "park")
# what a program consists of
_PARTS = (
    *("sys.modules", "importlib.metadata.entry_points", "importlib_metadata.entry_points"),
    *("pkg_resources.iter_entry_points", "pkgutil.iter_modules", "pkgutil.walk_packages"),
    *("ServiceLoader.load", "ServiceLoader.loadInstalled"),
)


class Counting:
    """Looks at the growths of the holders of one unit."""

    def __init__(self, holders: Holders, keys: Keys, lifecycle: Lifecycle, guards: Guards) -> None:
        self.holders = holders
        self.keys = keys
        self.lifecycle = lifecycle
        self.guards = guards
        self.repeats = holders.repeats
        self.index = holders.index
        self.unit: Unit = holders.unit
        self._admitted = Admitted(holders)
        self._present = Present(holders)

    def counts(self, item: Growth, holder: Holder) -> bool:
        if not self.repeats.repeats(item.effect):
            return False  # runs at import only
        scope = self.unit.effects[item.effect].scope
        if holder.lifetime == "instance" and self.lifecycle.while_made(scope):
            return False  # once in the life of the object
        effect = self.unit.effects[item.effect]
        if holder.lifetime == "process" and self._are_constants(self.unit.scopes[self.index.function(scope)]):
            return False  # one for each constant of the class
        if item.depth and holder.small_elements:
            return False  # the elements bound themselves
        if holder.lifetime == "closure" and not self.outlives_call(holder, effect.scope):
            return False  # a local that dies with the call that fills it
        if (
            (holder.lifetime == "process" or self.unit.language == "python")
            and holder.default_of == NONE
            and self.repeats.decorators.runs_in_one(self.index.function(effect.scope))
        ):
            return False  # a decorator that registers what it is put on
        shallow = item.depth == 0 or self.unit.language == "java"
        if item.key != NONE and shallow and self.domain(item, holder) in BOUNDED:
            return False  # few keys
        if item.depth == 0 and self.keys.enums.names_enum(self.holders.ledger.key_type(holder)):
            return False  # `Map<Color, …>`, `Set<Color>`
        if item.depth and item.key != NONE and self._is_few_in_entry(item, holder):
            return False  # few keys in each entry, which another line adds
        if self._writes_members(item, holder) or self._is_named_later(item, holder):
            return False  # as many as are written down; what comes to mean the holder behind it
        if self._admitted.is_admitted(item) or self._present.has(item, holder):
            return False  # as many as are known; no new key
        if self.unit.language == "javascript" and self._walks_file(effect.region):
            return False  # as many as the one file has that it reads
        if self._takes_over(item, holder) or overwrites(self.index, item, holder):
            return False  # what another object of its class has already; keys that were read before
        if item.depth == 0 and item.key == NONE and self._few_values(item, holder):
            return False
        if self.unit.language != "javascript" and self._walks_modules(effect.region):
            return False  # as many as the program has
        if self.unit.language == "python" and (self._looks_up(item, holder) or self._names_member(item)):
            return False
        if holder.lifetime == "instance" and self._is_behind_work(effect):
            return False  # once, when the work of a thread is over
        return not self.guards.init_guarded(item.effect) and not self._fills_empty(item, holder)

    def _is_few_in_entry(self, item: Growth, holder: Holder) -> bool:
        """`TABLE[id]["done"] = True`: a member of an entry, unless looking for the entry adds it."""
        row = holder.container
        return (row is None or not row.fills_on_read) and self.domain(item, holder) == "literal"

    def _writes_members(self, item: Growth, holder: Holder) -> bool:
        """Python: `TABLE[id].update({"done": True})`, unless looking for the entry adds it."""
        table = holder.container
        if self.unit.language != "python" or item.how != "update":
            return False
        if item.depth and table is not None and table.fills_on_read:
            return False
        rows = [self.unit.values[value] for value in item.values]
        return bool(rows) and all(row.kind == "container" and row.keys and all(row.keys) for row in rows)

    def _is_named_later(self, item: Growth, holder: Holder) -> bool:
        """`found = {}; found.update(more); if not found: found = EMPTY`: not yet what it means later."""
        effect = self.unit.effects[item.effect]
        if not isinstance(effect, Call):
            return False
        given = [self.unit.values[value] for value in effect.args] if item.via != NONE else []
        places = {self.unit.places[row.place] for row in given if row.kind == "place"}
        if item.via == NONE and effect.receiver != NONE:
            places.add(self.unit.places[effect.receiver])
        named = [place for place in places if self._is_local_for(place, holder)]
        return bool(named) and all(self._comes_later(place, holder, effect) for place in named)

    def _is_local_for(self, place: Place, holder: Holder) -> bool:
        symbol = self.index.symbol(place)
        local = symbol is not None and symbol.kind == "variable" and not place.path
        return local and place != holder.place and holder.place in self.holders.aliases.resolve(place)

    def _comes_later(self, local: Place, holder: Holder, effect: Call) -> bool:
        """Whether a local of a function means a holder only behind a call, and in no loop around both."""
        loops = {row for row in self.index.regions(effect.region) if self.unit.regions[row].kind == "loop"}
        binds = [self.index.bind(number) for number in self.index.binds.get(local, ())]
        meant = [
            bind
            for bind in binds
            if bind.value != NONE and holder.place in self.holders.aliases.of_value(bind.value)
        ]
        return len(meant) < len(binds) and all(
            bind.at > effect.at
            and bind.scope == effect.scope
            and loops.isdisjoint(self.index.regions(bind.region))
            for bind in meant
        )

    def _are_constants(self, constructor: Scope) -> bool:
        """Java: `static final Kind FULL = new Kind("full")`, and more of them: an enum of old."""
        if constructor.kind != "constructor" or self.unit.language != "java":
            return False
        symbol = self.unit.owners[constructor.owner].symbol
        made = [
            call
            for number in self.index.calls.get(constructor.name, ())
            if isinstance(call := self.unit.effects[number], Call)
            and call.new
            and call.callee != NONE
            and self.unit.places[call.callee] == Place(symbol)
        ]
        return len(made) > 1 and all(self.repeats.runs(call.scope) == "import" for call in made)

    def _takes_over(self, item: Growth, holder: Holder) -> bool:
        """Java: `table.putAll(other.table)`, with another object of the same class as a parameter."""
        if self.unit.language != "java" or item.how != "putAll" or not holder.place.path:
            return False
        for value in item.values:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE or place.path != holder.place.path:
                return False
            source, this = self.unit.symbols[place.symbol], self.unit.symbols[holder.place.symbol]
            if source.kind != "parameter" or this.target == NONE:
                return False
            if source.type != self.unit.owners[this.target].name:
                return False
        return bool(item.values)

    def _walks_modules(self, region: int) -> bool:
        """Whether an effect stands in a loop over modules, or over what is installed."""
        for index in self.index.regions(region):
            row = self.unit.regions[index]
            value = self.unit.values[row.iterates] if row.iterates != NONE else None
            for _ in range(4):
                if value is None or value.kind != "call":
                    break
                call = self.unit.effects[value.call]
                assert isinstance(call, Call)
                if callee_name(self.unit, value.call).startswith(_PARTS):
                    return True
                value = self.unit.values[call.args[0]] if call.args else None
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                made = place.call if place is not None else NONE
                if made != NONE and callee_name(self.unit, made).startswith(_PARTS):
                    return True
        return False

    def _is_behind_work(self, effect: Effect) -> bool:
        """Java: in `run()`, behind a loop that waits for work until it is stopped."""
        function = self.index.function(effect.scope)
        row = self.unit.scopes[function]
        if self.unit.language != "java" or row.name != "run" or row.params:
            return False
        around = (NONE, *self.index.regions(effect.region))
        return any(
            region.kind == "loop"
            and region.iterates == NONE
            and region.end < effect.at
            and region.parent in around
            and self.index.function(region.scope) == function
            and self._waits(region)
            for region in self.unit.regions
        )

    def _waits(self, loop: Region) -> bool:
        calls = (self.unit.effects[number] for number in range(loop.first, loop.last))
        return any(isinstance(call, Call) and call.name.startswith(_WAITS) for call in calls)

    def _walks_file(self, region: int) -> bool:
        """`for (const row of JSON.parse(await readFile(PATH)))` of a function that is told nothing."""
        for index in self.index.regions(region):
            row = self.unit.regions[index]
            if row.iterates == NONE or self.unit.scopes[self.index.function(row.scope)].params:
                continue
            walked = self.unit.values[row.iterates]
            place = self.unit.places[walked.place] if walked.kind == "place" else None
            binds = self.index.binds.get(place, ()) if place is not None else ()
            if len(binds) == 1 and (value := self.index.bind(binds[0]).value) != NONE:
                walked = self.unit.values[value]
            call = self.unit.effects[walked.call] if walked.kind == "call" else None
            if isinstance(call, Call) and call.name == "parse" and call.args:
                given = self.unit.values[call.args[0]]
                read = self.unit.effects[given.call] if given.kind == "call" else None
                if isinstance(read, Call) and read.name in ("readFile", "readFileSync"):
                    return True
        return False

    def _names_member(self, item: Growth) -> bool:
        """`TABLE[name] = Wrapper(getattr(builtins, name))`: as many as the module has members."""
        row = self.unit.values[item.key] if item.key != NONE else None
        if row is None or row.kind != "place":
            return False
        function = self.index.function_at(item.effect)
        for number in self.index.calls.get("getattr", ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or len(call.args) != 2:
                continue
            if self.index.function(call.scope) != function:
                continue
            module, name = (self.unit.values[value] for value in call.args)
            symbol = self.index.symbol(self.unit.places[module.place]) if module.kind == "place" else None
            named = name.kind == "place" and self.unit.places[name.place] == self.unit.places[row.place]
            if named and symbol is not None and symbol.kind == "import" and symbol.imported == "*":
                return True
        return False

    def _looks_up(self, item: Growth, holder: Holder) -> bool:
        """`TABLE.setdefault(key, key)` of a table that the same function fills where it is empty."""
        if item.how != "setdefault":
            return False
        scope = self.index.function(self.unit.effects[item.effect].scope)
        return any(
            other is not item
            and self.index.function(self.unit.effects[other.effect].scope) == scope
            and self._fills_empty(other, holder)
            for other in holder.growths
        )

    def _fills_empty(self, item: Growth, holder: Holder) -> bool:
        """`if not TABLE: TABLE[…] = …`: filled where it was empty, once."""
        region = self.unit.effects[item.effect].region
        return any(
            self.holders.rebinds.tests_absence(index, holder.place) for index in self.index.regions(region)
        )

    def outlives_call(self, holder: Holder, scope: int) -> bool:
        """Whether the function around a closure gives it away, together with the variable that it fills."""
        made_in = self.index.function(self.unit.symbols[holder.place.symbol].scope)
        given = self.given_away(made_in)
        for function in self.index.enclosing(scope):
            if function == made_in:
                break
            if function in given or self._is_called_by(function, given):
                return True
        return self.unit.language == "javascript" and self._is_handed_on(made_in, scope)

    def _is_called_by(self, function: int, given: set[int]) -> bool:
        """Whether one of the functions that are given away calls another one of the closure."""
        return any(
            not given.isdisjoint(self.index.enclosing(self.unit.effects[number].scope))
            for number in self.index.callers.get(function, ())
        )

    def _is_handed_on(self, made_in: int, scope: int) -> bool:
        """JavaScript: whether a function of a closure is stored, or handed to somebody as a value."""
        for function in self.index.enclosing(scope):
            if function == made_in:
                return False
            bound = self.index.bound_to.get(function)
            if bound is not None and self.unit.places[self.index.bind(bound).target].path:
                return True
            symbol = self.unit.scopes[function].symbol
            if symbol != NONE and self.index.references.get(symbol):
                return True
            given = self.index.argument_of.get(function)
            if given is not None and _HEARS.fullmatch(self.unit.effects[given[0]].name):  # type: ignore[union-attr]
                return True  # `server.on("connection", (socket) => …)`
            for caller in self.index.callers.get(function, ()):
                around = self.index.function_at(caller)
                bound = self.index.bound_to.get(around) if around not in (function, made_in) else None
                if bound is not None and self.unit.places[self.index.bind(bound).target].path:
                    return True  # `this.start = function () { helper(); }`
        return False

    def given_away(self, function: int) -> set[int]:
        """Scopes of the functions that a function returns, by themselves or in an object."""
        return {scope for index in self.index.returns.get(function, ()) for scope in self._closures(index)}

    def _closures(self, leave: int) -> Iterator[int]:
        """Scopes of the functions that a return gives away, by themselves or in an object."""
        pending = [self.unit.effects[leave].value]  # type: ignore[union-attr]
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "closure":
                yield row.scope
            elif row.kind == "container":
                pending += row.parts
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.symbol != NONE and not place.path:
                    yield self.index.function_of(place.symbol)
            elif row.kind == "call":
                call = self.unit.effects[row.call]
                if isinstance(call, Call) and call.receiver == NONE:
                    pending += call.args  # wraps(f)(inner), partial(inner)

    def _few_values(self, item: Growth, holder: Holder) -> bool:
        """A set, or a list guarded by a membership test, of literals holds no more than those."""
        if holder.kind == "set" or (holder.kind == "list" and item.how in ("add", "addIfAbsent")):
            domains = [self.keys.domain(value, holder.place) for value in item.values]
            return bool(domains) and all(domain in BOUNDED for domain in domains)
        return False

    def domain(self, item: Growth, holder: Holder) -> Domain:
        if item.key != NONE:
            return self.keys.domain(item.key, holder.place)
        if item.values:
            return self.keys.domain(item.values[0], holder.place)
        effect = self.unit.effects[item.effect]
        if isinstance(effect, Call) and effect.name != item.how and item.via == NONE:
            return "parameter"  # `orders.forEach(SEEN::add)`: as many as are handed to it
        return "unknown"
