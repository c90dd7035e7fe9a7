"""Decides how sure it is that a growth goes on for as long as the program runs.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.keying.domain import BOUNDED
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.percall import is_of_request

if TYPE_CHECKING:
    from leaklint.solve.growths import Growths

_REGISTRY = regex(
    r"(?i)regist|plugin|handler|factor|convert|adapter|codec|hook|extension|provider|resolver|backend|"
    r"driver|serializ|parser|alias|command|option|setting|config|loader|_types?$|formats?$|rules?$|"
    r"strateg|validator|middleware|processor|dispatch|mapping|schemas?$|deprecat|"
    r"obsolete|warned|^\.?_?logged_?(msg|message|warning|error)s?$|"
    r"^\.?_?rout(es?|ers?|ing)(_?(table|map))?$"
)
_LOCKS = frozenset(
    f"{module}.{name}"
    for module in ("threading", "asyncio", "anyio", "trio", "multiprocessing")
    for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event")
)
# modules whose classes share what their subclasses set
_PLAIN = sys.stdlib_module_names | {"PyQt5", "PyQt6", "PySide2", "PySide6", "qtpy", "gi", "wx", "kivy"}
_MEMBERS = 4  # of a table that is written down: fewer may be first entries
_MEMO = regex(r"(?i)memo|cache|remember|once")
# what names one piece of work: there is a new one with each
_WORK_KEY = regex(
    r"(?i)(?:^|.*[._])(event|session|request|req|task_?run|flow_?run|run|job|call|msg|message|conn|connection|"
    r"stream|trace|span|transaction|txn|query|correlation|ticket|visit|visitor|socket|upload|download|"
    r"invocation|execution|delivery)_?\.?_?(id|hash|uuid|token|key|sid|tag)"
)
# Java: what a `main()` calls that serves until it is told to stop
_WAITS = frozenset(
    {"start", "run", "serve", "join", "await", "awaitTermination", "sync", "listen", "accept", "bind"}
    | {"launch", "submit", "execute", "invokeLater", "scheduleAtFixedRate", "scheduleWithFixedDelay", "take"}
)
_PREPARES = frozenset({"init", "initialize", "initialise", "setup", "boot", "bootstrap"})
_PARTS = 20  # of what is stored that are looked at
# what there is always one more of
_MANY_KEYS = regex(
    r"(?i)(?:^|.*[._])(user|author|member|customer|client|account|guild|chat|channel|room|player|device|order|"
    r"tenant|thread|document|doc|file|post|comment|item|entity|record|peer|address)"
    r"_?\.?_?(id|uuid|uid|guid)|(?:^|.*[._])(u?uid|guid|ip|remote_?address|url|href|uri|query|sql)"
)


class Weighing:
    """Weighs the growths of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.lifecycle = growths.lifecycle
        self.counting = growths.counting
        self.owners = growths.owners
        self.finishing = growths.finishing
        self.configuration = growths.configuration
        self.waiting = growths.waiting
        self.expiry = growths.expiry

    def confidence(self, item: Growth, holder: Holder) -> Confidence:
        effect = self.unit.effects[item.effect]
        best: Confidence = "high"
        if self.holders.is_handed_in(holder):
            return "low"  # others have it as well, and may empty it
        if self.unit.language == "java" and self.finishing.keeps_ended(item, holder):
            return "medium"
        if self.unit.language == "python" and self.finishing.keeps_finished(item, holder):
            return "medium"
        domain = self.counting.domain(item, holder)
        if domain in ("small", "unknown"):
            return "low"
        if domain in BOUNDED and item.depth == 0:
            listed = holder.kind == "list" and item.key == NONE and item.how not in ("add", "addIfAbsent")
            return "medium" if listed and holder.default_of != NONE else "low"  # `def f(seen=[])` is for many
        if domain == "parameter" or (domain == "computed" and self._may_be_few(item, holder)):
            best = "medium"
        if holder.lifetime == "process" and self._prepares(item):
            return "low"  # what a module reads when it starts
        if holder.lifetime == "process" and self._is_of_each_class(holder):
            return "low"  # as many as the class has members
        if holder.lifetime == "process" and self.configuration.registers_part(item):
            return "low"
        if self._is_of_singletons(effect.scope):
            return "low"  # as many as there are classes
        if holder.lifetime == "process" and self._is_of_start(holder, effect.scope):
            return "low"  # what the one object of its class, or a module, reads when it starts
        if holder.lifetime == "process" and self._ends_with_work(holder):
            return "low"  # of a program that is over when its input is
        if holder.lifetime == "process" and self._is_model_field(holder):
            return "low"  # a base that is not seen may give each object a copy
        if item.key != NONE and self._is_record(holder):
            return "low"  # what is known of the members is written down, others are few
        outer = [other for other in holder.growths if other.depth == 0 and other.key != NONE]
        few = (*BOUNDED, "small") if self.unit.language == "javascript" else BOUNDED
        if item.depth and outer and all(self.counting.domain(other, holder) in few for other in outer):
            return "low"  # what grows is an entry of a table with few entries
        if holder.lifetime == "instance":
            long_lived = (
                self.owners.owner_lives_long(holder)
                or self.owners.takes_streams(holder)
                or self._stores_lock(item)
                or self._is_per_work(item, holder)
                or self.waiting.waits(item)
                or holder.kind == "cache"
                or any(self.expiry.is_on_read(row) for row in holder.releases if row.selector == "key")
            )
            if not long_lived or self.holders.hands_out(holder) or self.owners.is_local_work(holder):
                return "low"  # instances may be short-lived: nothing here says otherwise
            if self.owners.is_registered(holder, effect.scope):
                return "low"  # what others add to it when the program starts
            if self.owners.opens_object(effect.scope) or self._is_identity_map(holder):
                return "low"  # what an object reads when it starts; the notes of a walk over objects
            if self.unit.language == "python" and self.owners.is_doubtful(item, holder, effect.scope):
                return "low"
            if self.unit.language == "javascript" and self.owners.is_registration(holder, effect.scope):
                return "low"
            best = "medium"
        if holder.lifetime == "closure":
            made_in = self.index.function(self.unit.symbols[holder.place.symbol].scope)
            lasts = _MEMO.search(self.unit.scopes[made_in].name) or self.waiting.waits(item)
            if not lasts and not self.is_of_middleware(holder):
                return "low"  # the closure may be as short-lived as the task that made it
            if self.unit.language == "javascript" and self._is_for_calls(made_in):
                return "low"  # a memo that each call makes for itself
            best = "medium"
        if holder.default_of == NONE and self.configuration.stores(item, effect.scope):
            return "low"  # start-up registration: callers hand over what they registered
        if item.key == NONE and not item.values:
            best = "medium"
        name = holder.place.path[-1] if holder.place.path else self.unit.symbols[holder.place.symbol].name
        registered = not self.configuration.stores_instance(item) or self._refuses_twice(item, holder)
        return "low" if _REGISTRY.search(name) and registered else best

    def _is_of_singletons(self, scope: int) -> bool:
        """Python: `Singleton.__call__()` of a metaclass, whatever it makes its key of."""
        row = self.unit.scopes[self.index.function(scope)]
        if row.name != "__call__" or row.owner == NONE or not self.index.is_metaclass(row.owner):
            return False
        return "singleton" in self.unit.owners[row.owner].name.lower()

    def _is_of_start(self, holder: Holder, scope: int) -> bool:
        """Python: `_initialize_checks()` of a plugin, `preload()` of a module, which are told nothing."""
        function = self.index.function(scope)
        row = self.unit.scopes[function]
        if self.unit.language != "python" or row.params or row.kind not in ("method", "function"):
            return False
        of_one = row.kind == "method" and self.unit.symbols[holder.place.symbol].kind == "this"
        return (of_one or row.parent == 0) and self.owners.opens_object(scope)

    def _ends_with_work(self, holder: Holder) -> bool:
        """Java: a private table of the class with a `main()` that works off its input, and then `exit()`s."""
        if self.unit.language != "java" or "exit" not in self.index.calls:
            return False
        owner = self.unit.symbols[holder.place.symbol].target
        names = self.index.method_names.get(owner, {}) if holder.place.path else {}
        if "main" not in names or not self._is_private(holder):
            return False
        inside = [self.unit.effects[number] for number in self.index.of_function.get(names["main"], ())]
        calls = [effect for effect in inside if isinstance(effect, Call)]
        return (
            bool(calls)
            and calls[-1].name == "exit"
            and calls[-1].region == NONE
            and _WAITS.isdisjoint(call.name for call in calls)
        )

    def _is_private(self, holder: Holder) -> bool:
        owner, name = self.unit.symbols[holder.place.symbol].target, holder.place.path[0][1:]
        return any(
            row.name == name
            and "private" in row.flags
            and row.scope != NONE
            and self.unit.scopes[row.scope].owner == owner
            for row in self.unit.symbols
        )

    def _refuses_twice(self, item: Growth, holder: Holder) -> bool:
        """Python: `if self.name in COMMANDS: raise ValueError(…)`: names that stand in the program."""
        scope = self.index.function_at(item.effect)
        if self.unit.language != "python" or not self.lifecycle.is_registrar(scope):
            return False
        for row in self.unit.regions:
            test = self.unit.values[row.test] if row.leaves == "raise" and row.test != NONE else None
            if test is None or test.text != "in" or row.negated or self.index.function(row.scope) != scope:
                continue
            asked = self.unit.values[test.parts[1]]
            if asked.kind == "place" and holder.place in self.holders.aliases.of(asked.place):
                return True
        return False

    def _prepares(self, item: Growth) -> bool:
        """JavaScript: `init()` of a module stores nothing of what it is handed: no `init(element)`."""
        scopes = self.index.enclosing(self.unit.effects[item.effect].scope)
        rows = (self.unit.scopes[scope] for scope in scopes if self.unit.language == "javascript")
        row = next((row for row in rows if row.name), None)
        if row is None or row.name not in _PREPARES or row.owner != NONE:
            return False
        return not any(symbol in row.params for symbol in self._named_by(item.key, *item.values))

    def _named_by(self, *values: int) -> Iterator[int]:
        """The symbols that values are made of, through calls and locals."""
        pending = [value for value in values if value != NONE]
        for _ in range(_PARTS):
            if not pending:
                return
            row = self.unit.values[pending.pop()]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            pending += call.args if isinstance(call, Call) else row.parts
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol != NONE:
                yield place.symbol
                binds = self.index.binds.get(Place(place.symbol), ())
                pending += [made for number in binds if (made := self.index.bind(number).value) != NONE]

    def _may_be_few(self, item: Growth, holder: Holder) -> bool:
        """Keys such as `plugin.module`, `region/service`: as many as a project has of them. Not in Java."""
        named = item.key
        if self.unit.language == "python" and named == NONE and holder.kind == "set" and item.values:
            named = item.values[0]
        if self.unit.language == "java" or named == NONE or item.depth:
            return False
        pending, depth = [named], 0
        while pending and depth < 3:
            depth += 1
            if any(self._is_one_of_many(value) for value in pending):
                return False
            pending = [part for value in pending for part in self._made_of(value)]
        return True

    def _is_one_of_many(self, value: int) -> bool:
        """Whether a key is the id of a piece of work, of a user, an address, by its name."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        name = symbol.name + "".join(place.path)
        return _WORK_KEY.fullmatch(name) is not None or _MANY_KEYS.fullmatch(name) is not None

    def _made_of(self, value: int) -> tuple[int, ...]:
        """The parts of a key, and what a local with one was made of."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call):
            return call.args
        place = self.unit.places[row.place] if row.kind == "place" else None
        binds = self.index.binds.get(place, ()) if place is not None and not place.path else ()
        made = [self.index.bind(number).value for number in binds]
        return (*row.parts, *(each for each in made if each != NONE))

    def is_of_middleware(self, holder: Holder) -> bool:
        """JavaScript: `return (req, res, next) => {…}` around a table: it serves as long as its server."""
        made_in = self.index.function(self.unit.symbols[holder.place.symbol].scope)
        given = self.counting.given_away(made_in)
        return any(is_of_request(self.unit, self.unit.scopes[scope].params) for scope in given)

    def _is_of_each_class(self, holder: Holder) -> bool:
        """Python: `cls.fields = {}` in `__init_subclass__()`: a table that each class has of its own."""
        return any(
            release.selector == "rebind"
            and self.unit.scopes[self.index.function_at(release.effect)].name == "__init_subclass__"
            for release in holder.releases
        )

    def _is_model_field(self, holder: Holder) -> bool:
        """Python: `rows: list[str] = []` in `class Plan(BaseModel)`: a default, unless it is a ClassVar."""
        place = holder.place
        if self.unit.language != "python" or place.symbol == NONE or len(place.path) != 1:
            return False
        owner = self.unit.symbols[place.symbol].target
        if self.unit.symbols[place.symbol].kind != "class" or owner == NONE:
            return False
        return self._extends_unseen(owner) and any(
            symbol.name == place.path[0][1:]
            and symbol.type != ""
            and "shared" not in symbol.flags
            and self.unit.scopes[symbol.scope].owner == owner
            and self.unit.scopes[symbol.scope].kind == "class"
            for symbol in self.unit.symbols
            if symbol.kind == "static"
        )

    def _extends_unseen(self, owner: int) -> bool:
        """Whether a class extends one of another file, other than those known to leave attributes alone."""
        for value in self.unit.owners[owner].bases:
            row = self.unit.values[value]
            symbol = self.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
            module = symbol.module.partition(".")[0] if symbol is not None else ""
            if symbol is not None and symbol.kind == "import" and module not in _PLAIN:
                return True
        return False

    def _is_record(self, holder: Holder) -> bool:
        """Python: `self.features = {"ping": 0, "setboard": 0, …}`: a table that starts with its members."""
        if holder.declared == NONE or self.unit.language != "python":
            return False
        bind = self.unit.effects[holder.declared]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        keys = row.keys if row is not None and row.kind == "container" else ()
        return len([key for key in keys if key]) >= _MEMBERS

    def _is_for_calls(self, function: int) -> bool:
        """Whether all that a function of the file makes is kept in locals of the functions that call it."""
        symbol = self.unit.scopes[function].symbol
        if symbol == NONE:
            bound = self.index.bound_to.get(function, NONE)
            symbol = self.unit.places[self.index.bind(bound).target].symbol if bound != NONE else NONE
        callers = self.index.callers.get(function, ())
        if symbol == NONE or not callers or "exported" in self.unit.symbols[symbol].flags:
            return False
        for number in callers:
            where, handle = self.index.destinations.of(number)
            if where != "kept" or handle is None or handle.path or handle.symbol == NONE:
                return False
            scope = self.index.function(self.unit.symbols[handle.symbol].scope)
            if self.unit.scopes[scope].kind == "module" or handle.symbol in self._shared(scope):
                return False
        return True

    def _shared(self, function: int) -> set[int]:
        """Symbols of a function that the functions which it gives away refer to."""
        given = self.counting.given_away(function)
        return {symbol for scope in given if scope != NONE for symbol in self.unit.scopes[scope].captures}

    def _is_identity_map(self, holder: Holder) -> bool:
        """Maps keyed by identity note what was seen in one walk over a graph of objects."""
        if holder.declared == NONE:
            return False
        bind = self.unit.effects[holder.declared]
        value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
        return isinstance(call, Call) and call.name == "IdentityHashMap"

    def _stores_lock(self, item: Growth) -> bool:
        """A lock for each key: an object that hands them out is shared by all who want one."""
        for value in item.values if item.key != NONE and self.unit.language == "python" else ():
            row = self.unit.values[value]
            if row.kind == "call" and callee_name(self.unit, row.call) in _LOCKS:
                return True
        return False

    def _is_per_work(self, item: Growth, holder: Holder) -> bool:
        """Python: `self.events[event.id]`: who keeps a table of requests sees many, whatever its name."""
        if self.unit.language == "java" or item.depth:
            return False
        owner = self.unit.symbols[holder.place.symbol].target
        if self.unit.language == "python" and self.lifecycle.is_of_one(owner):
            return False
        if self.owners.is_shared(holder.place):
            return False
        if self.unit.language == "javascript" and self.lifecycle.is_short_lived(owner):
            return False
        named = (
            item.key
            if item.key != NONE
            else (item.values[0] if holder.kind == "set" and item.values else NONE)
        )
        row = self.unit.values[named] if named != NONE else None
        if row is None or row.kind != "place" or self.unit.places[row.place].symbol == NONE:
            return False
        place = self.unit.places[row.place]
        root = self.unit.symbols[place.symbol]
        return root.kind != "this" and _WORK_KEY.fullmatch(root.name + "".join(place.path)) is not None
