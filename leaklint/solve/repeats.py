"""Whether a site can run an unbounded number of times: once at import, once per process, per call.

Only names resolved inside the unit are followed. A function that nothing in the file calls is
assumed to be called from elsewhere, and more than once.
"""

from __future__ import annotations

from typing import Literal

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import Patterns
from leaklint.solve.once import once_a_table, solved

Runs = Literal["import", "once", "call"]

_CODE = regex(
    r"_?(fn|func|fun|function|f|cls|klass|clazz|class_|subclass|method|meth|callback|handler|wrapped|view|"
    r"decorated|factory|plugin|component|target|ctor|constructor|command|hook|rule|test|task)"
)
_MAIN = frozenset({"main", "__main__"})
_ONCE_DECORATORS = frozenset({"PostConstruct", "Activate", "Startup", "BeforeAll", "BeforeClass"})


class _Known:
    """What the models say of callbacks, and of classes by their decorators."""

    def __init__(self, models: Models) -> None:
        self.inline = Patterns(models.inline_callbacks)
        self.once = Patterns(models.once_callbacks)
        rows = models.component
        self.scoped = {name for row in rows if row.lifetime == "component" for name in row.decorators}
        self.lasting = {name for row in rows if row.lifetime == "process" for name in row.decorators}
        lasting = [row for row in rows if row.lifetime == "process"]
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
        self._singletons: dict[int, bool] = {}

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
        return self._by_callers(scope)

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
        if self._known.once.match(self.unit, call):
            return "once"
        return "call"

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
            if runs == "once" or self._under_main_guard(call.region):
                best = "once"
        return best

    def runs_in_place(self, call: int) -> bool:
        """Whether a call runs what it is handed before it returns: `forEach`, `map`, `sort`."""
        return self._known.inline.match(self.unit, call)

    def _handed_inline(self, scope: int) -> list[int]:
        """Calls such as `forEach(this::parse)`, `forEach(parse)` that run a method or function in place."""
        if self._handed is None:
            self._handed = {}
            names = self._known.inline.last_names if self.unit.language != "python" else set()
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
            return symbol.target if symbol.kind == "function" and self.unit.language == "javascript" else NONE
        if symbol.kind not in ("this", "class") or symbol.target == NONE:
            return NONE
        return self.index.method(symbol.target, place.path[0][1:])

    def _is_referenced_otherwise(self, scope: int, calls: int) -> bool:
        """Whether the function is also handed around as a value, so that others may call it."""
        symbol = self.unit.scopes[scope].symbol
        if symbol == NONE:
            return False
        handed = len(self._handed_inline(scope)) if self.unit.language == "javascript" else 0
        return len(self.index.references.get(symbol, ())) > handed

    def _registers_at_import(self, scope: int) -> bool:
        """Metaclass and class-creation hooks run when a class body is executed."""
        row = self.unit.scopes[scope]
        if row.name in ("__init_subclass__", "__set_name__", "__prepare__"):
            return True
        if row.kind in ("method", "constructor") and row.owner != NONE:
            owner = self.unit.owners[row.owner]
            for base in owner.bases:
                value = self.unit.values[base]
                if value.kind == "place":
                    place = self.unit.places[value.place]
                    symbol = self.unit.symbols[place.symbol] if place.symbol != NONE else None
                    if symbol is not None and self.unit.language == "python":
                        name = self.index.last_name(place)
                        if name in ("type", "ABCMeta", "EnumMeta", "EnumType") or name.endswith("Meta"):
                            return True
        return False

    def is_decorator(self, scope: int) -> bool:
        """Whether a function is a decorator: it gives back what it is put on, or a wrapper around it."""
        unit = self.unit
        params = unit.scopes[scope].params
        if not params or unit.language == "java":
            return False
        for index in self.index.returns.get(scope, ()):
            value = unit.values[unit.effects[index].value]  # type: ignore[union-attr]
            if value.kind == "call" and unit.language == "python":
                call = unit.effects[value.call]
                inner = [unit.values[argument] for argument in call.args]  # type: ignore[union-attr]
                value = inner[0] if inner else value  # wraps(function)(wrapper)
            if value.kind == "place":
                place = unit.places[value.place]
                if not place.path and place.symbol == params[0] and self._takes_code(scope):
                    return True
                if (
                    unit.language == "python"
                    and self._is_wrapped(place, params[0])
                    and self._takes_code(scope)
                ):
                    return True
                if place.symbol != NONE and not place.path and unit.language == "python":
                    wrapper = self.index.function_of(place.symbol)
                    if wrapper != NONE and unit.scopes[wrapper].parent == scope:
                        return params[0] in unit.scopes[wrapper].captures and self._calls(wrapper, params[0])
        return False

    def _is_wrapped(self, place: Place, param: int) -> bool:
        """`wrapper = Wrapper(func)` in a local, which is what the function gives back."""
        binds = self.index.binds.get(place, ()) if not place.path else ()
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(call, Call) and any(
            self.unit.values[value].kind == "place"
            and self.unit.places[self.unit.values[value].place] == Place(param)
            for value in call.args
        )

    def _takes_code(self, scope: int) -> bool:
        """Whether a function is put on functions or classes: by its use here, or by its parameter's name."""
        row = self.unit.scopes[scope]
        if _CODE.fullmatch(self.unit.symbols[row.params[0]].name):
            return True
        decorators = {value for other in self.unit.scopes for value in other.decorators}
        decorators |= {value for owner in self.unit.owners for value in owner.decorators}
        if self._is_made_by(decorators, row.parent):
            return True
        return row.symbol != NONE and any(
            self.unit.values[value].kind == "place"
            and self.unit.places[self.unit.values[value].place].symbol == row.symbol
            for value in decorators
        )

    def _is_made_by(self, decorators: set[int], maker: int) -> bool:
        """Whether a decorator of the file is what a call of a function gives: `@register("name")`."""
        symbol = self.unit.scopes[maker].symbol
        calls = [
            self.unit.values[value].call for value in decorators if self.unit.values[value].kind == "call"
        ]
        callees = [getattr(self.unit.effects[call], "callee", NONE) for call in calls]
        return symbol != NONE and any(
            callee != NONE and self.unit.places[callee] == Place(symbol) for callee in callees
        )

    def _calls(self, scope: int, symbol: int) -> bool:
        """Whether a scope calls the function that a symbol holds."""
        name = self.unit.symbols[symbol].name
        for index in self.index.calls.get(name, ()):
            call = self.unit.effects[index]
            assert isinstance(call, Call)
            if call.scope == scope and call.callee != NONE and self.unit.places[call.callee].symbol == symbol:
                return True
        return False

    def _under_main_guard(self, region: int) -> bool:
        for index in self.index.regions(region):
            test = self.unit.regions[index].test
            if test != NONE and self.unit.values[test].kind == "operation":
                for part in self.unit.values[test].parts:
                    value = self.unit.values[part]
                    if value.kind == "string" and value.text in _MAIN:
                        return True
        return False

    def in_loop(self, region: int) -> bool:
        """Whether a region lies in a loop that does not just walk a literal."""
        for index in self.index.regions(region):
            row = self.unit.regions[index]
            if row.kind == "loop":
                if row.iterates == NONE:
                    return True
                source = self.unit.values[row.iterates]
                if source.kind != "container":
                    return True
        return False

    def _repeats_at_start(self, region: int) -> bool:
        """Whether what runs once repeats a call without limit.

        In Java, loops at start-up walk settings; in a Python script with arguments they walk its input.
        """
        walks = self.unit.language == "java" or "parse_args" in self.index.calls or self._takes_arguments
        return self.in_endless_loop(region) if walks else self.in_loop(region)

    @solved
    def _takes_arguments(self) -> bool:
        """Python: whether a script reads `sys.argv`."""
        return self.unit.language == "python" and any(
            place.path[:1] == (".argv",) for place in self.unit.places
        )

    def in_endless_loop(self, region: int) -> bool:
        """Whether a region lies in `while True`, or a `while` without a plain counter."""
        for index in self.index.regions(region):
            row = self.unit.regions[index]
            if row.kind == "loop" and row.iterates == NONE:
                if row.test == NONE:
                    return True
                test = self.unit.values[row.test]
                if (test.kind == "boolean" and test.text == "true") or test.text == "1":
                    return True
        return False

    def repeats(self, effect: int) -> bool:
        """Whether an effect can happen without a limit in one process."""
        row = self.unit.effects[effect]
        runs = self.runs(row.scope)
        if runs == "call":
            return True
        if self.unit.language == "javascript" and self.is_of_instance(effect):
            owner = self.unit.scopes[row.scope].owner
            return owner == NONE or not self.is_singleton(owner)  # `timer = setInterval(…)` of a class
        if runs == "once":
            # what a singleton walks while it is made is a table of the program
            made = self.unit.scopes[self.index.function(row.scope)].kind == "constructor"
            return self.in_endless_loop(row.region) if made else self._repeats_at_start(row.region)
        return self.in_endless_loop(row.region)

    def is_singleton(self, owner: int) -> bool:
        """Whether the unit makes exactly one instance of an owner, at import."""
        known = self._singletons.get(owner)
        if known is None:
            self._singletons[owner] = False
            known = self._singletons[owner] = self._find_singleton(owner)
        return known

    def _decorator(self, value: int) -> str:
        """The name of an annotation."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.index.last_name(self.unit.places[row.place])
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return call.name if isinstance(call, Call) else ""

    def is_scoped(self, owner: int) -> bool:
        """Java: whether an annotation says that there is one for each request, session or lookup."""
        decorators = self.unit.owners[owner].decorators if self.unit.language == "java" else ()
        names = [self._decorator(value) for value in decorators]
        return any(name in self._known.scoped or self._is_scoped(name, decorators) for name in names)

    def _is_scoped(self, name: str, decorators: tuple[int, ...]) -> bool:
        """`@Scope("prototype")`, and any other scope that is not said to be the singleton."""
        if name != "Scope":
            return False
        for value in decorators:
            row = self.unit.values[value]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call) and call.name == "Scope":
                said = [*call.args, *(argument for _, argument in call.keywords)]
                return not any("singleton" in self._word(argument).lower() for argument in said)
        return False

    def _word(self, value: int) -> str:
        row = self.unit.values[value]
        return "".join(self.unit.places[row.place].path) if row.kind == "place" else row.text

    def is_open(self, owner: int) -> bool:
        """Whether others may make instances of a class as well: it has a constructor that is not private."""
        row = self.unit.owners[owner]
        made = [self.unit.scopes[scope] for scope in row.methods]
        made = [scope for scope in made if scope.kind == "constructor"]
        return not row.decorators and any("private" not in scope.flags for scope in made)

    def _find_singleton(self, owner: int) -> bool:
        unit, row = self.unit, self.unit.owners[owner]
        if row.kind in ("enum", "object"):
            return row.kind == "enum"
        if self.is_scoped(owner):
            return False
        names = [self._decorator(value) for value in row.decorators] if unit.language == "java" else []
        if any(name in self._known.lasting for name in names):
            return True
        if row.symbol == NONE or row.name.endswith("Builder"):
            return False  # one builder for each thing that is built
        made = self._constructions(row.symbol, row.name)
        if len(made) != 1:
            return False
        call = unit.effects[made[0]]
        if self.is_of_instance(made[0]):
            return False  # the initializer of a field: one for each object
        around = unit.scopes[self.index.function(call.scope)]
        return around.kind in ("module", "class", "static-block") and not (
            self._under_main_guard(call.region) or self.in_loop(call.region)
        )

    def is_of_instance(self, index: int) -> bool:
        """Whether an effect in a class body belongs to the initializer of an instance field."""
        effects = self.unit.effects
        scope = effects[index].scope
        if self.unit.scopes[scope].kind != "class":
            return False
        for effect in effects[index + 1 : index + 60]:
            if isinstance(effect, Bind) and effect.scope == scope:
                target = self.unit.places[effect.target]
                return target.symbol != NONE and self.unit.symbols[target.symbol].kind == "this"
        return False

    def _constructions(self, symbol: int, name: str) -> list[int]:
        unit = self.unit
        found = []
        for index in self.index.calls.get(name, ()):
            call = unit.effects[index]
            assert isinstance(call, Call)
            if call.receiver == NONE and call.callee != NONE and unit.places[call.callee] == Place(symbol):
                found.append(index)
        return found
