"""Tells which acquisitions end by themselves: once, with a signal, with an option that says so."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.selfremoval import stops_itself, takes_itself_off


class Endings:
    """Reads the options of the acquisitions of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def releases_itself(self, item: Acquisition) -> bool:
        """Whether options (`once`, `signal`) or the event end the acquisition without a removal."""
        if item.once or takes_itself_off(self.index, item.pair, item.callback):
            return True
        if item.pair.kind == "observer" and stops_itself(self.index, item.effect):
            return True
        if item.options != NONE and item.pair.self_release and self._options_release(item, item.options):
            return True
        if item.event != NONE:
            event = self.unit.values[item.event].text
            return event in item.pair.quiet_events or (
                item.life in ("injected", "unknown") and event in item.pair.last_events
            )
        return False

    def _options_release(self, item: Acquisition, options: int) -> bool:
        row = self.unit.values[options]
        if row.kind != "container" and item.pair.kind == "listener" and ".on" in item.pair.acquire:
            return False  # `emitter.on(event, f, this)`
        if row.kind == "place":
            return self._options_place(item, self.unit.places[row.place])
        if row.kind == "conditional":
            return any(self._options_release(item, part) for part in row.parts)
        if row.kind not in ("container", "boolean", "null"):
            return True  # options built elsewhere: not understood
        for key, part in zip(row.keys, row.parts, strict=False):
            value = self.unit.values[part]
            if key == "once" and self._is_lasting_signal(item):
                continue  # a signal that is never aborted never calls it
            if key in item.pair.self_release and not (value.kind == "boolean" and value.text == "false"):
                return True
            if key == "":
                return True  # spread or computed key
        return False

    def _is_lasting_signal(self, item: Acquisition) -> bool:
        """An abort signal that somebody else made, and may hand to many calls."""
        return item.life in ("injected", "module") and item.event != NONE and self.is_abort(item)

    def is_abort(self, item: Acquisition) -> bool:
        return self.unit.values[item.event].text == "abort" and item.receiver != NONE

    def _options_place(self, item: Acquisition, place: Place) -> bool:
        symbol = self.index.symbol(place)
        if symbol is not None and (
            symbol.type == "boolean" or symbol.name in ("capture", "useCapture", "undefined", "passive")
        ):
            return False
        for index in self.index.binds.get(place, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value != NONE:
                row = self.unit.values[bind.value]
                if row.kind == "container":
                    return any(key in item.pair.self_release for key in row.keys)
                if row.kind == "boolean":
                    return False
        return True
