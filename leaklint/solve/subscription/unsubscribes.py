"""Python: subscriptions whose result ends them, and whose result is dropped.

A model knows such a call, or the file shows it: elsewhere it keeps the result of the same call and ends it.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.subscription.attaching.attached import Attached
from leaklint.solve.subscription.subjects import Subjects

_ENDS = ("cancel", "remove", "dispose", "unsubscribe", "stop", "close", "disconnect", "unlisten", "detach")
# what goes on until it is ended, and what ends by itself or is the end of something
_SUBSCRIBES = regex(
    r"(?i)track|listen|subscri|observ|watch|interval|every|connect|_?on_|register|"
    r"add_?\w*(handl|consum|receiv|trigg|notifi)er$|add_?\w*(callback|hook)$"
)
_ENDING = regex(r"(?i)later|once|timer|soon|dis|^un|remove|delay|reconnect|after|_at_|point_in")
# the set-up of what can be taken down and set up again while the program runs
_RELOADED = frozenset({"async_setup_entry", "setup_entry", "async_added_to_hass"})


class Unsubscribes:
    """Subscriptions of one unit that nobody can end."""

    def __init__(self, subjects: Subjects) -> None:
        self.subjects = subjects
        self.attachments = subjects.attachments
        self.index = subjects.index
        self.unit: Unit = subjects.unit
        self.lifecycle = subjects.lifecycle

    def found(self) -> Iterator[Attached]:
        known = {
            item.effect: item.destination
            for item in self.attachments.pairs.acquisitions
            if item.pair.kind == "subscription" and item.pair.returns_handle
        }
        dropped = {number for number, destination in known.items() if destination == "dropped"}
        for number in sorted(dropped | set(self._unlike_others())):
            item = self._judge(number)
            if item is not None:
                yield item

    def _judge(self, number: int) -> Attached | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        growths = self.subjects.growths
        if not growths.repeats.repeats(number) or growths.guards.init_guarded(number):
            return None
        owner = self.lifecycle.owner_of(call.scope)
        if owner == NONE:
            name = self.unit.scopes[self.index.function(call.scope)].name
            callback = self._closure(call) if name in _RELOADED else NONE
        elif growths.repeats.is_singleton(owner):
            return None
        else:
            callback = self.subjects.own(call, owner)
        if callback == NONE:
            return None
        receiver = self.unit.places[call.receiver if call.receiver != NONE else call.callee]
        return Attached(number, receiver, callback, "handle", owner)

    def _closure(self, call: Call) -> int:
        for value in call.args:
            row = self.unit.values[value]
            if row.kind == "closure" and self.unit.scopes[row.scope].captures:
                return value
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol != NONE and not place.path:
                symbol = self.unit.symbols[place.symbol]
                if symbol.kind == "function" and symbol.scope != 0:
                    return value
        return NONE

    # -- calls whose result the file keeps elsewhere

    def _unlike_others(self) -> Iterator[int]:
        for name, numbers in self.index.calls.items():
            if len(numbers) < 2 or not _SUBSCRIBES.search(name) or _ENDING.search(name):
                continue
            calls = [self.unit.effects[number] for number in numbers]
            if not any(isinstance(call, Call) and len(call.args) + len(call.keywords) > 1 for call in calls):
                continue
            goes = {number: self.index.destinations.of(number) for number in numbers}
            kept = [row[1] for row in goes.values() if row[0] == "kept" and row[1] is not None]
            if any(self._is_ended(place) for place in kept):
                yield from (number for number, row in goes.items() if row[0] == "dropped")

    def _is_ended(self, place: Place) -> bool:
        """Whether what a field keeps is called, or told to end."""
        if place.symbol == NONE or len(place.path) != 1 or self.unit.symbols[place.symbol].kind != "this":
            return False
        name = place.path[0][1:]
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver != NONE and self.unit.places[call.receiver] == Place(place.symbol):
                return self._is_bound(place)
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and not call.args
            and self.unit.places[call.receiver] == place
            for end in _ENDS
            for number in self.index.calls.get(end, ())
        )

    def _is_bound(self, place: Place) -> bool:
        """Whether a field is no method that happens to have that name."""
        return (
            all(isinstance(self.unit.effects[number], Bind) for number in self.index.binds.get(place, ()))
            and self.index.method(self.unit.symbols[place.symbol].target, place.path[0][1:]) == NONE
        )
