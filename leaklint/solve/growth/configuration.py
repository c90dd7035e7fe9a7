"""Growth that is configuration: what the parts of a program register when it starts."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Symbol, Unit
from leaklint.solve import plurality
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.keying.words import is_small
from leaklint.solve.keys import Keys
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word

_HOOKS = regex(
    r"_?(on|at|before|after)_?"
    r"([sS]hut_?[dD]own|[eE]xit|[cC]lose|[sS]top|[tT]erminat\w+|[sS]tart(up)?|[bB]oot)"
)
# Java: classes of which a program has one, what begins it, and classes by which a container sets it up
_PROGRAM = regex(r"(Application|Main|Launcher|Bootstrap)$")
_RUNS = frozenset({"run", "start", "launch", "main", "boot", "init"})
_SETS_UP = regex(r"(Configuration|Config|Configurer)$")


class Configuration:
    """Looks at what the holders of one unit are given."""

    def __init__(self, holders: Holders, keys: Keys, lifecycle: Lifecycle) -> None:
        self.keys = keys
        self.lifecycle = lifecycle
        self.index = holders.index
        self.unit: Unit = holders.unit

    def stores(self, item: Growth, scope: int) -> bool:
        """A function named like a registrar that stores its own parameters, and has no repeated caller."""
        if self.stores_instance(item):
            return False
        stores = [value for value in item.values if value != NONE]
        own = bool(stores) and all(
            self._is_parameter(value)
            or self._goes_by_name(item, value)
            or (self._is_part(value, scope) and not self._is_under_own(item, value))
            for value in stores
        )
        if self._is_of_start(scope, stores):
            return True
        own = own or self._makes_entry(item)
        key_is_class = item.key != NONE and self.keys.domain(item.key) == "class"
        registrar = self.lifecycle.is_registrar(scope) or self._is_hook(scope) or self._is_fluent(scope)
        values_are_code = bool(stores) and all(self._is_code(value) for value in stores)
        return (registrar and (own or key_is_class)) or values_are_code

    def registers_only(self, holder: Holder) -> bool:
        """Whether all that grows a holder is registration: by its look, once for each part of a program."""
        return bool(holder.growths) and all(
            self.stores(item, self.unit.effects[item.effect].scope) for item in holder.growths
        )

    def stores_instance(self, item: Growth) -> bool:
        """Whether an object registers itself while it is made."""
        for value in (*item.values, item.key):
            if value != NONE and self.unit.values[value].kind == "place":
                place = self.unit.places[self.unit.values[value].place]
                if place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].kind == "this":
                    return True
        return False

    def registers_part(self, item: Growth) -> bool:
        """Python: `ExtensionPoint(label)` that registers itself, and that nothing shows to come and go."""
        made = self.unit.scopes[self.index.function_at(item.effect)]
        completes = made.name == "__post_init__" and self._is_value(made.owner)
        if self.unit.language != "python" or not (made.kind == "constructor" or completes):
            return False
        name = self.unit.owners[made.owner].name
        if not self.stores_instance(item) or self.index.calls.get(name):
            return False
        told = [self.unit.symbols[param] for param in made.params]
        return not plurality.comes_and_goes(self.unit, made.owner) and all(map(self._is_label, told))

    def _is_value(self, owner: int) -> bool:
        """Python: whether a class is a `@dataclass(frozen=True)`: what registers itself is a definition."""
        for value in self.unit.owners[owner].decorators:
            row = self.unit.values[value]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call) and call.name == "dataclass":
                return any(name == "frozen" for name, _ in call.keywords)
        return False

    def _is_label(self, symbol: Symbol) -> bool:
        return symbol.type in ("str", "bool") or is_small(symbol.name) or symbol.name in ("name", "label")

    def _is_parameter(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind in ("string", "number", "boolean"):
            return True
        if row.kind == "container" and row.text in ("tuple", "list", "array", "object", "dict"):
            return all(self._is_parameter(part) for part in row.parts)
        if row.kind == "spread":
            return self._is_parameter(row.parts[0])
        if row.kind == "operation" and row.text in ("or", "??", "||"):
            return all(self._is_parameter(part) for part in row.parts)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if self._is_getter(call):
                return True
            wraps = call.name in ("partial", "tuple", "list", "frozenset", "bind", "of", "asList")
            return wraps and bool(call.args) and all(self._is_parameter(argument) for argument in call.args)
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if place.symbol == NONE:
            return False
        if self.unit.symbols[place.symbol].kind == "parameter":
            return True
        binds = self.index.binds.get(place, ())
        if len(binds) != 1 or self.unit.symbols[place.symbol].scope == 0:
            return False
        bind = self.index.bind(binds[0])
        if bind.how == "iterate" and bind.value != NONE and self.unit.language == "python":
            return not place.path and self._is_walked_parameter(bind.value)
        made = self.unit.values[bind.value].kind if bind.value != NONE else ""
        if made == "place" and self.unit.language == "javascript":
            source = self.unit.places[self.unit.values[bind.value].place]  # `{ name, design }` of a parameter
            return source.symbol != NONE and self.unit.symbols[source.symbol].kind == "parameter"
        return bind.how in ("declare", "assign") and made == "call" and self._is_parameter(bind.value)

    def _makes_entry(self, item: Growth) -> bool:
        """Java: `METRICS.computeIfAbsent(metric.getName(), name -> new HashSet<>())` of a parameter."""
        if self.unit.language != "java" or item.how != "computeIfAbsent" or item.key == NONE:
            return False
        return self._is_parameter(item.key) and self.unit.values[item.key].kind == "call"

    def _is_of_start(self, scope: int, stores: list[int]) -> bool:
        """Java: the loggers of a program, what it runs, and what the class that sets it up is given."""
        function = self.unit.scopes[self.index.function(scope)]
        if self.unit.language != "java" or function.owner == NONE:
            return False
        name = self.unit.owners[function.owner].name
        if function.name in ("getLogger", "getLog") or (
            function.name in _RUNS and _PROGRAM.search(name) is not None
        ):
            return True
        return _SETS_UP.search(name) is not None and bool(stores) and all(map(self._is_parameter, stores))

    def _is_getter(self, call: Call) -> bool:
        """Java: `descriptor.getDefaultKey()` of a parameter."""
        if self.unit.language != "java" or call.args or not call.name.startswith("get"):
            return False
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        return place is not None and place.symbol != NONE and self._is_given(place)

    def _goes_by_name(self, item: Growth, value: int) -> bool:
        """`add_page(page)`: `PAGES[page.name] = (page, button)`."""
        row = self.unit.values[value]
        key = self.unit.values[item.key] if item.key != NONE else None
        place = self.unit.places[key.place] if key is not None and key.kind == "place" else None
        if self.unit.language != "python" or place is None or place.path != (".name",) or row.text != "tuple":
            return False
        return self.unit.symbols[place.symbol].kind == "parameter" and any(map(self._is_parameter, row.parts))

    def _is_walked_parameter(self, value: int) -> bool:
        """`for name, rule in rules.items()` of a parameter."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        number = row.call if row.kind == "call" else place.call if place is not None else NONE
        call = self.unit.effects[number] if number != NONE else None
        if isinstance(call, Call) and call.name == "items" and call.receiver != NONE:
            place = self.unit.places[call.receiver]
        return place is not None and place.symbol != NONE and self._is_given(place)

    def _is_part(self, value: int, scope: int) -> bool:
        """`TABLE.append(Category(title))` in `register(title)`: made of what the caller hands over."""
        names = [self.unit.scopes[function].name for function in self.index.enclosing(scope)]
        row = self.unit.values[value]
        if row.kind == "place" and not self.unit.places[row.place].path:
            binds = self.index.binds.get(self.unit.places[row.place], ())
            made = self.index.bind(binds[0]).value if len(binds) == 1 else NONE
            row = self.unit.values[made] if made != NONE else row
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not any(first_word(name) == "register" for name in names if name):
            return False
        callee = self.unit.places[call.callee] if call.callee != NONE else None
        own = callee is not None and callee.symbol != NONE and self._is_given(callee)
        made = self.unit.language == "java" and first_word(call.name) == "create"
        made = made or call.new or call.name[:1].isupper()
        return made and (own or any(map(self._is_parameter, call.args)))

    def _is_under_own(self, item: Growth, value: int) -> bool:
        """`TASKS[item.id] = item`: each has a name of its own, as what comes and goes does."""
        rows = [self.unit.values[each] for each in (item.key, value) if each != NONE]
        places = [self.unit.places[row.place] for row in rows if row.kind == "place"]
        return len(places) == 2 and places[0].symbol == places[1].symbol and bool(places[0].path)

    def _is_given(self, place: Place) -> bool:
        return not place.path and self.unit.symbols[place.symbol].kind == "parameter"

    def _is_hook(self, scope: int) -> bool:
        """`onShutdown(name, stop)`: takes what each part of a program wants to be run at its end."""
        names = (self.unit.scopes[function].name for function in self.index.enclosing(scope))
        return any(_HOOKS.fullmatch(name) for name in names if name)

    def _is_fluent(self, scope: int) -> bool:
        """Java: `Router decoder(type, decoder) { …; return this; }`: a step of how an object is set up."""
        function = self.index.function(scope)
        if self.unit.language != "java" or self.unit.scopes[function].kind != "method":
            return False
        given = [self.unit.effects[number].value for number in self.index.returns.get(function, ())]  # type: ignore[union-attr]
        return bool(given) and all(value != NONE and self._is_this(value) for value in given)

    def _is_this(self, value: int) -> bool:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        return (
            place is not None
            and place.symbol != NONE
            and not place.path
            and self.unit.symbols[place.symbol].kind == "this"
        )

    def _is_code(self, value: int) -> bool:
        """Whether a value is a class or a function: there are as many as the program has."""
        row = self.unit.values[value]
        if row.kind == "class":
            return True
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind in ("class", "import"):
            return True
        if symbol.kind == "function":
            return symbol.scope == 0
        return symbol.kind == "parameter" and (
            symbol.type in ("type", "Type", "Class", "Callable")
            or symbol.name in ("cls", "klass", "clazz", "class_")
        )
