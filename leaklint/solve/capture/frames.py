"""Python locals that keep the frame they are in: tracebacks, frames, what a waiting generator handles."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place, Unit
from leaklint.solve.capture.kept import KeptError
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.repeats import Repeats

# calls whose result refers to the frame that made them, and names of locals that keep none of it
_OWN_FRAME = frozenset({"sys.exc_info", "inspect.currentframe", "inspect.stack", "inspect.trace"})
_CLASS_NAMES = regex(r"(?i)_+|\w*(type|class|cls|kind|name)_?|e?t|msg|message|caller\w*|outer\w*")
_TRACEBACK = regex(r"(?i)info|tb|trace|tuple")


class Frames:
    """Such locals of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    # -- locals of a loop that never ends

    def in_loops(self) -> Iterator[KeptError]:
        """`rv = sys.exc_info()` in `while True`: the frame of the loop keeps it until the next one."""
        for number in self.index.calls.get("exc_info", ()):
            if callee_name(self.unit, number) != "sys.exc_info" or number + 1 >= len(self.unit.effects):
                continue
            bind = self.unit.effects[number + 1]
            if not isinstance(bind, Bind) or not self.index.in_endless_loop(bind.region):
                continue
            place = self.unit.places[bind.target]
            if place.symbol == NONE or self.unit.symbols[place.symbol].kind != "variable":
                continue
            if self._let_go(place, bind) or self.unit.symbols[place.symbol].scope == 0:
                continue
            yield KeptError(place, number + 1, "loop", bind.value)

    def _let_go(self, place: Place, bind: Bind) -> bool:
        """Whether the loop drops the traceback before it waits for the next piece of work."""
        loop = next(
            (
                self.unit.regions[region]
                for region in self.index.regions(bind.region)
                if self.unit.regions[region].kind == "loop"
            ),
            None,
        )
        if loop is None:
            return True
        for number in range(loop.first, loop.last):
            effect = self.unit.effects[number]
            if isinstance(effect, Call) and effect.name == "clear_frames":
                return True
            if isinstance(effect, Delete) and self.unit.places[effect.target] == place:
                return True
        return any(
            row.how == "assign"
            and row.value != NONE
            and self.unit.values[row.value].kind == "null"
            and row.at > bind.at
            and loop.at <= row.at <= loop.end
            for row in map(self.index.bind, self.index.binds.get(place, ()))
        )

    # -- locals of the very function whose frame a traceback holds

    def in_own_frames(self) -> Iterator[KeptError]:
        """`info = sys.exc_info()`: the traceback refers to the frame, the frame to its local."""
        called = sorted(name for name in _OWN_FRAME if name.rpartition(".")[2] in self.index.calls)
        for full in called:
            for number in self.index.calls[full.rpartition(".")[2]]:
                if callee_name(self.unit, number) != full or not self._is_of_frame(full, number):
                    continue
                item = self._local_of(number, full)
                if item is not None:
                    yield item

    def _local_of(self, number: int, name: str) -> KeptError | None:
        """The local for what a call gives, or for a part of it; the traceback before the exception."""
        found = None
        for other in range(number + 1, min(number + 5, len(self.unit.effects))):
            bind = self.unit.effects[other]
            if not isinstance(bind, Bind) or bind.value == NONE or not self._is_made_by(bind.value, number):
                continue
            place = self.unit.places[bind.target]
            if self._stays_in_frame(place, bind):
                called = self.unit.symbols[place.symbol].name
                sure = name == "sys.exc_info" and _TRACEBACK.search(called) is not None
                if found is None or (sure and not found.sure):
                    found = KeptError(place, other, "local", bind.value, sure)
        return found

    def _is_of_frame(self, name: str, number: int) -> bool:
        """Whether it is the frame that calls: of a traceback, the one that caught the exception."""
        if name.startswith("inspect."):
            return True
        region = self.unit.effects[number].region
        return any(self.unit.regions[each].kind == "except" for each in self.index.regions(region))

    def _is_made_by(self, value: int, number: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "call":
            return row.call == number
        place = self.unit.places[row.place] if row.kind == "place" else None
        return place is not None and place.call == number and place.path in ((), ("[]",), ("[]", "[]"))

    def _stays_in_frame(self, place: Place, bind: Bind) -> bool:
        """Whether a local that a call makes anew is neither deleted nor set to None by its function."""
        if place.symbol == NONE or place.path or bind.how not in ("declare", "assign"):
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "variable" or symbol.scope == 0 or _CLASS_NAMES.fullmatch(symbol.name):
            return False
        if self.repeats.runs(bind.scope) != "call":
            return False
        for number in self.index.deletes:
            effect = self.unit.effects[number]
            if isinstance(effect, Delete) and self.unit.places[effect.target] == place:
                return False
        return not any(
            row.at > bind.at  # set to None, or to the next frame of a walk
            for row in map(self.index.bind, self.index.binds.get(place, ()))
        )

    # -- exceptions that are handled for as long as a generator waits

    def while_suspended(self) -> Iterator[KeptError]:
        """`except LookupError: yield default` of a context manager: the exception lives while it waits."""
        for place, binds in self._handled().items():
            for number in binds:
                yield KeptError(place, number, "yield", NONE)
                break

    def _handled(self) -> dict[Place, list[int]]:
        """Context manager -> its `yield` in an `except` block."""
        found: dict[Place, list[int]] = {}
        for scope, row in enumerate(self.unit.scopes):
            if "generator" not in row.flags or row.symbol == NONE or not self._is_context(row.decorators):
                continue
            for number in self.index.of_function.get(scope, ()):
                effect = self.unit.effects[number]
                if isinstance(effect, Leave) and effect.how == "yield":
                    kinds = {self.unit.regions[each].kind for each in self.index.regions(effect.region)}
                    if "except" in kinds:
                        found.setdefault(Place(row.symbol), []).append(number)
        return found

    def _is_context(self, decorators: tuple[int, ...]) -> bool:
        for value in decorators:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol != NONE:
                name = self.index.last_name(place)
                if name in ("contextmanager", "asynccontextmanager"):
                    return True
        return False
