"""Growth that is configuration: what the parts of a program register when it starts."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.keys import Keys
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word

_HOOKS = regex(
    r"_?(on|at|before|after)_?"
    r"([sS]hut_?[dD]own|[eE]xit|[cC]lose|[sS]top|[tT]erminat\w+|[sS]tart(up)?|[bB]oot)"
)


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
            self._is_parameter(value) or (self._is_part(value, scope) and not self._is_under_own(item, value))
            for value in stores
        )
        key_is_class = item.key != NONE and self.keys.domain(item.key) == "class"
        registrar = self.lifecycle.is_registrar(scope) or self._is_hook(scope)
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

    def _is_parameter(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind in ("string", "number", "boolean"):
            return True
        if row.kind == "container" and row.text in ("tuple", "list", "array", "object", "dict"):
            return all(self._is_parameter(part) for part in row.parts)
        if row.kind == "spread":
            return self._is_parameter(row.parts[0])
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
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
        made = self.unit.values[bind.value].kind if bind.value != NONE else ""
        return bind.how in ("declare", "assign") and made == "call" and self._is_parameter(bind.value)

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
        return (call.new or call.name[:1].isupper()) and (own or any(map(self._is_parameter, call.args)))

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
