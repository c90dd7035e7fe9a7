"""Functions that are decorators: put on functions and classes, most often while a file is imported."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.once import solved

_CODE = regex(
    r"_?(fn|func|fun|function|f|cls|klass|clazz|class_|subclass|method|meth|callback|handler|wrapped|view|"
    r"decorated|factory|plugin|component|target|ctor|constructor|command|hook|rule|test|task)"
)


class Decorators:
    """Such functions of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def runs_in_one(self, scope: int) -> bool:
        """Whether a function is a decorator, or (Python) only what decorators of the file call."""
        if self.is_decorator(scope):
            return True
        callers = self.index.callers.get(scope, ()) if self.unit.language == "python" else ()
        return bool(callers) and all(self.is_decorator(self.index.function_at(number)) for number in callers)

    def is_decorator(self, scope: int) -> bool:
        """Whether a function is a decorator: it gives back what it is put on, or a wrapper around it."""
        unit = self.unit
        params = unit.scopes[scope].params
        if unit.scopes[scope].kind == "method" and self._is_put_on(scope):
            return True  # a function that only the body of its class uses
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
        return self._is_made_by(self._put_on, row.parent) or self._is_put_on(scope)

    def _is_put_on(self, scope: int) -> bool:
        symbol = self.unit.scopes[scope].symbol
        return symbol != NONE and any(
            self.unit.values[value].kind == "place"
            and self.unit.places[self.unit.values[value].place] == Place(symbol)
            for value in self._put_on
        )

    @solved
    def _put_on(self) -> set[int]:
        """What is put on functions and classes of the unit."""
        found = {value for scope in self.unit.scopes for value in scope.decorators}
        return found | {value for owner in self.unit.owners for value in owner.decorators}

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
