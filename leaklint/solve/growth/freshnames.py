"""Python: names made anew that the whole process keeps: loggers, modules and labels of metrics.

`logging.getLogger` keeps a logger for each name that was ever asked for, `sys.modules` each module, a metric
of Prometheus each set of labels. Names that hold an id of a request or a fresh number never come again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growth.labels import Labels
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name, resolved_name

What = Literal["logger", "module", "set of labels", "meter"]

# words that name one piece of work or one object
_WORK = regex(
    r"(?i)(.*[._])?((request|req|session|task_?run|flow_?run|job_?run|message|msg|conn|connection|trace|span|"
    r"transaction|correlation|delivery|execution|invocation|call|task|job|event)_?\.?_?(id|hash|uuid|token|sid)|"
    r"uuid|guid)"
)
_FORMATS = frozenset({"format", "join", "str", "hex"})
_PROMETHEUS = "prometheus_client"


class FreshName(msgspec.Struct):
    """`effect` asks the process for something under the name `value`, which is new each time."""

    effect: int
    value: int
    what: What
    holder: str


class FreshNames:
    """Names of one unit that the process keeps."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[FreshName]:
        """In source order of the calls of each sort."""
        for number in self.index.calls.get("getLogger", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if not call.args or callee_name(self.unit, number) != "logging.getLogger":
                continue
            if self._is_fresh(call.args[0]) and self._repeats(number) and not self._forgets("loggerDict"):
                yield FreshName(number, call.args[0], "logger", "logging.getLogger")
        if any(module.startswith(_PROMETHEUS) for module in self.index.import_modules):
            yield from self._labels()
        if "sys" in self.index.import_modules:
            yield from self._modules()

    def _labels(self) -> Iterator[FreshName]:
        labels = Labels(self.growths)
        for number in self.index.calls.get("labels", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            if place is None or place.symbol == NONE or not self._repeats(number):
                continue
            if labels.is_emptied(place):
                continue
            for value in (*call.args, *(given for _, given in call.keywords)):
                if self._is_fresh(value) or labels.is_many(value):
                    name = self.unit.symbols[place.symbol].name + "".join(place.path)
                    yield FreshName(number, value, "set of labels", name)
                    break

    def _modules(self) -> Iterator[FreshName]:
        for number in self.index.elements:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if resolved_name(self.unit, self.unit.places[bind.target]) != "sys.modules" or bind.key == NONE:
                continue
            if self._is_fresh(bind.key) and self._repeats(number) and not self._forgets("modules"):
                yield FreshName(number, bind.key, "module", "sys.modules")

    def _repeats(self, number: int) -> bool:
        scope = self.unit.scopes[self.index.function_at(number)]
        return scope.kind in ("function", "method", "constructor") and self.growths.repeats.repeats(number)

    def _forgets(self, step: str) -> bool:
        """Whether the file takes anything out of the table of that name."""
        calls = (*self.index.calls.get("pop", ()), *self.index.calls.get("clear", ()))
        receivers = [self.unit.effects[number].receiver for number in calls]
        targets = [self.unit.effects[number].target for number in self.index.deletes]  # type: ignore[union-attr]
        places = [self.unit.places[place] for place in (*receivers, *targets) if place != NONE]
        return any("." + step in place.path for place in places)

    def _is_fresh(self, value: int, depth: int = 0) -> bool:
        """Whether a text holds a fresh number, or the id of one piece of work."""
        row = self.unit.values[value]
        if depth > 5:
            return False
        if row.kind in ("template", "operation", "container"):
            return any(self._is_fresh(part, depth + 1) for part in row.parts)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            name = callee_name(self.unit, row.call)
            if name.startswith("uuid.uuid") or (call.name == "id" and name == "id"):
                return True
            if call.name in _FORMATS:
                given = (*call.args, *(part for _, part in call.keywords))
                return any(self._is_fresh(part, depth + 1) for part in given)
            return False
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if place.symbol == NONE:
            return place.path == (".hex",) and callee_name(self.unit, place.call).startswith("uuid.uuid")
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and not place.path:
            return False
        if _WORK.fullmatch(symbol.name + "".join(place.path)):
            return True
        if place.path or symbol.kind != "variable" or symbol.scope == 0:
            return False
        binds = [self.index.bind(number) for number in self.index.binds.get(Place(place.symbol), ())]
        return len(binds) == 1 and binds[0].value != NONE and self._is_fresh(binds[0].value, depth + 1)
