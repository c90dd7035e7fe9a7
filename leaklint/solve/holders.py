"""Finds containers that outlive the calls that fill them, and what grows, empties and bounds them."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.aliases import Aliases
from leaklint.solve.holding.bounds import Bounds
from leaklint.solve.holding.changes import Changes
from leaklint.solve.holding.declared import Declared
from leaklint.solve.holding.endless import Endless
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.holding.ledger import Ledger
from leaklint.solve.holding.making import Making
from leaklint.solve.holding.parameters import Parameters
from leaklint.solve.holding.rebinds import Rebinds
from leaklint.solve.index import Index
from leaklint.solve.interface import Links
from leaklint.solve.once import solved
from leaklint.solve.repeats import Repeats

# calls that hand over to work of its own, or to who waits for a result: from then on it is for them to empty
_HANDS_ON = frozenset(
    {"Thread", "Process", "Timer", "start_new_thread", "spawn", "submit", "run_in_executor", "apply_async"}
    | {"partial", "callback", "set_result", "create_task", "ensure_future"}
)


class Holders:
    """All holders of a unit with their effects, keyed by place."""

    def __init__(
        self, index: Index, aliases: Aliases, repeats: Repeats, models: Models, links: Links
    ) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.repeats = repeats
        self.models = models
        self.links = links
        self.ledger = Ledger(index, aliases, models)
        self.making = Making(index, self.ledger.known)
        self.rebinds = Rebinds(index, aliases, repeats)
        Declared(self.ledger, self.making, repeats).find(links)
        if self.by_place or any(scope.params for scope in self.unit.scopes) or self._replaces_foreign():
            Changes(self.ledger, self.rebinds).find()
            Parameters(self.ledger).move()
            Bounds(self.ledger, self.making).mark()
            Endless(self.ledger).mark()

    @property
    def by_place(self) -> dict[Place, Holder]:
        """The holders of the unit, by the place that they are kept in."""
        return self.ledger.by_place

    @property
    def foreign(self) -> dict[Place, list[Growth | Release]]:
        """What happens here to holders of other files."""
        return self.ledger.foreign

    def _replaces_foreign(self) -> bool:
        """Whether a file sets a field of something that it imports."""
        symbols = self.unit.symbols
        return any(
            len(place.path) == 1 and place.symbol != NONE and symbols[place.symbol].kind == "import"
            for place in self.index.binds
        )

    def hands_out(self, holder: Holder) -> bool:
        """Whether a method gives the container itself away: its user may empty it."""
        for leaves in self.index.returns.values():
            for number in leaves:
                value = self.unit.effects[number].value  # type: ignore[union-attr]
                row = self.unit.values[value]
                if row.kind == "place" and holder.place in self.aliases.resolve(self.unit.places[row.place]):
                    return True
        return bool(holder.place.path) and holder.place.path[-1] in self._handed_by_others

    @solved
    def _handed_by_others(self) -> set[str]:
        """Python: `run(self.client.pending)` in another class of the file: whoever gets it may empty it."""
        found = set()
        for effect in self.unit.effects if self.unit.language == "python" else ():
            if isinstance(effect, Call):
                for value in (*effect.args, *(value for _, value in effect.keywords)):
                    row = self.unit.values[value]
                    path = self.unit.places[row.place].path if row.kind == "place" else ()
                    if len(path) > 1:
                        found.add(path[-1])
        return found

    def is_handed_in(self, holder: Holder) -> bool:
        """Java: whether a field is only ever bound to a parameter: who made the container may empty it."""
        binds = self.index.binds.get(holder.place, ()) if self.unit.language == "java" else ()
        stored = [self.index.bind(number).value for number in binds]
        rows = [self.unit.values[value] for value in stored if value != NONE]
        places = [self.unit.places[row.place] for row in rows if row.kind == "place"]
        return (
            bool(rows)
            and len(places) == len(rows)
            and all(
                not place.path
                and place.symbol != NONE
                and self.unit.symbols[place.symbol].kind == "parameter"
                for place in places
            )
        )

    def is_given_to_work(self, place: Place) -> bool:
        """Python: `Thread(target=drain, args=(self.pending,))`, `self.deferred.callback(self.rows)`."""
        return self.unit.language == "python" and self.is_argument(place, _HANDS_ON)

    def is_argument(self, place: Place, of: frozenset[str] | None = None) -> bool:
        """Whether a container itself is handed to a call (of these names), whose callee may empty it."""
        references = self.index.references.get(place.symbol, ())
        handed = {
            number for number in references if self.unit.places[self.unit.values[number].place] == place
        }
        if not handed:
            return False
        for effect in self.unit.effects:
            if isinstance(effect, Call) and (of is None or effect.name in of):
                arguments = [*effect.args, *(value for _, value in effect.keywords)]
                for value in arguments:
                    if value in handed or not handed.isdisjoint(self.unit.values[value].parts):
                        return True
        return False
