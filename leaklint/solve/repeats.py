"""Whether a site can run an unbounded number of times: once at import, once per process, per call.

Only names resolved inside the unit are followed. A function that nothing in the file calls is
assumed to be called from elsewhere, and more than once.
"""

from __future__ import annotations

from typing import Literal

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.models import Models
from leaklint.solve.decorators import Decorators
from leaklint.solve.index import Index
from leaklint.solve.names import Patterns, resolved_name
from leaklint.solve.once import once_a_table, solved
from leaklint.solve.singletons import Singletons

Runs = Literal["import", "once", "call"]

# Python: what runs a function that it is handed, on this thread or on those of a pool
_MAPS = frozenset({"map", "imap", "imap_unordered", "starmap", "submit", "apply_async", "filter"})
_REACTIONS = frozenset({"then", "catch", "finally"})
_ONCE_DECORATORS = frozenset({"PostConstruct", "Activate", "Startup", "BeforeAll", "BeforeClass"})


class _Known:
    """What the models say of callbacks, and of what a framework begins."""

    def __init__(self, models: Models) -> None:
        self.inline = Patterns(models.inline_callbacks)
        self.once = Patterns(models.once_callbacks)
        self.once_events = models.once_events
        lasting = [row for row in models.component if row.lifetime == "process"]
        self.begins = {(base, name) for row in lasting for base in row.bases for name in row.setup}


_known = once_a_table(_Known)


