"""Decides which acquisitions a removal takes back: the same receiver, event, function, flag or handle."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.aliases import Aliases
from leaklint.solve.callbacks import Callbacks, Same
from leaklint.solve.index import Index
from leaklint.solve.pairing.acquisition import Acquisition, Removal

_OF_PROPERTIES = ("removePropertyChangeListener", "removeVetoableChangeListener")
# methods by which an emitter gives out the functions that listen to it
_HANDS_OUT = frozenset({"listeners", "rawListeners", "getListeners"})


def _last(place: Place) -> str:
    return place.path[-1] if place.path and place.path[-1] != "[]" else ""


class Matching:
    """Compares the acquisitions of one unit with its removals."""

    def __init__(self, index: Index, aliases: Aliases, callbacks: Callbacks) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.callbacks = callbacks

    def match(self, item: Acquisition, removal: Removal, misses: bool) -> None:
        """misses: whether the removal is for this if for anything, so that a mismatch is a mistake."""
        if removal.call.handle != -1:
            self._match_handle(item, removal)
            return
        receiver = self.callbacks.same_receiver(item.receiver, removal.receiver)
        if receiver == "different" and item.pair.process_wide and self._is_type(item.receiver):
            receiver = "unknown"  # a helper that takes the one server as an argument
        told = removal.call.event >= 0 or NONE not in (item.event, removal.event)
        event = self._same_event(item, removal) if told else "equal"
        apart = self._is_of_one_property(item, removal)
        if apart:
            event = "different"
        if removal.call.ends_all:
            if "different" not in (receiver, event):
                self._released(item, removal)
            return
        callback: Same = "equal"
        if removal.call.callback >= 0:
            callback = self.callbacks.same_callback(item.callback, removal.callback)
        capture: Same = "equal"
        if removal.call.options >= 0:
            capture = self.callbacks.same_capture(item.options, removal.options)
        wrong = [
            what
            for what, same in (
                ("receiver", receiver),
                ("event", event),
                ("function", callback),
                ("capture", capture),
            )
            if same == "different"
        ]
        last = item.event != NONE and self.unit.values[item.event].text in item.pair.last_events
        if not wrong and last and receiver == callback == "unknown" and self._is_nowhere(item.callback):
            return  # what the removal takes off may be anything but this
        if not wrong:
            self._released(item, removal)
        elif not misses:
            return  # an addition of its own is what it is for
        elif wrong == ["receiver"] and item.pair.wraps:
            return  # takes something else off what it is called on
        elif wrong == ["event"] and removal.callback == NONE:
            return  # `target.off("click")` takes off what others have added
        elif len(wrong) == 1 and (
            (wrong[0] in ("function", "capture") and (receiver == "equal" or self._alike(item, removal)))
            or (wrong[0] == "function" and self._is_new(removal.callback))
            or (receiver, event, callback).count("equal") == 2
            or (apart and callback == "equal")
        ):
            item.missed_by.append((removal.effect, "property" if apart else wrong[0]))

    def is_of(self, item: Acquisition, removal: Removal) -> bool:
        """Whether a removal names the very field or variable that an acquisition does, whoever's it is."""
        if removal.call.ends_all:
            return self._is_of_all(item, removal)
        if removal.call.callback < 0 or NONE in (item.callback, removal.callback):
            return False
        if self._same_event(item, removal) == "different":
            return False
        added, removed = (self.callbacks.identity(value)[1] for value in (item.callback, removal.callback))
        return added is not None and removed is not None and bool(added.path) and added.path == removed.path

    def _is_of_all(self, item: Acquisition, removal: Removal) -> bool:
        """`transport.removeAllListeners(channel)` of what `transport.on(channel, …)` adds elsewhere."""
        if NONE in (item.event, removal.event) or not self._alike(item, removal):
            return False
        added, removed = (self.unit.values[value] for value in (item.event, removal.event))
        if added.kind != "place" or removed.kind != "place":
            return False
        one, other = self.unit.places[added.place], self.unit.places[removed.place]
        if NONE in (one.symbol, other.symbol) or one.path != other.path:
            return False
        return self.unit.symbols[one.symbol].name == self.unit.symbols[other.symbol].name

    def names_others(self, item: Acquisition, removal: Removal) -> bool:
        """Whether the function of a removal is a field of another name: it has an addition of its own."""
        if removal.call.ends_all:
            return not self._alike(item, removal) and self._same_event(item, removal) == "unknown"
        added, removed = (self.callbacks.identity(value)[1] for value in (item.callback, removal.callback))
        if added is None or removed is None or not added.path:
            return False  # `this` of a Runnable, a parameter: whatever field it is kept in
        unknown = self.callbacks.same_callback(item.callback, removal.callback) == "unknown"
        return unknown and added.path[-1:] != removed.path[-1:]

    def _same_event(self, item: Acquisition, removal: Removal) -> Same:
        if not item.pair.named:
            return self.callbacks.same_event(item.event, removal.event)
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        return self.callbacks.covers(call.name, removal.event)

    def _is_of_one_property(self, item: Acquisition, removal: Removal) -> bool:
        """Java: `addPropertyChangeListener("price", f)`, `removePropertyChangeListener(f)`, or the reverse.

        `java.beans.PropertyChangeSupport` keeps those of one property apart from those of all.
        """
        call = self.unit.effects[removal.effect]
        names = isinstance(call, Call) and call.name in _OF_PROPERTIES
        return names and (item.event == NONE) != (removal.event == NONE)

    def _is_nowhere(self, callback: int) -> bool:
        """JavaScript: a function that is written where it is handed over: no variable or field holds it."""
        row = self.unit.values[callback]
        if (
            self.unit.language != "javascript"
            or row.kind != "closure"
            or not _HANDS_OUT.isdisjoint(self.index.calls)
        ):
            return False
        return not self.unit.scopes[row.scope].name

    def _is_type(self, receiver: int) -> bool:
        """Java: whether a call is one of a class, by its name."""
        if self.unit.language != "java" or receiver == NONE:
            return False
        place = self.unit.places[receiver]
        return place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].name[:1].isupper()

    def _alike(self, item: Acquisition, removal: Removal) -> bool:
        """Whether two receivers are written the same: `el` of `enable(el)` and of `disable(el)`."""
        if NONE in (item.receiver, removal.receiver):
            return False
        a, r = self.unit.places[item.receiver], self.unit.places[removal.receiver]
        if NONE in (a.symbol, r.symbol) or a.path != r.path:
            return False
        return self.unit.symbols[a.symbol].name == self.unit.symbols[r.symbol].name

    def _is_new(self, callback: int) -> bool:
        """Whether a removal names a function that is made for it, or none, so that no addition can match."""
        return self.callbacks.identity(callback)[0] in ("inline", "rebound", "nothing")

    def _match_handle(self, item: Acquisition, removal: Removal) -> None:
        if removal.call.handle >= 0:
            if removal.handle == NONE:
                return
            places = self.aliases.of_value(removal.handle)
            row = self.unit.values[removal.handle]
            direct = self.unit.places[row.place] if row.kind == "place" else None
        else:
            if removal.receiver == NONE:
                return
            places = self.aliases.of(removal.receiver)
            direct = self.unit.places[removal.receiver]
        if any(place.call == item.effect and not place.path for place in places):
            self._released(item, removal)
        elif item.handle is not None:
            mine = {item.handle, *self.aliases.resolve(item.handle), *self._stored_in(item.handle)}
            if direct in mine or mine & set(places):
                self._released(item, removal)
            elif (
                direct is not None
                and _last(direct)
                and _last(direct) == _last(item.handle)
                and not self._are_strangers(direct, item.handle)
            ):
                self._released(item, removal)  # the same field reached another way
        elif item.destination in ("passed", "returned"):
            self._released(item, removal)

    def _are_strangers(self, one: Place, other: Place) -> bool:
        """JavaScript: `this.timer` of two classes of this file, neither of which extends the other."""
        if self.unit.language != "javascript" or NONE in (one.symbol, other.symbol):
            return False
        rows = [self.unit.symbols[place.symbol] for place in (one, other)]
        if (
            any(row.kind != "this" or row.target == NONE for row in rows)
            or len(one.path) + len(other.path) > 2
        ):
            return False
        first, second = rows[0].target, rows[1].target
        if first == second or any(self.unit.owners[number].kind != "class" for number in (first, second)):
            return False
        return second not in self.index.base_owners(first) and first not in self.index.base_owners(second)

    def _stored_in(self, handle: Place) -> set[Place]:
        """The fields that a handle in a local is stored in as well: `this.timer = timer`."""
        if handle.path or handle.symbol == NONE:
            return set()
        found = set()
        for place, binds in self.index.binds.items():
            for number in binds if place.path else ():
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and bind.value != NONE and bind.how == "assign":
                    row = self.unit.values[bind.value]
                    if row.kind == "place" and self.unit.places[row.place] == handle:
                        found.add(place)
        return found

    def _released(self, item: Acquisition, removal: Removal) -> None:
        item.released_by.append(removal.effect)
        removal.matches += 1
