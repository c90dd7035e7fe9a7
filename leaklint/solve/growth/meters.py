"""Java: meters under names or labels that are new for each request: a registry keeps each of them for good.

Micrometer keeps a meter for each set of tags, Prometheus a child for each set of labels, Dropwizard a metric
for each name. Paths with ids in them, ids of users and requests, addresses and messages never come to an end.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growth.freshnames import FreshName
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex

# package -> methods, and the position from which their arguments tell meters apart
_LABELS = {
    "io.micrometer": {
        "tag": 1,
        "tags": 0,
        "of": 0,
        "and": 0,
        "counter": 0,
        "timer": 0,
        "summary": 0,
        "gauge": 0,
    },
    "io.prometheus": {"labels": 0, "labelValues": 0, "withLabelValues": 0},
    "com.codahale.metrics": {"counter": 0, "meter": 0, "timer": 0, "histogram": 0, "name": 0},
    "io.dropwizard.metrics": {"counter": 0, "meter": 0, "timer": 0, "histogram": 0, "name": 0},
    "org.eclipse.microprofile.metrics": {"counter": 0, "meter": 0, "timer": 0, "histogram": 0, "Tag": 1},
}
_OWNERS = {"of": ("Tag", "Tags"), "and": ("Tag", "Tags", "tags"), "name": ("MetricRegistry",)}
# what a request, a session or a failure has of its own
_ASKS = regex(
    r"(?i)getRequestUR[IL]|getPathInfo|getQueryString|getRemote(Addr|Host|Address|User)|getHostAddress|randomUUID|"
    r"getSessionId|getRequestId|getMessage|getLocalizedMessage|getUserPrincipal|identityHashCode|"
    r"(get)?(user|session|request|order|customer|account|message|trace|span|correlation|transaction|connection|"
    r"payment|device|player|invoice|document|execution|event)_?(id|uuid|token)|"
    r"(get)?(userName|e?mail|ipAddress|uuid)"
)
# what an object that comes and goes is told apart by
_NAMES = regex(
    r"(?i)_?(?!node|broker|partition|shard|worker|plugin|cluster|data|thread|pool|replica|region|zone|tenant|"
    r"service|app|server|instance|component|type|group|client)(\w+_?)?(id|uuid|peer|address|user|session|token)"
)
_PASSES = frozenset(
    {"toString", "valueOf", "format", "join", "name", "requireNonNull", "toLowerCase", "trim"}
)
_DEEPEST = 5


class Meters:
    """Meters of one unit under names that never come again."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[FreshName]:
        """In source order."""
        if self.unit.language != "java":
            return
        methods: dict[str, int] = {}
        for package, rows in _LABELS.items():
            if any(module.startswith(package) for module in self.index.import_modules):
                methods |= rows
        methods = {name: first for name, first in methods.items() if name in self.index.calls}
        if not methods or not self.index.calls.keys().isdisjoint(("remove", "removeMatching", "clear")):
            return  # what knows how to take meters out
        numbers = sorted((number, name) for name in methods for number in self.index.calls[name])
        for number, name in numbers:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if not self._is_meant(call) or not self.growths.repeats.repeats(number):
                continue
            own = self._is_made_and_closed(call.scope)
            for value in call.args[methods[name] :]:
                if self._is_endless(value) or (own and self._names_object(value)):
                    yield FreshName(number, value, "meter", self._holder(call))
                    break

    def _is_made_and_closed(self, scope: int) -> bool:
        """Whether code runs when an object is made that is closed again, and of which there are many."""
        row = self.unit.scopes[self.index.function(scope)]
        if row.kind != "constructor" or row.owner == NONE or self.growths.repeats.is_singleton(row.owner):
            return False
        lifecycle = self.growths.lifecycle
        return bool(lifecycle.teardown_of(row.owner)) and not lifecycle.lives_long(row.owner)

    def _names_object(self, value: int) -> bool:
        """Whether a label is a parameter that tells the object from others, or a field of that name."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None or symbol.kind not in ("parameter", "this"):
            return False
        name = place.path[-1][1:] if place.path else symbol.name
        return _NAMES.fullmatch(name) is not None and not name.isupper()

    def _is_meant(self, call: Call) -> bool:
        owners = _OWNERS.get(call.name)
        if call.new:
            return call.name == "Tag"
        if call.receiver == NONE:
            return False
        if owners is None:
            return True
        symbol = self.index.symbol(self.unit.places[call.receiver])
        return symbol is not None and (symbol.name in owners or symbol.type in owners)

    def _holder(self, call: Call) -> str:
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return "the registry"
        return self.index.last_name(place)

    def _is_endless(self, value: int, depth: int = 0) -> bool:
        """Whether a label holds something that only one request, user or failure has."""
        row = self.unit.values[value]
        if depth > _DEEPEST:
            return False
        if row.kind in ("operation", "template"):
            joins = row.kind == "template" or row.text == "+"
            return joins and any(self._is_endless(part, depth + 1) for part in row.parts)
        if row.kind == "conditional":
            return any(self._is_endless(part, depth + 1) for part in row.parts)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if _ASKS.fullmatch(call.name):
                return call.receiver != NONE or not call.args
            if call.name not in _PASSES:
                return False
            inner = self.unit.places[call.receiver] if call.receiver != NONE else None
            if inner is not None and inner.symbol == NONE and inner.call != NONE and not call.args:
                asked = self.unit.effects[inner.call]
                return isinstance(asked, Call) and bool(_ASKS.fullmatch(asked.name))
            return any(self._is_endless(part, depth + 1) for part in call.args)
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        if place.path or symbol.kind == "parameter":
            name = self.index.last_name(place)
            return bool(_ASKS.fullmatch(name)) and not name.isupper()
        binds = self.index.binds.get(Place(place.symbol), ())
        if symbol.kind not in ("variable", "constant") or len(binds) != 1:
            return False
        bind = self.unit.effects[binds[0]]
        return isinstance(bind, Bind) and bind.value != NONE and self._is_endless(bind.value, depth + 1)
