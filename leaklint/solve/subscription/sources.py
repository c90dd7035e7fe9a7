"""What a subscription listens to: where the chain of operators begins, and whether it ends by itself."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.lazy import regex
from leaklint.solve.names import patterns
from leaklint.solve.pairs import Pairs
from leaklint.solve.receivers import Receiver
from leaklint.solve.subscription.handedin import HandedIn
from leaklint.solve.subscription.notifiers import Notifiers

# names of things that a program has one of, for as long as it runs
SERVICE = regex(
    r"(?i)(service|manager|registry|preferences|configuration|store|bus|hub|provider|monitor|server|workspace)s?_?$"
)
# a field that says that its object ends
_END = regex(r"(?i)destroy|dispos|unsub|unmount|teardown|detach|leave")
# operators of RxJS after which the source goes on, whatever they are given
_OPERATORS = regex(
    r"(map|\w+Map|filter|tap|scan|pairwise|withLatestFrom|combineLatestWith|startWith|merge|mergeWith|concat|"
    r"concatWith|debounce|debounceTime|throttle|throttleTime|audit|auditTime|sample|delay|delayWhen|catchError|"
    r"retry|retryWhen|repeat|repeatWhen|share|shareReplay|publish|publishReplay|multicast|observeOn|subscribeOn|"
    r"distinctUntilChanged|finalize|buffer|bufferTime|window|skipUntil)$"
)
_ROUTE = "ActivatedRoute"
# methods of services that ask a server: what they give completes with the answer
_REQUESTS = regex(
    r"(load|fetch|save|create|update|delete|remove|post|put|submit|log(in|out)|upload|download|send|search|find)"
    r"(?![a-z])"
)
_LIMIT = 40
# gives out a part of what it is called on
_GETTER = regex(r"_?get[A-Z]\w*(Model|Service|Manager|Store|Source|Controller|State|Registry|Client|Bus)$")
# gives out a stream of what happens to what it is called on
_EVENTS = regex(
    r"(\w*[cC]hange[sd]?|\w*[eE]vents?|\w*[cC]licks?|\w*Stream|observe\w*|watch[A-Z]\w*|\w*[sS]crolled|"
    r"attachments|detachments|\w*[mM]essages|\w*[uU]pdates|\w*[nN]otifications|\w*Opened|\w*Resized)$"
)
_COMBINE = frozenset({"merge", "combineLatest", "zip", "race", "concat"})


class Sources:
    """Answers about the receivers of subscribing calls of one unit."""

    def __init__(self, pairs: Pairs, models: Models) -> None:
        self.pairs = pairs
        self.index = pairs.index
        self.unit: Unit = pairs.unit
        self.notifiers = Notifiers(self.index)
        self.handed_in = HandedIn(self.index)
        self._completing = models.completing
        self._one_shots = patterns(tuple(models.one_shots))
        self._streams = patterns(tuple(models.streams))

    def ends_itself(self, receiver: int) -> bool:
        """Whether an operator (`takeUntil`, `first`) or the source (an HTTP request) ends it."""
        return any(self._ends(call) for call in self._chain(receiver))

    def waits_in_vain(self, receiver: int) -> bool:
        """Whether an operator waits for a subject that nothing fires."""
        return any(
            call.name == "takeUntil" and self.notifiers.never_fires(call)
            for number in self._chain(receiver)
            for call in self._operators(number)
        )

    def meant_to_end(self, receiver: int) -> tuple[Receiver, Place | None]:
        """What is subscribed to until a notifier that the end of the object completes, and nothing fires.

        Whoever writes that knows that the source lasts, whichever method of it gives the stream.
        """
        if self.pairs.index.calls.keys().isdisjoint(("complete", "unsubscribe")):
            return "unknown", None
        numbers = list(self._chain(receiver))
        if any(_REQUESTS.match(self.unit.effects[number].name) for number in numbers):  # type: ignore[union-attr]
            return "unknown", None
        for number in numbers:
            for call in self._operators(number):
                if call.name == "takeUntil" and self.notifiers.is_completed(call):
                    root = self.root(receiver, by_any=True)
                    return ("unknown", None) if root is None else (self.pairs.receivers.life_of(root), root)
        return "unknown", None

    def _operators(self, number: int) -> Iterator[Call]:
        effect = self.unit.effects[number]
        for value in effect.args if isinstance(effect, Call) else ():
            row = self.unit.values[value]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call):
                yield call

    def _ends(self, number: int) -> bool:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.name in self._completing or self._one_shots.match(self.unit, number):
            return True
        for argument in (*call.args, *(value for _, value in call.keywords)):
            row = self.unit.values[argument]
            if row.kind == "spread":
                return True  # operators built elsewhere
            if row.kind == "call":
                inner = self.unit.effects[row.call]
                if isinstance(inner, Call) and self._completes(inner):
                    return True
        return False

    def _completes(self, operator: Call) -> bool:
        """`takeUntil(this.destroyed)`, unless nothing tells it; `untilUnmount(this)`, whatever it is."""
        if operator.name in self._completing:
            return operator.name != "takeUntil" or not self.notifiers.never_fires(operator)
        if _OPERATORS.match(operator.name):
            return False
        for value in operator.args:
            row = self.unit.values[value]
            number = row.call if row.kind == "call" else NONE
            call = self.unit.effects[number] if number != NONE else None
            place = call.receiver if isinstance(call, Call) else row.place if row.kind == "place" else NONE
            if place != NONE and self._tells_of_end(self.unit.places[place]):
                return True
        return False

    def _tells_of_end(self, place: Place) -> bool:
        """The object itself, or a field that is named for its end."""
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind != "this":
            return False
        return not place.path or (len(place.path) == 1 and _END.search(place.path[0]) is not None)

    def _chain(self, receiver: int) -> Iterator[int]:
        """The calls that a receiver is the result of, last one first, through locals and fields."""
        pending, seen = list(self._means(self.unit.places[receiver])), set[int]()
        while pending and len(seen) < _LIMIT:
            place = pending.pop()
            if place.symbol != NONE or place.call == NONE or place.call in seen:
                continue
            seen.add(place.call)
            yield place.call
            call = self.unit.effects[place.call]
            assert isinstance(call, Call)
            if call.receiver != NONE:
                pending += self._means(self.unit.places[call.receiver])

    def _means(self, place: Place) -> Iterator[Place]:
        """A place, what it is an alias of, and what is stored in the field that it is."""
        yield place
        for other in self.pairs.aliases.resolve(place):
            if other != place:
                yield other
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE and self.unit.values[bind.value].kind == "call":
                yield Place(NONE, (), self.unit.values[bind.value].call)

    def root(self, receiver: int, by_any: bool = False) -> Place | None:
        """The place that the chain of operators begins with, or None when it is not understood.

        by_any: methods of any name are steps of the chain.
        """
        place: Place | None = self.unit.places[receiver]
        for _ in range(_LIMIT):
            if place is None:
                return None
            if place.symbol == NONE:
                before = self._before(place)
                place = self._receiver(place) if before is None and by_any else before
                continue
            resolved = self.pairs.aliases.resolve(place)
            if len(resolved) == 1 and resolved[0] != place:
                place = resolved[0]
                continue
            made = self._made_of(place)
            if made is None:
                return place
            place = made
        return None

    def _made_of(self, place: Place) -> Place | None:
        """JavaScript: the stream that a field keeps for good: `items$ = this.store.select(items)`."""
        symbol = self.index.symbol(place)
        binds = self.index.binds.get(place, ())
        if self.unit.language != "javascript" or symbol is None or symbol.kind != "this":
            return None
        if len(place.path) != 1 or len(binds) != 1:
            return None
        bind = self.unit.effects[binds[0]]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        made = Place(NONE, (), row.call) if row is not None and row.kind == "call" else None
        return made if made is not None and self._before(made) is not None else None

    def _before(self, place: Place) -> Place | None:
        if place.call == NONE:
            return None
        call = self.unit.effects[place.call]
        assert isinstance(call, Call)
        if call.receiver == NONE and call.callee != NONE and self._is_clock(call):
            return self.unit.places[call.callee]
        if call.receiver != NONE and (self._streams.match(self.unit, place.call) or call.name.endswith("$")):
            return self.unit.places[call.receiver]
        if call.receiver != NONE and not call.args and _EVENTS.match(call.name):
            return self.unit.places[call.receiver]  # `this.popup.backdropClick()`
        if call.receiver != NONE and not call.args and _GETTER.match(call.name):
            return self.unit.places[call.receiver]  # `this.tree.getModel().changed`
        if call.args and (call.name == "fromEvent" or (call.receiver == NONE and call.name in _COMBINE)):
            first = self.unit.values[call.args[0]]
            if first.kind == "container" and first.parts:
                first = self.unit.values[first.parts[0]]
            if first.kind == "place":
                return self.unit.places[first.place]
            if first.kind == "call":
                return Place(NONE, (), first.call)
        return None

    def _receiver(self, place: Place) -> Place | None:
        call = self.unit.effects[place.call] if place.call != NONE else None
        named = isinstance(call, Call) and call.receiver != NONE
        return self.unit.places[call.receiver] if named else None  # type: ignore[union-attr]

    def _is_clock(self, call: Call) -> bool:
        """`interval(1000)`, `timer(0, 1000)` of RxJS: they tick until the subscription ends."""
        if call.name != "interval" and not (call.name == "timer" and len(call.args) > 1):
            return False
        symbol = self.index.symbol(self.unit.places[call.callee])
        return symbol is not None and symbol.kind == "import" and symbol.module.startswith("rxjs")

    def life(self, receiver: int) -> tuple[Receiver, Place | None]:
        """How long the source of a subscription lives, and what it is."""
        root = self.root(receiver)
        if root is None:
            place = self.unit.places[receiver]
            return ("injected", place) if self.handed_in.includes(place) else ("unknown", None)
        life = self.pairs.receivers.life_of(root)
        if self._is_route(root):
            return "own", root
        if life == "unknown" and (self._is_inherited_service(root) or self.handed_in.includes(root)):
            life = "injected"
        return life, root

    def _is_route(self, place: Place) -> bool:
        """Angular: an `ActivatedRoute` is made for a component, and the router drops both together."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "this" or not place.path:
            return symbol.type == _ROUTE
        for number in self.index.binds.get(Place(place.symbol, place.path[:1]), ()):
            value = self.index.bind(number).value
            made = self.unit.values[value].call if value != NONE else NONE
            call = self.unit.effects[made] if made != NONE else None
            if isinstance(call, Call) and call.name == "inject" and self._names_route(call):
                return True
        return any(
            field.type == _ROUTE and "." + field.name == place.path[0] and field.kind == "field"
            for field in self.unit.symbols
        )

    def _names_route(self, call: Call) -> bool:
        """`inject(ActivatedRoute)`."""
        row = self.unit.values[call.args[0]] if call.args else None
        return (
            row is not None
            and row.kind == "place"
            and self.index.last_name(self.unit.places[row.place]) == _ROUTE
        )

    def _is_inherited_service(self, place: Place) -> bool:
        """`this.configService` of a class that never sets it: its base class was given one."""
        if not place.path or self.unit.symbols[place.symbol].kind != "this":
            return False
        if self.index.binds.get(Place(place.symbol, place.path[:1])):
            return False
        return SERVICE.search(place.path[0]) is not None
