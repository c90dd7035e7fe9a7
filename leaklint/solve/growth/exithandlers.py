"""JavaScript: code that runs only when the process or the page ends, and empties nothing before that."""

from __future__ import annotations

from collections.abc import Collection

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

_LISTENS = frozenset({"on", "once", "addListener", "addEventListener", "onExit"})
_LAST = regex(r"exit|beforeExit|SIG(INT|TERM|HUP|QUIT)|will-quit|before-quit|(before)?unload|pagehide")
# methods that are handed what to do at the end of the server, the application, the extension
_ENDS = frozenset(
    {
        "onShutdown",
        "onExit",
        "onWillQuit",
        "onBeforeExit",
        "onApplicationShutdown",
        "beforeApplicationShutdown",
    }
)
_HOOKS = frozenset({"addHook", "hook"})
# functions of a module that its host calls at the end
_LAST_FUNCTIONS = frozenset({"deactivate", "shutdown", "gracefulShutdown", "onShutdown", "beforeExit"})
# who tells of the end of the program: the process, the page, the application
_TELLS = frozenset({"process", "window", "self", "app", "globalThis"})


class ExitHandlers:
    """Answers about the functions of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def runs_at_exit(self, scope: int, depth: int = 0) -> bool:
        """Whether nothing runs a scope but handlers of the end of the process or page."""
        for function in self.index.enclosing(scope):
            argument = self.index.argument_of.get(function)
            if argument is not None and self._is_last(argument[0]):
                return True
            row = self.unit.scopes[function]
            if row.kind == "function" and row.name in _LAST_FUNCTIONS and row.symbol in self._exported():
                return True
            if depth < 3 and self._serves_exit(function, depth):
                return True
        return False

    def _is_last(self, number: int) -> bool:
        call = self.unit.effects[number]
        if not isinstance(call, Call) or not call.args:
            return False
        if call.name in _ENDS and len(call.args) == 1:
            return True
        if call.name in _HOOKS and self.unit.values[call.args[0]].text in ("onClose", "preClose"):
            return True
        if call.name not in _LISTENS:
            return False
        event = self.unit.values[call.args[0]]
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        symbol = self.index.symbol(place) if place is not None else None
        named = symbol is not None and symbol.name in _TELLS and not (place is not None and place.path)
        return named and event.kind == "string" and _LAST.fullmatch(event.text) is not None

    def _serves_exit(self, function: int, depth: int) -> bool:
        """Whether a function of this file alone is only called, or handed over, for the end."""
        row = self.unit.scopes[function]
        if row.kind != "function" or row.symbol == NONE or row.symbol in self._exported():
            return False
        callers = self.index.callers.get(function, ())
        handed = [number for number in range(len(self.unit.effects)) if self._hands(number, row.symbol)]
        if not (callers or handed) or len(self.index.references.get(row.symbol, ())) > len(handed):
            return False
        return all(self.runs_at_exit(self.unit.effects[call].scope, depth + 1) for call in callers) and all(
            self._is_last(call) for call in handed
        )

    def _exported(self) -> Collection[int]:
        return self.unit.exports.values()

    def _hands(self, number: int, symbol: int) -> bool:
        """`process.once("exit", stopAll)`."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.name not in _LISTENS or len(call.args) < 2:
            return False
        row = self.unit.values[call.args[1]]
        return row.kind == "place" and self.unit.places[row.place] == Place(symbol)
