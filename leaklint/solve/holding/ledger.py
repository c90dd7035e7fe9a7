"""Keeps which holders a unit has, and what happens to them and to the parameters that may be one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit, Value
from leaklint.models import Models
from leaklint.solve.aliases import Aliases
from leaklint.solve.containers import containers
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.index import Index
from leaklint.solve.once import solved


class Ledger:
    """The holders of one unit by place, with their growths and releases."""

    def __init__(self, index: Index, aliases: Aliases, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.models = models
        self.known = containers(models)
        self.by_place: dict[Place, Holder] = {}
        # what happens to a parameter inside its function, for callers that hand over a holder
        self.param_growths: dict[int, list[Growth]] = defaultdict(list)
        self.param_releases: dict[int, list[Release]] = defaultdict(list)
        # what happens to holders of other files
        self.foreign: dict[Place, list[Growth | Release]] = defaultdict(list)

    def is_field_elsewhere(self, place: Place) -> bool:
        """Whether a step into a variable means a field of a class in this file.

        Python: a variable of the module; JavaScript: any, such as `self` that is `this`.
        """
        if self.unit.language == "java" or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if self.unit.language == "python" and (symbol.scope or symbol.kind != "variable"):
            return False
        return symbol.kind in ("variable", "constant") and self.aliases.resolve(place) != (place,)

    def targets(self, place: int) -> Iterator[tuple[Holder | None, Place, int]]:
        """(holder, parameter place or holder place, depth) of the containers that a place may be.

        depth: 0 for the container itself, 1 for one of its entries, and so on.
        """
        for found in self.aliases.of(place):
            yield from self.split(found)

    def split(self, found: Place) -> Iterator[tuple[Holder | None, Place, int]]:
        depth = 0
        path = found.path
        while path and path[-1] == "[]":
            path = path[:-1]
            depth += 1
        base = Place(found.symbol, path, found.call) if depth else found
        holder = self.by_place.get(base)
        if holder is not None:
            yield holder, base, depth
        elif base.symbol != NONE:
            kind = self.unit.symbols[base.symbol].kind
            if (
                (kind == "parameter" and not base.path)
                or kind == "import"
                or (base.path and kind == "global")
            ):
                yield None, base, depth

    def grows(self, holder: Holder | None, place: Place, growth: Growth) -> None:
        if self._adds_literal_keys(growth):
            return
        if growth.depth and holder is not None and not self.holds_containers(holder):
            return  # a method of an entry that happens to be called like one of a container
        if holder is not None:
            holder.growths.append(growth)
        elif self._is_foreign(place):
            self.foreign[place].append(growth)
        else:
            self.param_growths[place.symbol].append(growth)

    def loses(self, holder: Holder | None, place: Place, release: Release) -> None:
        if holder is not None:
            holder.releases.append(release)
        elif self._is_foreign(place):
            self.foreign[place].append(release)
        else:
            self.param_releases[place.symbol].append(release)

    def _adds_literal_keys(self, growth: Growth) -> bool:
        """`X.update({"a": …, "b": …})` adds the same keys each time."""
        if not growth.spreads or growth.depth or len(growth.values) != 1:
            return False
        row = self.unit.values[growth.values[0]]
        return row.kind == "container" and row.text in ("dict", "object") and not self._is_open(row)

    def _is_open(self, row: Value) -> bool:
        """Whether a literal has keys that it does not spell out, or the entries of something else."""
        return len(row.keys) < len(row.parts) or "" in row.keys

    def holds_containers(self, holder: Holder) -> bool:
        """Whether the declared type of the entries may be a container: all may that are not declared."""
        if self.unit.language == "javascript":
            return not self._lists_objects(holder)
        if self.unit.language != "java" or not holder.place.path:
            return True
        _, given = self._declared_types.get(holder.place, ("", ()))
        return not given or given[-1] in self.known.by_name or len(given[-1]) == 1

    def key_type(self, holder: Holder) -> str:
        """Java: the declared type of the keys of a map, or of the elements of a set; "" for others."""
        kind, given = self._declared_types.get(holder.place, ("", ()))
        is_set = len(given) == 1 and kind.endswith("Set")
        return given[0] if is_set or (len(given) == 2 and "Multi" not in kind) else ""

    @solved
    def _declared_types(self) -> dict[Place, tuple[str, tuple[str, ...]]]:
        """The declared types of containers in fields, with their arguments."""
        found: dict[Place, tuple[str, tuple[str, ...]]] = {}
        for number, symbol in enumerate(self.unit.symbols):
            if symbol.kind in ("field", "static") and symbol.type_args:
                place = self.declared_place(number)
                if place is not None:
                    found[place] = (symbol.type, symbol.type_args)
        return found

    def _lists_objects(self, holder: Holder) -> bool:
        """`const corners = [new Point(), new Point()]`: of a class that no model calls a container."""
        value = self.index.bind(holder.declared).value if holder.declared != NONE else NONE
        row = self.unit.values[value] if value != NONE else None
        if row is None or row.kind != "container" or row.text != "array":
            return False
        parts = [self.unit.values[part] for part in row.parts]
        calls = [self.unit.effects[part.call] for part in parts if part.kind == "call"]
        return 0 < len(parts) == len(calls) and all(
            isinstance(call, Call) and call.new and call.name not in self.known.last_names for call in calls
        )

    def declared_place(self, number: int) -> Place | None:
        symbol = self.unit.symbols[number]
        if symbol.kind in ("static", "field"):
            owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
            root = owner.symbol if symbol.kind == "static" else owner.this
            return Place(root, ("." + symbol.name,)) if root != NONE else None
        return Place(number)

    def _is_foreign(self, place: Place) -> bool:
        return self.unit.symbols[place.symbol].kind != "parameter"
