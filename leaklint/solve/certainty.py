"""Decides how sure it is that what is acquired outlives who acquires it.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.percall import PerCall
from leaklint.solve.repeats import Repeats
from leaklint.solve.subscription.addedagain import AddedAgain
from leaklint.solve.subscription.givenup import GivenUp
from leaklint.solve.subscription.handlers import Handlers
from leaklint.solve.subscription.injected import Injected
from leaklint.solve.subscription.leftout import LeftOut
from leaklint.solve.subscription.pooled import Pooled
from leaklint.solve.subscription.shared import Shared
from leaklint.solve.thread.tasks import Tasks

# names of functions that users trigger again and again
_REPEATED_NAME = regex(
    r"^_?(on|handle|show|open|mount|render|use|create|make|build|attach|toggle|update)([A-Z_]|$)"
)
# callees that run their callback again and again
_REPEATING = regex(
    r"^(on|on[A-Z]\w*|add\w*Listener|subscribe|get|post|put|patch|all|use|handle|click|forEach|map|each|watch\w*|"
    r"connect|effect|use[A-Z]\w*|createEffect|autorun|reaction|controller|directive|component)$"
)
# classes of which a program has one object
_PROGRAM = regex(
    r"(Application|Main|Launcher|Bootstrap|Daemon)$|^(Main|App|Application)(Frame|Window|Form|Gui|GUI|UI|Panel|Stage)$"
)
_PARENT = regex(r"(?i)parent")


class Certainty:
    """Judges the acquisitions of one unit that nothing releases."""

    def __init__(
        self, pairs: Pairs, lifecycle: Lifecycle, repeats: Repeats, per_call: PerCall, again: AddedAgain
    ) -> None:
        self.pairs = pairs
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self.lifecycle = lifecycle
        self.repeats = repeats
        self.per_call = per_call
        self.again = again
        self.tasks = Tasks(pairs, lifecycle, repeats)
        self.injected = Injected(pairs, lifecycle, again)
        self.shared = Shared(pairs, lifecycle, repeats, self.injected)
        self.left_out = LeftOut(pairs)
        self.given_up = GivenUp(pairs.index)
        self.pooled = Pooled(pairs.index)
        self._handlers = Handlers(pairs.index, pairs.callbacks)

    def of(self, item: Acquisition, where: str) -> Confidence | None:
        life = item.life
        if self.unit.language == "java" and item.pair.kind == "timer" and self.tasks.outlives(item):
            return "medium"
        if self.again.beside_work(item) or self.injected.is_carried(item):
            return "medium"
        if self.again.by_each_client(item):
            return "medium"
        if self.given_up.timer(item) != NONE or self.pooled.is_given_back(item):
            return "medium"
        if life in ("own", "local"):
            if item.pair.kind == "listener" and item.destination == "dropped" and item.receiver != NONE:
                place = self.unit.places[item.receiver]
                if self.again.happens(item.effect, place, item.callback):
                    return "medium"
                if self.is_of_call(item) and not self._is_made_here(place):
                    return "medium"  # its own signal, which all its calls listen to
            return None  # dies together with who added it
        if self._is_abort(item) and self.per_call.tidies(item.callback, self.lifecycle.teardown_names):
            return None  # the signal tells of the end of who listens
        if self.again.with_each_event(item) or self.left_out.includes(item):
            return "medium"
        effect = self.unit.effects[item.effect]
        if self.lifecycle.is_of_root(effect.scope):
            return "low"  # lasts as long as the page
        if where == "function" and self._passes_on(effect.scope):
            return "low"  # its callers say how often
        owner = self.lifecycle.owner_of(effect.scope)
        if owner != NONE and self.injected.is_ended(item):
            return None
        if owner != NONE and not self._on_parameter(item) and self._sibling_released(item, owner):
            return "high" if life == "global" else "medium"
        if life == "unknown":
            return "medium" if self.per_call.sets_state(item.callback, effect.scope) else None
        if where == "effect":
            return "high" if life == "global" else "medium"
        if where == "class":
            return self._in_class(item, owner)
        if life == "injected" and self._is_abort(item):
            if self.per_call.is_start(effect.scope) or item.destination != "dropped":
                return None  # listens until the program ends, or somebody keeps the handle
            return "medium"  # the signal belongs to the caller, and may serve many calls
        if life == "global" and self._is_repeated_function(effect.scope):
            return "medium"
        if self.unit.language == "javascript" and self._is_left_by_call(item):
            return "medium"
        return "low"

    def _in_class(self, item: Acquisition, owner: int) -> Confidence:
        """How sure a listener of a class is to outlive its instances."""
        if self.unit.language == "java" and item.pair.kind == "timer":
            return self.shared.task(item, owner)
        if self.unit.language == "java" and _PROGRAM.search(self.unit.owners[owner].name):
            return "low"
        if self.lifecycle.is_component(owner):
            if self.unit.language == "java" and self.shared.is_shared(item, owner):
                return "medium"
            return "high" if item.life == "global" else "medium" if item.life in ("module", "page") else "low"
        if self.unit.language == "java" and item.life in ("global", "page"):
            ends = self.lifecycle.teardown_of(owner) and not self.repeats.is_singleton(owner)
            if not ends and self.shared.is_one_of_many(item, owner):
                return "medium"
            return "medium" if ends else "low"  # serves as long as the system it listens to
        if self.is_of_call(item):
            return "medium"  # of a caller that may use its signal for the next call as well
        if self.unit.language == "javascript" and (
            self.shared.in_static(item) or not plurality.has_instances(self.unit, owner)
        ):
            return "low"  # one object that serves the page, or code that no object runs
        if item.life == "global":
            return "medium"
        if item.life == "module" and (self.lifecycle.teardown_of(owner) or self._are_many(owner)):
            return "medium"
        if self.unit.language == "java" and item.life == "module" and self.shared.is_one_of_many(item, owner):
            return "medium"
        if self.unit.language == "javascript" and item.life == "module":
            made = plurality.is_class_like(self.unit, owner) or plurality.comes_and_goes(self.unit, owner)
            return "medium" if made else "low"
        if item.life == "injected" and self.injected.is_let_go(item, owner):
            return "medium"
        if self.unit.language == "java" and self.shared.is_shared(item, owner):
            return "medium"
        if self.unit.language == "javascript" and (
            self.injected.outlives(item, owner)
            or self.injected.starts_again(item, owner)
            or self.injected.is_of_part(item, owner)
        ):
            return "medium"
        if item.life == "injected" and self.unit.language == "javascript" and self.injected.is_of_view(item):
            return "medium"
        if self._is_dropped_abort(item) and (
            self.lifecycle.is_short_lived(owner)
            or (self._is_of_parent(item) and self.lifecycle.teardown_of(owner))
        ):
            return "medium"  # in others, the signal tells of their own end
        return "low"  # an injected receiver may be a collaborator that dies with this object

    def _is_abort(self, item: Acquisition) -> bool:
        if item.pair.name == "abort listener":
            return True
        return item.event != NONE and self.unit.values[item.event].text == "abort"

    def _is_made_here(self, place: Place) -> bool:
        """`const request = new XMLHttpRequest()`: a variable that gets a new object with each call."""
        binds = [self.index.bind(number) for number in self.index.binds.get(place, ())]
        rows = [self.unit.values[bind.value] for bind in binds if bind.value != NONE]
        calls = [self.unit.effects[row.call] for row in rows if row.kind == "call"]
        return not place.path and len(calls) == len(binds) == 1 and bool(getattr(calls[0], "new", False))

    def _is_dropped_abort(self, item: Acquisition) -> bool:
        return self._is_abort(item) and item.destination == "dropped"

    def is_of_call(self, item: Acquisition) -> bool:
        """JavaScript: whether a call leaves a listener on a signal that the next call listens to as well."""
        return self._is_dropped_abort(item) and self._is_of_one_call(item)

    def _is_of_parent(self, item: Acquisition) -> bool:
        """Whether a signal is that of a parent, by its name: children end before it, one after the other."""
        for place in (self.unit.places[item.receiver], *self.pairs.aliases.of(item.receiver)):
            symbol = self.index.symbol(place)
            if any(_PARENT.search(step) for step in (symbol.name if symbol is not None else "", *place.path)):
                return True
        return False

    def _is_left_by_call(self, item: Acquisition) -> bool:
        """Whether a handler of one call is added to what other calls use as well."""
        effect = self.unit.effects[item.effect]
        if item.life == "global" and self._is_made_by_factory(item, effect.scope):
            return True
        if item.life in ("global", "module") and self.per_call.makes_what_ends(effect.scope):
            return True
        return item.life in ("global", "module") and self.per_call.leaves_behind(item.callback, effect.scope)

    def _is_made_by_factory(self, item: Acquisition, scope: int) -> bool:
        """`function DatePicker(element) {…}`: each call makes an object out of closures."""
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.kind == "function" and row.name:
                if not row.name[:1].isupper() or row.name.isupper():
                    return False
                return bool(row.params) or self.per_call.refers_to_call(item.callback, scope)
        return False

    def _are_many(self, owner: int) -> bool:
        return self.unit.language == "javascript" and self.per_call.makes_many(owner)

    def _is_of_one_call(self, item: Acquisition) -> bool:
        """Whether a method that is no start listens for its caller, with what this one call is about."""
        scope = self.unit.effects[item.effect].scope
        method = [each for each in self.index.enclosing(scope) if self.unit.scopes[each].kind == "method"]
        if not method or self.per_call.is_start(scope):
            return False
        place = self.unit.places[item.receiver] if item.receiver != NONE else None
        symbol = self.index.symbol(place) if place is not None else None
        if symbol is not None and symbol.kind == "this":
            # its own signal: only a service answers many calls until that comes
            serves = self.lifecycle.lives_long(symbol.target) and self.unit.scopes[method[0]].params
            if not serves:
                return False
        return self.per_call.leaves_behind(item.callback, scope) or self.per_call.refers_to_call(
            item.callback, scope
        )

    def _on_parameter(self, item: Acquisition) -> bool:
        """Java: a listener added to what a method was given; its pendant may be another object's."""
        if self.unit.language != "java" or item.receiver == NONE:
            return False
        place = self.unit.places[item.receiver]
        return (
            place.symbol != NONE
            and not place.path
            and self.unit.symbols[place.symbol].kind in ("parameter", "variable", "constant")
        )

    def _sibling_released(self, item: Acquisition, owner: int) -> bool:
        """Whether the class takes off another acquisition of the same receiver: this one was forgotten."""
        for other in self.pairs.acquisitions:
            if other is item or not other.released_by or other.pair.kind != item.pair.kind:
                continue
            if self.lifecycle.owner_of(self.unit.effects[other.effect].scope) != owner:
                continue
            if self._is_for_a_while(other):
                continue  # says nothing of what the object does at its end
            if self.pairs.callbacks.same_receiver(item.receiver, other.receiver) == "equal":
                return True
        return False

    def _is_for_a_while(self, item: Acquisition) -> bool:
        """JavaScript: what waits for an event, taken off by the very call that added it, or when it comes."""
        if self.unit.language == "javascript" and all(self._is_heard(number) for number in item.released_by):
            return True  # `onUp() { element.removeEventListener("mousemove", this.onMove) }`
        row = self.unit.values[item.callback] if item.callback != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if self.unit.language != "javascript" or symbol is None or symbol.scope in (0, NONE):
            return False
        return symbol.kind in ("constant", "function") and not (place is not None and place.path)

    def _is_heard(self, release: int) -> bool:
        """Whether a function takes itself off: it runs for what it hears, not at the end of its object."""
        function = self.index.function_at(release)
        if self.unit.scopes[function].name in self.lifecycle.teardown_names:
            return False
        for other in self.pairs.acquisitions:
            if other.pair.kind != "listener" or other.callback == NONE:
                continue
            itself = any(self.index.function_at(number) == function for number in other.released_by)
            if itself and self._handlers.named(other.callback) == function:
                return True
        return False

    def _is_repeated_function(self, scope: int) -> bool:
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            argument = self.index.argument_of.get(function)
            if argument is not None and _REPEATING.match(self._call_name(argument[0])):
                return True
            if row.name and _REPEATED_NAME.match(row.name):
                return True
        return False

    def _passes_on(self, scope: int) -> bool:
        """JavaScript: `onUpdate: (handler) => ipc.on("update", (_, value) => handler(value))`."""
        row = self.unit.scopes[self.index.function(scope)]
        if self.unit.language != "javascript" or first_word(row.name) not in ("on", "handle"):
            return False
        if len(row.params) != 1:
            return False
        given = Place(row.params[0])
        calls = (
            self.unit.effects[number]
            for number in self.index.calls.get(self.unit.symbols[given.symbol].name, ())
        )
        return any(
            isinstance(call, Call) and call.callee != NONE and self.unit.places[call.callee] == given
            for call in calls
        )

    def _call_name(self, number: int) -> str:
        call = self.unit.effects[number]
        return call.name if isinstance(call, Call) else ""