class Repeats:
    """Memoised answers for the scopes and effects of one unit."""

    def __init__(self, index: Index, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._known = _known(models)
        self._runs: dict[int, Runs] = {}
        self._active: set[int] = set()
        self._handed: dict[int, list[int]] | None = None
        self.singletons = Singletons(index, models)
        self.decorators = Decorators(index)

    def runs(self, scope: int) -> Runs:
        """How often the body of a scope runs in one process."""
        known = self._runs.get(scope)
        if known is not None:
            return known
        if scope in self._active:
            return "import"  # a recursive call adds no repetition of its own
        self._active.add(scope)
        found = self._compute(scope)
        self._active.discard(scope)
        if not self._active:
            self._runs[scope] = found
        return found

    def _compute(self, scope: int) -> Runs:
        row = self.unit.scopes[scope]
        if row.kind == "module":
            return "import"
        if row.kind in ("class", "block"):
            return self.runs(row.parent)
        if row.kind == "static-block" or "immediate" in row.flags:
            return self.runs(row.parent)
        if self._registers_at_import(scope):
            return "import"
        argument = self.index.argument_of.get(scope)
        if argument is not None:
            return self._as_callback(*argument)
        if row.kind == "constructor" and row.owner != NONE and self.is_singleton(row.owner):
            return "once"
        if self.unit.language == "javascript" and self._is_of_page(scope):
            return "once"
        if self.unit.language == "java" and row.name == "main" and "static" in row.flags:
            return "once"
        if row.kind == "method" and row.owner != NONE and self._begins(row.owner, row.name):
            return "once"
        if row.decorators and row.owner != NONE and self._opens_singleton(row.decorators, row.owner):
            return "once"
        if row.decorators and self.unit.language == "java" and self.singletons.makes_one(row.decorators):
            return "once"
        if self.unit.language == "java" and row.owner != NONE and "walkFileTree" in self.index.calls:
            walks = self._visits(row.owner)
            if walks is not None:
                return self.runs(walks.scope)
        return self._by_callers(scope)

    def _visits(self, owner: int) -> Call | None:
        """Java: the call that runs a class of its own in place: `walkFileTree(root, new Visitor() {…})`."""
        for number in self.index.calls["walkFileTree"]:
            walks = self.unit.effects[number]
            assert isinstance(walks, Call)
            for value in walks.args:
                row = self.unit.values[value]
                made = self.unit.effects[row.call] if row.kind == "call" else None
                if isinstance(made, Call) and made.args and self.unit.values[made.args[-1]].owner == owner:
                    return walks
        return None

    def _begins(self, owner: int, name: str) -> bool:
        """Whether a method is one that a framework calls once on the one object of its class."""
        bases = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        places = [self.unit.places[row.place] for row in bases if row.kind == "place"]
        return any((self.index.last_name(place), name) in self._known.begins for place in places)

    def _is_of_page(self, scope: int) -> bool:
        """`window.onload = () => …`: once for each page."""
        bind = self.unit.effects[self.index.bound_to[scope]] if scope in self.index.bound_to else None
        place = self.unit.places[bind.target] if isinstance(bind, Bind) else None
        if place is None or place.symbol == NONE or place.path not in ((".onload",), (".onunload",)):
            return False
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "global" and symbol.name in ("window", "self", "globalThis")

    def _opens_singleton(self, decorators: tuple[int, ...], owner: int) -> bool:
        """`@PostConstruct` and the like on a method of the one instance of a class."""
        for value in decorators:
            row = self.unit.values[value]
            name = ""
            if row.kind == "place":
                name = self.index.last_name(self.unit.places[row.place])
            elif row.kind == "call":
                call = self.unit.effects[row.call]
                name = call.name if isinstance(call, Call) else ""
            if name in _ONCE_DECORATORS:
                return self.is_singleton(owner)
        return False

    def _as_callback(self, call: int, position: int) -> Runs:
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        if self.runs_in_place(call):
            return self.runs(effect.scope)
        if self.runs_once(call):
            return "once"
        if self._settles(effect) and not self.index.in_endless_loop(effect.region):
            return self.runs(effect.scope)
        return "call"

    def runs_once(self, call: int) -> bool:
        """Whether a call runs what it is handed once: `define(["a"], (a) => …)`; in JavaScript, of a file."""
        if not (self._known.once.match(self.unit, call) or self._hears_once(call)):
            return False
        return self.unit.language != "javascript" or self.runs(self.unit.effects[call].scope) != "call"

    def _hears_once(self, number: int) -> bool:
        """`document.addEventListener("DOMContentLoaded", () => …)`: comes once for each page."""
        call = self.unit.effects[number]
        row = self.unit.values[call.args[0]] if isinstance(call, Call) and len(call.args) > 1 else None
        if row is None or row.kind != "string" or not isinstance(call, Call):
            return False
        if row.text in self._known.once_events:
            return True
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        root = "" if place is None else resolved_name(self.unit, place)
        return f"{root}.{row.text}" in self._known.once_events

    def _settles(self, call: Call) -> bool:
        """JavaScript: `load().then(() => …)`: a promise is settled once."""
        return self.unit.language == "javascript" and call.receiver != NONE and call.name in _REACTIONS

    def _by_callers(self, scope: int) -> Runs:
        callers = [
            index
            for index in self.index.callers.get(scope, ())
            if scope not in self.index.enclosing(self.unit.effects[index].scope)
        ]
        callers += self._handed_inline(scope)
        if not callers or self._is_referenced_otherwise(scope, len(callers)):
            return "call"
        best: Runs = "import"
        plain = sum(self.unit.scopes[self.unit.effects[index].scope].kind == "module" for index in callers)
        for index in callers:
            call = self.unit.effects[index]
            if plain >= 3 and not self.index.callers.get(self.index.function(call.scope)):
                continue  # one more registering helper that this version happens not to use
            runs = self.runs(call.scope)
            if runs == "call" or (runs == "once" and self._repeats_at_start(call.region)):
                return "call"
            if runs == "once" or self.index.in_main_guard(call.region):
                best = "once"
        return best

    def runs_in_place(self, call: int) -> bool:
        """Whether a call runs what it is handed before it returns: `forEach`, `map`, `sort`."""
        return self._known.inline.match(self.unit, call)

    def _handed_inline(self, scope: int) -> list[int]:
        """Calls such as `forEach(this::parse)`, `pool.map(parse, rows)` that run what they are handed."""
        if self._handed is None:
            self._handed = {}
            names = self._known.inline.last_names if self.unit.language != "python" else _MAPS
            for name in names & self.index.calls.keys():
                for index in self.index.calls[name]:
                    call = self.unit.effects[index]
                    assert isinstance(call, Call)
                    for argument in call.args:
                        method = self._method_reference(argument)
                        if method != NONE:
                            self._handed.setdefault(method, []).append(index)
        return self._handed.get(scope, [])

    def _method_reference(self, value: int) -> int:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or len(place.path) > 1:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if not place.path:
            return symbol.target if symbol.kind == "function" and self.unit.language != "java" else NONE
        if symbol.kind not in ("this", "class") or symbol.target == NONE:
            return NONE
        return self.index.method(symbol.target, place.path[0][1:])

    def _is_referenced_otherwise(self, scope: int, calls: int) -> bool:
        """Whether the function is also handed around as a value, so that others may call it."""
        symbol = self.unit.scopes[scope].symbol
        if symbol == NONE:
            return False
        handed = len(self._handed_inline(scope)) if self.unit.language != "java" else 0
        return len(self.index.references.get(symbol, ())) > handed

    def _registers_at_import(self, scope: int) -> bool:
        """Metaclass and class-creation hooks run when a class body is executed."""
        row = self.unit.scopes[scope]
        if row.name in ("__init_subclass__", "__set_name__", "__prepare__"):
            return True
        if row.kind not in ("method", "constructor") or row.name == "__call__":
            return False  # makes an object of the class
        owner = self.unit.scopes[row.parent].owner  # `__new__()` has no object, and so no owner of its own
        return owner != NONE and self.index.is_metaclass(owner)

    def _repeats_at_start(self, region: int) -> bool:
        """Whether what runs once repeats a call without limit.

        In Java, loops at start-up walk settings, in JavaScript the elements of a page; in a Python script
        with arguments they walk its input.
        """
        walks = self.unit.language != "python" or "parse_args" in self.index.calls or self._takes_arguments
        return self.index.in_endless_loop(region) if walks else self.index.in_loop(region)

    @solved
    def _takes_arguments(self) -> bool:
        """Python: whether a script reads `sys.argv`."""
        return self.unit.language == "python" and any(
            place.path[:1] == (".argv",) for place in self.unit.places
        )

    def repeats(self, effect: int) -> bool:
        """Whether an effect can happen without a limit in one process."""
        row = self.unit.effects[effect]
        runs = self.runs(row.scope)
        if runs == "call":
            return True
        if self.unit.language == "javascript" and self.singletons.is_of_instance(effect):
            owner = self.unit.scopes[row.scope].owner
            return owner == NONE or not self.is_singleton(owner)  # `timer = setInterval(…)` of a class
        if runs == "once":
            # what a singleton walks while it is made is a table of the program
            made = self.unit.scopes[self.index.function(row.scope)].kind == "constructor"
            return self.index.in_endless_loop(row.region) if made else self._repeats_at_start(row.region)
        return self.index.in_endless_loop(row.region)

    def is_singleton(self, owner: int) -> bool:
        """Whether the unit makes exactly one instance of an owner, at import."""
        return self.singletons.is_one(owner)

    def is_often(self, effect: int, depth: int = 0) -> bool:
        """Python: whether something happens many times in a process, were it once for each input of a script.

        It is asked of what is so large that a script runs out of it: pictures, handles of the system.
        """
        row = self.unit.effects[effect]
        if self.repeats(effect) or self.unit.language != "python":
            return self.repeats(effect)
        if self.index.in_loop(row.region):
            return True
        callers = self.index.callers.get(self.index.function(row.scope), ()) if depth < 4 else ()
        return any(self.is_often(number, depth + 1) for number in callers)
