"""Java: periodic tasks whose handle is dropped, on a scheduler that lives on when their object ends."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.repeats import Repeats

_ENDS = (
    "shutdown",
    "shutdownNow",
    "close",
    "closeQuietly",
    "dispose",
    "terminate",
    "destroy",
    "stop",
    "cancel",
)
# methods that run for each object that comes, and names of what comes and goes
_ARRIVES = regex(
    r"^(on[A-Z]|handle|afterConnection|channel(Active|Registered)|handlerAdded|accept|connect|open|join|login|"
    r"attach|watch|track|monitor|subscribe|add|register|session|client|player|entered|new[A-Z]|keepAlive|heartbeat)"
)
_COMES = regex(
    r"(?i)(session|connection|channel|client|player|socket|request|ctx|channelhandlercontext|conn|user|"
    r"subscriber|device|job|peer|emitter|exchange|stream|endpoint|room|game|subscription|event|link|viewer|member)$"
)
_MAKES = ("Executors.", "new", "create", "make", "build")


class Tasks:
    """Periodic tasks of one unit."""

    def __init__(self, pairs: Pairs, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.pairs = pairs
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self.lifecycle = lifecycle
        self.repeats = repeats

    def outlives(self, item: Acquisition) -> bool:
        """Whether nothing can stop a task although its object, or the call that started it, is done with."""
        if item.destination != "dropped" or item.receiver == NONE:
            return False
        effect = self.unit.effects[item.effect]
        if self._is_of_connection(item, effect.scope):
            return True
        place = self.unit.places[item.receiver]
        if place.symbol == NONE or len(place.path) > 1:
            return False
        if self._is_static(place):
            return self._is_of_call(item, effect.scope)
        owner = self._owner(effect.scope)
        if owner == NONE or self.repeats.is_singleton(owner) or not self.lifecycle.teardown_of(owner):
            return False
        given, made = self._origins(place)
        if not given or not self.holds(item.callback, owner):
            return False
        ends = self._endings(place)
        if made:  # its own, or one that others use: the class tells them apart
            return bool(ends) and all(self._is_conditional(number) for number in ends)
        return not ends and not self._is_handed_on(place)

    def _owner(self, scope: int) -> int:
        owner = self.lifecycle.owner_of(scope)
        while owner != NONE and self.unit.owners[owner].kind == "anonymous":
            owner = self.unit.owners[owner].outer
        return owner

    def _is_static(self, place: Place) -> bool:
        kind = self.unit.symbols[place.symbol].kind
        return kind == "static" or (kind == "class" and len(place.path) == 1)

    # -- for one connection after the other

    def _is_of_connection(self, item: Acquisition, scope: int) -> bool:
        """`onOpen(session)` of what serves many starts a task that refers to the session, and goes on."""
        row = self.unit.scopes[self.index.function(scope)]
        if row.kind != "method" or not _ARRIVES.match(row.name) or item.callback == NONE:
            return False
        come = {
            param
            for param in row.params
            if _COMES.search(self.unit.symbols[param].type) or _COMES.search(self.unit.symbols[param].name)
        }
        if not come & self._captured(item.callback) or self._ends_itself(item.callback):
            return False
        scheduler = self.unit.places[item.receiver]
        own = not scheduler.path and scheduler.symbol != NONE
        own = own and self.unit.symbols[scheduler.symbol].kind in ("variable", "constant")
        return not (own and self._endings(scheduler))  # one of this call, which ends it somewhere

    def _ends_itself(self, callback: int) -> bool:
        """Whether a task throws, as its scheduler's way to be told that it is over, or cancels something."""
        row = self.unit.values[callback]
        scopes = {row.scope} if row.kind == "closure" else set()
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call) and call.args and self.unit.values[call.args[-1]].kind == "class":
            scopes |= set(self.unit.owners[self.unit.values[call.args[-1]].owner].methods)
        return not scopes or any(
            (isinstance(effect, Leave) and effect.how == "raise")
            or (isinstance(effect, Call) and effect.name.startswith(("cancel", "shutdown", "stop")))
            for scope in scopes
            for effect in (self.unit.effects[number] for number in self.index.of_function.get(scope, ()))
        )

    # -- on a scheduler that was given

    def _origins(self, place: Place) -> tuple[bool, bool]:
        """Whether a field may hold a scheduler of somebody else, and whether it may hold one of its own."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and not place.path:
            return self.unit.scopes[symbol.scope].kind == "constructor", False
        if symbol.kind != "this" or len(place.path) != 1:
            return False, False
        given = made = False
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            for value in self._parts(bind.value):
                row = self.unit.values[value]
                call = self.unit.effects[row.call] if row.kind == "call" else None
                if isinstance(call, Call):
                    own = call.new or call.name.startswith(_MAKES)
                    made, given = made or own, given or (not own and call.name.startswith("get"))
                elif row.kind == "place":
                    source = self.unit.places[row.place]
                    kind = self.unit.symbols[source.symbol].kind if source.symbol != NONE else ""
                    given = given or (kind == "parameter" and not source.path)
        return given, made

    def _parts(self, value: int) -> tuple[int, ...]:
        if value == NONE:
            return ()
        row = self.unit.values[value]
        return row.parts if row.kind == "conditional" else (value,)

    def _endings(self, place: Place) -> list[int]:
        """Calls that end the scheduler, by name."""
        found = []
        places = {place, *self._aliases(place)}
        for name in _ENDS:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and (
                    self.unit.places[call.receiver] in places
                    or places & set(self.pairs.aliases.of(call.receiver))
                ):
                    found.append(number)
        return found

    def _aliases(self, place: Place) -> set[Place]:
        """The field that keeps a parameter, and the parameter that a field keeps."""
        found: set[Place] = set()
        for target, binds in self.index.binds.items():
            for number in binds:
                bind = self.unit.effects[number]
                row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                if row is None or row.kind != "place":
                    continue
                source = self.unit.places[row.place]
                if source == place:
                    found.add(target)
                elif target == place:
                    found.add(source)
        return found

    def _is_conditional(self, number: int) -> bool:
        """Whether a test decides that asks for more than whether there is anything to end."""
        for index in self.index.regions(self.unit.effects[number].region):
            region = self.unit.regions[index]
            if region.kind != "branch" or region.test == NONE:
                continue
            row = self.unit.values[region.test]
            nulls = any(self.unit.values[part].kind == "null" for part in row.parts)
            if row.kind != "operation" or not nulls or row.text == "==":
                return True
        return False

    def _is_handed_on(self, place: Place) -> bool:
        """Whether the scheduler is handed to something named as one that ends it."""
        places = {place, *self._aliases(place)}
        for effect in self.unit.effects:
            if not isinstance(effect, Call) or not effect.name.lower().startswith(
                ("close", "shutdown", "stop", "dispose", "release", "terminate")
            ):
                continue
            if any(places & set(self.pairs.aliases.of_value(value)) for value in effect.args):
                return True
        return False

    def holds(self, callback: int, owner: int) -> bool:
        """Whether a task refers to the object around it."""
        if callback == NONE:
            return False
        row = self.unit.values[callback]
        this = self.unit.owners[owner].this
        if row.kind == "closure":
            return any(
                self.unit.symbols[symbol].kind == "this" for symbol in self.unit.scopes[row.scope].captures
            )
        if row.kind == "place":
            place = self.unit.places[row.place]
            if place.symbol != this:
                return False
            if not place.path or self.index.method(owner, place.path[0][1:]) != NONE:
                return True  # itself, or one of its methods
            values = [
                self.unit.effects[number].value  # type: ignore[union-attr]
                for number in self.index.binds.get(place, ())
            ]
            return bool(values) and all(self.holds(value, owner) for value in values if value != NONE)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not call.new:
            return False
        if any(self._is_this(value, this) for value in call.args):
            return True
        if call.args and self.unit.values[call.args[-1]].kind == "class":
            return True
        return self._is_inner(call, owner)

    def _is_this(self, value: int, this: int) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == Place(this)

    def _is_inner(self, call: Call, owner: int) -> bool:
        """`new Sweeper()` of an inner class, which keeps the object around."""
        place = self.unit.places[call.callee] if call.callee != NONE else None
        if place is None or place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "class" or symbol.target == NONE:
            return False
        row = self.unit.owners[symbol.target]
        return row.kind == "class" and row.outer == owner and "static" not in row.flags

    # -- on a scheduler of the class

    def _is_of_call(self, item: Acquisition, scope: int) -> bool:
        """Whether a task on a static scheduler keeps an object that is made for one caller."""
        if item.callback == NONE or not self.repeats.repeats(item.effect):
            return False
        function = self.index.function(scope)
        row = self.unit.scopes[function]
        if row.kind == "constructor":
            owner = self._owner(scope)
            return (
                owner != NONE
                and not self.repeats.is_singleton(owner)
                and not self.lifecycle.is_service(owner)
                and self.holds(item.callback, owner)
            )
        given = {
            symbol for number in self.index.returns.get(function, ()) for symbol in self._returned(number)
        }
        return bool(given & self._captured(item.callback))

    def _returned(self, number: int) -> set[int]:
        value = self.unit.effects[number].value  # type: ignore[union-attr]
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return set()
        symbol = self.unit.symbols[place.symbol]
        return {place.symbol} if symbol.kind in ("variable", "constant") and self._is_new(place) else set()

    def _is_new(self, place: Place) -> bool:
        for number in self.index.binds.get(place, ()):
            value = self.unit.effects[number].value  # type: ignore[union-attr]
            row = self.unit.values[value] if value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.new:
                return True
        return False

    def _captured(self, value: int) -> set[int]:
        """Locals of the function around that a task, or the local that keeps it, refers to."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return set(self.unit.scopes[row.scope].captures)
        if row.kind == "place":
            place = self.unit.places[row.place]
            found: set[int] = {place.symbol}  # `meter::tick`
            for number in self.index.binds.get(place, ()):
                bound = self.unit.effects[number].value  # type: ignore[union-attr]
                if bound != NONE and self.unit.values[bound].kind in ("closure", "call"):
                    found |= self._captured(bound)
            return found
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not call.new:
            return set()
        found = set()
        for value in call.args:
            part = self.unit.values[value]
            if part.kind == "place":
                found.add(self.unit.places[part.place].symbol)
            elif part.kind == "class":
                found |= self._captured_by(part.owner)
        return found

    def _captured_by(self, owner: int) -> set[int]:
        found: set[int] = set()
        for scope in self.unit.owners[owner].methods:
            found |= set(self.unit.scopes[scope].captures)
        return found
