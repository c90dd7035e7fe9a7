"""JavaScript: listeners that each piece of work adds to what it takes out of a pool, and gives back.

`const worker = idle.pop(); worker.on("message", …); … idle.push(worker)`: whoever gets it next adds one more.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

_TAKES = regex(
    r"pop|shift|acquire\w*|take\w*|checkout|borrow\w*|get(Connection|Client|Worker|Free\w*|Idle\w*)|lease"
)
_GIVES = regex(r"push|unshift|add|release\w*|giveBack|putBack|return\w*|checkin|free")


class Pooled:
    """Answers about the listeners of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def is_given_back(self, item: Acquisition) -> bool:
        """Whether what is listened to goes back to where others take it from, with the listener."""
        if self.unit.language != "javascript" or item.pair.kind != "listener" or item.receiver == NONE:
            return False
        if item.once or item.released_by or item.options != NONE or item.destination != "dropped":
            return False
        place = self.unit.places[item.receiver]
        symbol = self.index.symbol(place)
        if symbol is None or place.path or symbol.kind not in ("constant", "variable") or symbol.scope <= 0:
            return False
        function = self.index.function(symbol.scope)
        if self.index.function_at(item.effect) != function:
            return False
        return self._is_taken(place) and self._goes_back(place, function)

    def _is_taken(self, place: Place) -> bool:
        """Whether a local gets what was in a pool, on whatever way; what is made new may be one of them."""
        for number in self.index.binds.get(place) or []:
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            rows = [row, *(self.unit.values[part] for part in row.parts)] if row is not None else []
            for each in rows:
                call = self.unit.effects[each.call] if each.kind == "call" else None
                if isinstance(call, Call) and not call.new and _TAKES.fullmatch(call.name):
                    return call.receiver != NONE
        return False

    def _goes_back(self, place: Place, function: int) -> bool:
        """Whether the function, or what it hands on, gives the local back: `idle.push(worker)`."""
        for name, numbers in self.index.calls.items():
            if not _GIVES.fullmatch(name):
                continue
            for number in numbers:
                call = self.unit.effects[number]
                if not isinstance(call, Call) or function not in self.index.enclosing(call.scope):
                    continue
                own = call.receiver != NONE and self.unit.places[call.receiver] == place
                given = [self.unit.values[value] for value in call.args]
                if (own and name.startswith("release")) or any(
                    row.kind == "place" and self.unit.places[row.place] == place for row in given
                ):
                    return True
        return False
