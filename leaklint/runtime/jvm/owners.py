"""The living objects that own a watched field, and the receivers that were seen at a site.

JDWP finds the objects, the agent inside remembers them weakly. The heap is walked only when the class
histogram shows that some came or went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leaklint.runtime.jvm.histogram import Histogram
from leaklint.runtime.jvm.jdwp import INITIALIZED, Connection
from leaklint.runtime.jvm.sites import Sites
from leaklint.runtime.suspect import Suspect

MOST = 20_000
_HANDED = "Lleaklint_inside/Handed;"


def signature(suspect: Suspect) -> str:
    """Of the class that declares the holder; empty when it has none."""
    owner = suspect.holder.owner.replace(".", "$")
    folder = suspect.package.replace(".", "/") + "/" if suspect.package else ""
    return f"L{folder}{owner};" if owner else ""


class Owners:
    """Which owners live, by watch."""

    def __init__(self, watches: Sequence[Suspect], connection: Connection, sites: Sites) -> None:
        self._connection = connection
        self._sites = sites
        self._signatures = [signature(watch) for watch in watches]
        self._ready = [not name for name in self._signatures]
        self.wanted = any(watch.holder.kind in ("field", "thread-local") for watch in watches)
        self._families: dict[str, list[tuple[int, str]]] = {}
        self._seen = 0
        self._parents: dict[int, int] = {}
        self._handed = 0
        self._fields: dict[str, int] = {}
        self._arrays = 0

    def ready(self) -> str:
        """For each watch `1` if the class of its holder is initialised: before, reading would do that."""
        for number, name in enumerate(self._signatures):
            if not self._ready[number]:
                rows = self._connection.classes(name)
                self._ready[number] = any(status & INITIALIZED for _, status in rows)
        return "".join("1" if row else "0" for row in self._ready)

    def changed(self, state: Sequence[Mapping[str, Any]], found: Histogram | None) -> list[int]:
        """The watches whose known owners are not those that live."""
        asked = [
            number
            for number, row in enumerate(state)
            if row["owned"] and self._ready[number] and self._signatures[number]
        ]
        if not asked or found is None:
            return asked
        return [number for number in asked if self._living(number, found) != state[number]["alive"]]

    def _living(self, watch: int, found: Histogram) -> int:
        family = self._family(self._signatures[watch])
        return min(MOST, sum(found.instances.get(name, 0) for _, name in family))

    def hand(self, watch: int) -> None:
        """Put the living owners of a watched field where the agent inside takes them from."""
        things: list[int] = []
        for type, _ in self._family(self._signatures[watch]):
            things += self._connection.instances(type, MOST)
        things = things[:MOST]
        connection = self._connection
        array = connection.new_array(self._array_type(), len(things))
        connection.set_static(self._handed_type(), self._fields["owners"], array)
        connection.set_elements(array, 0, things)
        connection.forget([*things, array])

    def instances(self, name: str) -> list[int]:
        """The living objects of a class."""
        rows = self._connection.classes(f"L{name.replace('.', '/')};" if name[0] != "[" else name)
        return [thing for type, _ in rows for thing in self._connection.instances(type, MOST)]

    def receive(self, watch: int, thing: int) -> None:
        """Put a receiver where the agent inside takes it from."""
        self._handed_type()
        array = self._connection.values(self._handed, [self._fields["targets"]], static=True)[0].bits
        self._connection.set_elements(array, watch, [thing])

    def make_room(self, size: int) -> None:
        """A place for the objects that `keep` is given."""
        self._handed_type()
        array = self._connection.new_array(self._array_type(), size)
        self._connection.set_static(self._handed, self._fields["made"], array)
        self._connection.forget([array])

    def keep(self, number: int, thing: int) -> None:
        """Let the agent inside hold an object until the calls are over."""
        array = self._connection.values(self._handed, [self._fields["made"]], static=True)[0].bits
        self._connection.set_elements(array, number, [thing])

    def _handed_type(self) -> int:
        if not self._handed:
            self._handed = self._connection.classes(_HANDED)[0][0]
            self._fields = {name: field for field, name, _, _ in self._connection.fields(self._handed)}
        return self._handed

    def _array_type(self) -> int:
        if not self._arrays:
            self._arrays = self._connection.classes("[Ljava/lang/Object;")[0][0]
        return self._arrays

    def _family(self, owner: str) -> list[tuple[int, str]]:
        """Types and names of a class and its subclasses."""
        if owner not in self._families:
            self._families[owner] = []
            self._seen = 0
        loaded = self._sites.loaded
        if self._seen < len(loaded):
            fresh, self._seen = loaded[self._seen :], len(loaded)
            for name, family in self._families.items():
                roots = {type for type, _ in self._connection.classes(name)}
                known = {type for type, _ in family}
                for type, text in fresh:
                    if type not in known and self._descends(type, roots):
                        family.append((type, text[1:-1].replace("/", ".")))
        return self._families[owner]

    def _descends(self, type: int, roots: set[int]) -> bool:
        while type and type not in roots:
            if type not in self._parents:
                self._parents[type] = self._connection.superclass(type)
            type = self._parents[type]
        return bool(type)
