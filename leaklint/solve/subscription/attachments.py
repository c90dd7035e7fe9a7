"""Python callbacks and observers that are attached to something longer-lived and never taken off.

Libraries have as many names for this as there are libraries, so calls are known by their verb
(`subscribe`, `add_listener`, `connect`, `register_callback`), and each shape needs evidence of its own
that the receiver outlives what is attached.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairs import Pairs
from leaklint.solve.roles import Roles
from leaklint.solve.subscription.attaching.attachables import Attachables
from leaklint.solve.subscription.attaching.attached import Attached
from leaklint.solve.subscription.attaching.decorated import Decorated
from leaklint.solve.subscription.attaching.misplaced import Misplaced
from leaklint.solve.subscription.attaching.undoing import Undoing
from leaklint.solve.subscription.attaching.verbs import ADDS, ONCE, Verbs

# first words of methods that an object sees again and again
_AGAIN = frozenset({"update", "refresh", "draw", "paint", "tick", "poll", "process", "handle", "redraw"})
_WINDOWS = frozenset(
    {"Toplevel", "Dialog", "SimpleDialog", "QDialog", "QMainWindow", "QDockWidget", "QWidget"}
)
# names of what ends once, late
_END = regex(r"(?i)clos|stop|shut|exit|finish|terminat|lost|disconnect|dead|abort|cancelled$")
# functions that give out the one object of its kind
_ONE = regex(r"(get_?)?(the_?)?(default|instance|app|application|main_?loop|global)\w*|\w+_get_default")


class Attachments:
    """Attachments of one unit that stay."""

    def __init__(self, growths: Growths, pairs: Pairs) -> None:
        self.growths = growths
        self.pairs = pairs
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.lifecycle = growths.lifecycle
        self.repeats = growths.repeats
        self.verbs = Verbs(self.index)
        self.roles = Roles(self.index)
        self.attachables = Attachables(growths)
        self.undoing = Undoing(growths, pairs, self.verbs)

    def found(self) -> Iterator[Attached]:
        names = [name for name in self.index.calls if self.verbs.attaches(name)]
        verbs, lends = self.undoing.own_verbs(), self.undoing.lending_verbs()
        for name in lends:
            for number in self.index.calls.get(name, ()):
                lent = self._lent(number, lends)
                if lent is not None:
                    yield lent
        known = {number for name in (*names, *verbs) for number in self.index.calls.get(name, ())}
        numbers = sorted(known.union(self.verbs.additions()))
        for number in numbers:
            item = self._judge(number, verbs)
            if item is not None:
                yield item
        yield from Decorated(self.growths, self.verbs).found()
        yield from Misplaced(self.growths, self.verbs).found()

    def _judge(self, number: int, verbs: dict[str, list[tuple[int, str]]]) -> Attached | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if (
            call.receiver == NONE
            or not self.repeats.repeats(number)
            or self.growths.guards.init_guarded(number)
        ):
            return None
        if ONCE.search(call.name):
            return self._of_the_end(number, call)
        callback = self.attachables.callback(call)
        made = NONE if callback != NONE else self.attachables.made_object(call)
        if (
            callback == made
            or self.verbs.is_weak(call)
            or self.attachables.keeps_weakly(call)
            or self.verbs.is_run_once(call)
        ):
            return None
        receiver = self.verbs.meant(self.unit.places[call.receiver])
        scope = self.index.function(call.scope)
        owner = self.lifecycle.owner_of(call.scope)
        if owner != NONE and receiver == Place(self.unit.owners[owner].this):
            return None
        forgotten = self.undoing.undone_nowhere(number, call, verbs)
        if forgotten != NONE:
            return Attached(number, receiver, callback, "undone-elsewhere", owner, forgotten)
        other = self.undoing.mismatched(call)
        if other is not None:
            return Attached(number, receiver, callback, other[1], owner, other[0])
        renewed = self.undoing.names_another(call, callback) if callback != NONE else NONE
        if renewed != NONE and not self.is_used(number) and not self._is_own(receiver, scope):
            return Attached(number, receiver, callback, "renewed", owner, renewed)
        adds = call.name in ADDS and self.verbs.adds_to_called(number)
        if not (adds or self.verbs.attaches(call.name)) or self.undoing.is_undone(call):
            return None
        if made != NONE:
            return self._of_call(number, receiver, made, scope, owner, call.name)
        if owner != NONE and self._is_given(receiver, owner) and not self.verbs.is_last(call):
            qt = self.verbs.is_qt()
            if qt and not self.attachables.is_fresh(callback):
                return None  # Qt forgets bound methods together with their object
            sibling = self.undoing.sibling(call, owner, receiver)
            if sibling != NONE and not self.is_used(number):
                return Attached(number, receiver, callback, "sibling", owner, sibling)
            if self._is_window(owner) and self.unit.scopes[scope].kind == "constructor":
                return Attached(number, receiver, callback, "never-undone", owner)
        if self._is_made_before(receiver, call):
            return None
        again = not self.verbs.is_qt() and first_word(self.unit.scopes[scope].name) in _AGAIN
        lasting = self._is_module_place(receiver) or self._is_kept_for_long(receiver, callback, scope)
        if not lasting or self.verbs.starts(scope):
            return None
        if not self.attachables.is_fresh(callback) and not again:
            return None
        if self.unit.scopes[scope].kind == "constructor" or self.is_used(number):
            return None
        return Attached(number, receiver, callback, "per-call", owner)

    def _lent(self, number: int, lends: dict[str, list[tuple[int, str]]]) -> Attached | None:
        """`queue = broker.subscribe()`, where nobody calls `broker.unsubscribe(queue)`."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        where, handle = self.index.destinations.of(number)
        if call.receiver == NONE or not self.repeats.repeats(number) or where != "kept":
            return None
        forgotten = self.undoing.undone_nowhere(number, call, lends)
        if forgotten == NONE or handle is None or handle.path or self.roles.is_given_away(handle):
            return None
        receiver = self.verbs.meant(self.unit.places[call.receiver])
        owner = self.lifecycle.owner_of(call.scope)
        return Attached(number, receiver, NONE, "undone-elsewhere", owner, forgotten)

    def _is_own(self, receiver: Place, scope: int) -> bool:
        """Whether a constructor attaches to what it makes itself, which goes with the object."""
        if self.unit.scopes[scope].kind != "constructor":
            return False
        binds = [self.index.bind(number) for number in self.attachables.binds_of(receiver)]
        return any(
            self.unit.values[bind.value].kind == "call"
            for bind in binds
            if bind.value != NONE and self.index.function(bind.scope) == scope
        )

    def _is_made_before(self, receiver: Place, call: Call) -> bool:
        """`dialog = Dialog(); dialog.finished.connect(f)`, where `dialog` is that of the module."""
        around = (NONE, *self.index.regions(call.region))
        return receiver.symbol != NONE and any(
            isinstance(bind := self.unit.effects[number], Bind)
            and bind.how == "assign"
            and bind.value != NONE
            and bind.scope == call.scope
            and bind.at < call.at
            and bind.region in around
            and self.unit.values[bind.value].kind == "call"
            for number in self.index.binds.get(Place(receiver.symbol), ())
        )

    def _of_the_end(self, number: int, call: Call) -> Attached | None:
        """`self._stopping.add_done_callback(f)` per call: it fires when what outlives the call ends."""
        if call.name not in ("add_done_callback", "add_close_callback", "addCallback", "rawlink"):
            return None
        receiver = self.unit.places[call.receiver]
        callback = self.attachables.callback(call)
        if callback == NONE or receiver.symbol == NONE or not _END.search(self.verbs.last(receiver)):
            return None
        symbol = self.unit.symbols[receiver.symbol]
        if symbol.kind in ("variable", "constant") and symbol.scope != 0:
            return None  # made by the call, most often
        scope = self.index.function(call.scope)
        if self.unit.scopes[scope].kind == "constructor" or self.verbs.starts(scope):
            return None
        made = [self.index.bind(row).scope for row in self.attachables.binds_of(receiver)]
        if any(self.index.function(each) == scope for each in made):
            return None
        undone = ("remove_done_callback", "remove_close_callback", "unlink")
        if not self.index.calls.keys().isdisjoint(undone):
            return None
        return Attached(number, receiver, callback, "per-call", self.lifecycle.owner_of(call.scope))

    def _is_observer_of_all(self, receiver: Place, scope: int) -> bool:
        """watchdog: `self._observer.schedule(…)` in a method that is called for one thing after the other."""
        if receiver.symbol == NONE or len(receiver.path) != 1 or self.verbs.starts(scope):
            return False
        made = [self.index.bind(number) for number in self.attachables.binds_of(receiver)]
        return (
            self.unit.symbols[receiver.symbol].kind == "this"
            and self.unit.scopes[scope].kind == "method"
            and all(self.index.function(bind.scope) != scope for bind in made)
        )

    def _of_call(
        self, number: int, receiver: Place, made: int, scope: int, owner: int, call_name: str
    ) -> Attached | None:
        """An object of a class of this file, made by each call for what outlives it."""
        if call_name == "schedule" and self._is_observer_of_all(receiver, scope):
            return Attached(number, receiver, made, "per-call", owner)
        if not self._is_module_place(receiver) or receiver.path or self.verbs.starts(scope):
            return None
        if self.unit.symbols[receiver.symbol].kind == "import" or self.is_used(number):
            return None
        if self.unit.scopes[scope].kind not in ("function", "method"):
            return None
        return Attached(number, receiver, made, "per-call", owner)

    def is_used(self, number: int) -> bool:
        """Whether somebody takes what the call gives back: a handle, or a context that ends it."""
        return self.index.destinations.of(number)[0] != "dropped"

    def _is_window(self, owner: int) -> bool:
        """Whether objects of a class are windows, which users open and close."""
        values = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        places = [self.unit.places[value.place] for value in values if value.kind == "place"]
        return any(self.verbs.last(place) in _WINDOWS for place in places)

    def _is_given(self, receiver: Place, owner: int) -> bool:
        """Whether the constructor was given the receiver or its whole, or it is the one of its kind."""
        if receiver.symbol == NONE:
            return False
        symbol = self.unit.symbols[receiver.symbol]
        if symbol.kind == "parameter":
            made = self.unit.scopes[symbol.scope]
            return made.kind == "constructor" and made.owner == owner and not self._is_parent(receiver.symbol)
        if symbol.kind != "this" or not receiver.path:
            return False
        binds = self.index.binds.get(Place(receiver.symbol, receiver.path[:1]), ())
        for number in binds:
            bind = self.index.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            if row is None or row.kind == "null":
                continue
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call):
                if not _ONE.fullmatch(call.name):
                    return False
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.path or place.symbol == NONE:
                    return False
                if self.unit.symbols[place.symbol].kind != "parameter" or self._is_parent(place.symbol):
                    return False
            else:
                return False
        return bool(binds)

    def _is_parent(self, parameter: int) -> bool:
        """Whether a parameter goes on to the base class: the parent widget, which ends its children."""
        for value in self.index.references.get(parameter, ()):
            row = self.unit.values[value]
            if self.unit.places[row.place].path:
                continue
            for number in self.index.calls.get("__init__", ()):
                call = self.unit.effects[number]
                if isinstance(call, Call) and value in (*call.args, *(v for _, v in call.keywords)):
                    return True
        return False

    def _is_module_place(self, place: Place) -> bool:
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "import":
            return True
        return symbol.kind in ("variable", "constant") and symbol.scope == 0

    def _is_kept_for_long(self, receiver: Place, callback: int, scope: int) -> bool:
        """A field that only the constructor sets, while a method adds functions around what the call has."""
        symbol = self.unit.symbols[receiver.symbol] if receiver.symbol != NONE else None
        if symbol is None or symbol.kind != "this" or not receiver.path or self.verbs.is_qt():
            return False
        row = self.unit.scopes[scope]
        if row.kind != "method" or self.lifecycle.while_made(scope) or row.name in self.lifecycle.setup_names:
            return False
        binds = self.index.binds.get(Place(receiver.symbol, receiver.path[:1]), ())
        made = [self.unit.scopes[self.index.function_at(number)].kind for number in binds]
        if not made or any(kind != "constructor" for kind in made):
            return False
        value = self.unit.values[callback]
        inner = value.scope if value.kind == "closure" else NONE
        if value.kind == "place":
            place = self.unit.places[value.place]
            if place.path and self.unit.symbols[place.symbol].kind == "variable":
                return self.unit.symbols[place.symbol].scope == scope  # `rows.append` of the call's own list
            inner = self.unit.symbols[place.symbol].target
        captured = self.unit.scopes[inner].captures if inner != NONE else ()
        return any(self.unit.symbols[each].scope == scope for each in captured)
