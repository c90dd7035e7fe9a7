"""Python: labels of metrics that take a new value with each path, address or user."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex

# expressions that have as many values as there are callers: raw paths, addresses, names of single things
_MANY = regex(
    r"(?i)(?:^|.*[._])(url|uri|full_?path|raw_?path|query(_?string)?|path_?info|remote(_?addr)?|peername|client_?ip|"
    r"ip(_?addr(ess)?)?|host_?ip|email|user_?name|user(\.|_)?id|uid|uuid|guid|(session|request|req|trace|task|job|"
    r"order|message|msg|correlation|transaction|account|customer|device|connection|conn|object|item|invoice|"
    r"token|client)(\.|_)?id|session_?key|token|timestamp|sid)$"
)
_REQUEST_PATH = regex(
    r"(?i)(?:^|.*[._])(request|req|scope|environ|self\.request|ctx|conn)(\.url|\.rel_url)?\.path"
)
_TEXT_OF = frozenset(
    {"str", "lower", "upper", "strip", "repr", "format", "quote", "unquote", "rstrip", "lstrip"}
)


class Labels:
    """Answers for the metrics of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def is_emptied(self, metric: Place) -> bool:
        """Whether somebody removes children of a metric."""
        for name in ("remove", "clear", "remove_by_labels"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                if isinstance(call, Call) and call.receiver != NONE:
                    place = self.unit.places[call.receiver]
                    if place == metric or place.path[-1:] == metric.path[-1:] != ():
                        return True
        return False

    def is_many(self, value: int, depth: int = 0) -> bool:
        """Whether a label is named as one of very many: a raw path, an address, who asks."""
        row = self.unit.values[value]
        if depth > 4:
            return False
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            inner = call.name in _TEXT_OF and any(self.is_many(part, depth + 1) for part in call.args)
            return inner or (
                call.name in _TEXT_OF and call.receiver != NONE and self._is_named(call.receiver, depth)
            )
        if row.kind == "template":
            return any(self.is_many(part, depth + 1) for part in row.parts)
        return row.kind == "place" and self._is_named(row.place, depth)

    def _is_named(self, place: int, depth: int) -> bool:
        """Whether a place, or what a local was given, is named as one of very many."""
        row = self.unit.places[place]
        if row.symbol == NONE:
            return False
        symbol = self.unit.symbols[row.symbol]
        text = symbol.name + "".join(row.path)
        if _REQUEST_PATH.fullmatch(text) or (symbol.kind != "class" and _MANY.fullmatch(text)):
            return True
        if row.path or symbol.kind != "variable" or symbol.scope == 0:
            return False
        binds = [self.index.bind(number) for number in self.index.binds.get(row, ())]
        return len(binds) == 1 and binds[0].value != NONE and self.is_many(binds[0].value, depth + 1)
