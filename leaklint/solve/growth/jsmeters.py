"""JavaScript: labels of metrics (prom-client) that are new with each path, address, user or failure.

A metric keeps a child for each set of labels that it was ever told. What a request has of its own never comes
to an end; the pattern of its route does.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.solve.growth.freshnames import FreshName
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex

_PACKAGE = "prom-client"
_TELLS = ("inc", "dec", "observe", "set", "startTimer", "labels")
_TAKES_OUT = frozenset({"remove", "removeAll", "reset", "resetMetrics"})
_REQUEST = (
    r"(.*\.)?(req|request|ctx|context|c|event|socket|client|connection|conn|msg|message|job|session|user)"
)
# what one request, user, address or failure has of its own
_OWN = regex(
    rf"(?i){_REQUEST}\.(url|originalUrl|path|rawPath|ip|id|remoteAddress|hostname|raw\.url|userId|sessionId|email|token)|"
    r"(.*\.)?(req|request|ctx)\.(params|query|headers|body)\.\w+|"
    r"(.*\.)?(err|error|e|reason|cause)\.(message|stack)|"
    r"(.*\.)?(user|session|request|order|customer|account|trace|correlation|transaction|job|message|device|tenant)Id|"
    r"(.*\.)?(originalUrl|requestUrl|requestPath|remoteAddress|clientIp|ipAddress|pathname|sessionToken)"
)
_PATTERN = regex(r"(?i).*\.(route|routeOptions|config)\..*")
_DEEPEST = 4


class JsMeters:
    """Such labels of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.index = growths.index
        self.repeats = growths.repeats
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[FreshName]:
        """In source order, one for each metric and label."""
        if self.unit.language != "javascript" or _PACKAGE not in self.index.import_modules:
            return
        if not self.index.calls.keys().isdisjoint(_TAKES_OUT):
            return  # what knows how to take children out
        numbers = sorted(number for name in _TELLS for number in self.index.calls.get(name, ()))
        seen: set[tuple[str, str]] = set()
        for number in numbers:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE or not self.repeats.repeats(number):
                continue
            holder = self.index.last_name(self.unit.places[call.receiver])
            for value, text in self._labels(call):
                if holder and (holder, text) not in seen:
                    seen.add((holder, text))
                    yield FreshName(number, value, "set of labels", holder)
                    break

    def _labels(self, call: Call) -> Iterator[tuple[int, str]]:
        """The labels that a call is given which never come to an end."""
        for value in call.args[:1] if call.name != "labels" else call.args:
            row = self.unit.values[value]
            parts = row.parts if row.kind == "container" and row.text == "object" else ()
            for part in parts or ((value,) if call.name == "labels" else ()):
                text = self._own(part, 0)
                if text:
                    yield part, text

    def _own(self, value: int, depth: int) -> str:
        """The part of a label that only one request, user, address or failure has, or ""."""
        row = self.unit.values[value]
        if depth > _DEEPEST:
            return ""
        if row.kind == "template" or (row.kind == "operation" and row.text in ("+", "or", "??")):
            found = [self._own(part, depth + 1) for part in row.parts]
            first = found[0] if row.kind == "operation" and row.text != "+" and found else ""
            falls_back = row.kind == "operation" and row.text != "+"
            return first if falls_back else next(filter(None, found), "")
        if row.kind != "place":
            return ""
        place = self.unit.places[row.place]
        symbol = self.index.symbol(place)
        if symbol is None:
            return ""
        text = symbol.name + "".join(place.path)
        if _OWN.fullmatch(text) and not _PATTERN.fullmatch(text):
            return text
        binds = self.index.binds.get(place) or []
        bind = self.unit.effects[binds[0]] if len(binds) == 1 and symbol.kind == "constant" else None
        own = isinstance(bind, Bind) and bind.value != NONE and symbol.scope > 0 and not place.path
        return self._own(bind.value, depth + 1) if own and isinstance(bind, Bind) else ""
