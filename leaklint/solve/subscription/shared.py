"""Java: judges objects, one after the other, that listen to what others use as well."""

from __future__ import annotations

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.receivers import is_skin
from leaklint.solve.repeats import Repeats
from leaklint.solve.subscription.injected import SUBJECTS, Injected

# Java: types of values that others change as well
_OBSERVABLE = regex(r"(ReadOnly|Simple|Observable)\w*|\w+(Property|Binding)")
# Java: classes whose objects are made for one game, connection, request or thing that is shown
_ONE_OF_MANY = regex(
    r"(Gui|GUI|Inventory|Match|Arena|Game|Duel|Quest|Round|Prompt|Endpoint|Connection|Channel|Request|Job|Legend|"
    r"Viewer|Screen|Wizard|Download|Upload|Player|Conversation|Call|Form|Browser|Transaction|Peer|Stream|Figure)"
    r"(Impl)?$"
)
# Java: classes of which each window has one
_OF_THE_WINDOW = regex(
    r"^Main|(Frame|Window|MenuBar|StatusBar|ToolBar|Toolbar|SidePane\w*|Sidebar|Desktop|Ribbon)$"
)


class Shared:
    """Judges the listeners and tasks of the classes of one unit."""

    def __init__(self, pairs: Pairs, lifecycle: Lifecycle, repeats: Repeats, injected: Injected) -> None:
        self.pairs = pairs
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self.lifecycle = lifecycle
        self.repeats = repeats
        self.injected = injected

    def is_shared(self, item: Acquisition, owner: int) -> bool:
        """Java: an object that is closed, or one of many, listens to what its constructor was given."""
        if item.life != "injected" or item.receiver == NONE:
            return False
        if self._is_of_control(item, owner):
            return self._holds_owner(item.callback) and not self._is_said(item, owner)
        many = self._comes_and_goes(owner)
        if self._is_of_window(owner):
            return False
        if not many and not self.lifecycle.teardown_of(owner):
            return False
        if item.destination in ("returned", "passed"):
            return False
        serves = self.lifecycle.is_service(owner) and not self.repeats.singletons.is_scoped(owner)
        if serves or self.repeats.is_singleton(owner):
            return False  # as long as what it listens to
        place, given_out = self._root(self.unit.places[item.receiver])
        symbol = self.index.symbol(place)
        if symbol is None or len(place.path) > 1 or not self._holds_owner(item.callback):
            return False
        kind = symbol.type
        if symbol.kind == "parameter":
            if self.unit.scopes[symbol.scope].kind != "constructor":
                return False
            named = bool(SUBJECTS.search(symbol.name) or SUBJECTS.search(symbol.type))
        elif symbol.kind == "this" and place.path:
            kind = self.pairs.field_type(symbol.target, place.path[0])
            named = bool(SUBJECTS.search(place.path[0]))
            if many and not self.injected.is_given(place):
                return False
        else:
            return False
        return named or (many and not given_out and bool(_OBSERVABLE.match(kind)))

    def is_one_of_many(self, item: Acquisition, owner: int) -> bool:
        """Java: a part of a window, a session or the like, which what it listens to keeps with it."""
        if not self._comes_and_goes(owner) or self.repeats.is_singleton(owner):
            return False
        if self.in_static(item) or self.lifecycle.is_service(owner):
            return False
        return self._holds_owner(item.callback)

    def _comes_and_goes(self, owner: int) -> bool:
        """Java: whether there are many of a class, one after the other, and none is part of the window."""
        name = self.unit.owners[owner].name
        many = plurality.comes_and_goes(self.unit, owner) or _ONE_OF_MANY.search(name) is not None
        return many and not self._is_of_window(owner)

    def _is_of_window(self, owner: int) -> bool:
        """Java: the window of the program or a part of it, unless the class says that it is disposed of."""
        name = self.unit.owners[owner].name
        if not _OF_THE_WINDOW.search(name):
            return False
        if name.startswith(("Main", "App")) or "exit" in self.index.calls:
            return True
        if "dispose" in self.index.method_names.get(owner, {}):
            return False
        for number in self.index.calls.get("setDefaultCloseOperation", ()):
            call = self.unit.effects[number]
            said = [self.index.name_of(value) for value in call.args] if isinstance(call, Call) else []
            if "DISPOSE_ON_CLOSE" in said and self.lifecycle.owner_of(call.scope) == owner:
                return False
        return True

    def task(self, item: Acquisition, owner: int) -> Confidence:
        """A periodic task that holds its object, on a scheduler that others use as well."""
        if self.unit.owners[owner].kind == "anonymous" and self.unit.owners[owner].outer != NONE:
            return self.task(item, self.unit.owners[owner].outer)
        if self.lifecycle.is_component(owner) and item.life == "global":
            return "medium"
        if not self.lifecycle.teardown_of(owner) or self.repeats.is_singleton(owner):
            return "low"  # serves as long as the scheduler
        if self.lifecycle.is_service(owner) or not self._holds_owner(item.callback):
            return "low"
        return "low" if self._ends_scheduler(item) else "medium"

    def _ends_scheduler(self, item: Acquisition) -> bool:
        """Whether the class ends the scheduler that it was given, or hands it to something that may."""
        places = set(self.pairs.aliases.of(item.receiver))
        for name in ("shutdown", "shutdownNow", "close", "closeQuietly", "dispose", "terminate", "destroy"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and places & set(self.pairs.aliases.of(call.receiver)):
                    return True
                if any(places & set(self.pairs.aliases.of_value(value)) for value in call.args):
                    return True
        return False

    def _holds_owner(self, callback: int) -> bool:
        """Whether a task refers to the object around: as a lambda, a method reference, or an inner class."""
        row = self.unit.values[callback]
        if row.kind == "closure":
            symbols = [self.unit.symbols[symbol] for symbol in self.unit.scopes[row.scope].captures]
            return any(symbol.kind == "this" for symbol in symbols)
        if row.kind == "place":
            place = self.unit.places[row.place]
            kind = self.unit.symbols[place.symbol].kind if place.symbol != NONE else ""
            bound = [self.unit.effects[index].value for index in self.index.binds.get(place, ())]  # type: ignore[union-attr]
            if kind in ("variable", "constant") and not place.path and len(bound) == 1:
                return bound[0] != NONE and self._is_code(bound[0]) and self._holds_owner(bound[0])
            if kind != "this":
                return False
            return all(self._is_code(value) for value in bound if value != NONE)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and bool(call.args) and self.unit.values[call.args[-1]].kind == "class"

    def _is_code(self, value: int) -> bool:
        """Whether a field is bound to a function: a lambda, a method reference, an anonymous class."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call):
            return call.new
        return row.kind == "closure" or self.pairs.callbacks.identity(value)[0] == "rebound"

    def _root(self, place: Place) -> tuple[Place, bool]:
        """What gives out the value that is listened to: `preferences` of `preferences.fontProperty()`."""
        given_out = False
        for _ in range(3):
            call = self.unit.effects[place.call] if place.symbol == NONE and place.call != NONE else None
            if not isinstance(call, Call) or call.receiver == NONE or place.path:
                break
            place, given_out = self.unit.places[call.receiver], True
        return place, given_out

    def _is_of_control(self, item: Acquisition, owner: int) -> bool:
        """JavaFX: a skin listens to its control, which lives on when it gets another skin."""
        if not is_skin(self.unit, owner):
            return False
        place = self.unit.places[item.receiver]
        for _ in range(4):
            call = self.unit.effects[place.call] if place.symbol == NONE and place.call != NONE else None
            if not isinstance(call, Call) or call.receiver == NONE or place.path:
                break
            if call.name == "getSkinnable":
                return True
            place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind != "parameter" or place.path:
            return False
        scope = self.unit.scopes[symbol.scope]
        return scope.kind == "constructor" and scope.params[0] == self.unit.symbols.index(symbol)

    def _is_said(self, item: Acquisition, owner: int) -> bool:
        """Whether an earlier listener of a skin says it for all: most add one for each property."""
        for other in self.pairs.acquisitions:
            if other is item:
                return False
            mine = self.lifecycle.owner_of(self.unit.effects[other.effect].scope) == owner
            left = other.life == "injected" and other.receiver != NONE and not other.released_by
            if mine and left and self._is_of_control(other, owner) and self._holds_owner(other.callback):
                return True
        return False

    def in_static(self, item: Acquisition) -> bool:
        around = self.index.enclosing(self.unit.effects[item.effect].scope)
        return any("static" in self.unit.scopes[function].flags for function in around)
