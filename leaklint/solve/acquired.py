"""Decides which acquisitions leak: a longer-lived receiver, a site that repeats, no release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.certainty import Certainty
from leaklint.solve.dead import Dead
from leaklint.solve.drawn import name_of
from leaklint.solve.growth.finished import Finished
from leaklint.solve.growths import Growths
from leaklint.solve.interface import offered_name
from leaklint.solve.keepers import called
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.percall import PerCall
from leaklint.solve.rearming import Rearming
from leaklint.solve.repeats import Repeats
from leaklint.solve.roles import Roles
from leaklint.solve.subscription.addedagain import AddedAgain
from leaklint.solve.subscription.givenup import WHY
from leaklint.solve.weakly import Weakly

# first words of methods that an object runs once
_BEGINS = frozenset({"register", "install", "init", "initialize", "setup", "configure", "start"})
_TO_THE_END = regex(r"(block|wait|await|join|run|serve)Until(Shutdown|Stopped|Terminat\w+|Interrupted)")


class Leak(msgspec.Struct):
    """An acquisition that nothing ends. `owner`: who acquires, for the message."""

    item: Acquisition
    confidence: Confidence
    owner: str
    where: Literal["effect", "class", "callback", "function"]
    teardown: str  # name of the method that should release, or ""
    unused_release: int = NONE  # a release that does not run when it should
    unused_why: str = ""


class Acquired:
    """Judges the acquisitions of one unit."""

    def __init__(
        self,
        pairs: Pairs,
        growths: Growths,
        lifecycle: Lifecycle,
        repeats: Repeats,
        dead: Dead,
        roles: Roles,
    ) -> None:
        self.pairs = pairs
        self.roles = roles
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self.growths = growths
        self.lifecycle = lifecycle
        self.repeats = repeats
        self.dead = dead
        self.rearming = Rearming(pairs)
        self.weakly = Weakly(pairs)
        self.finished = Finished(pairs)
        self.per_call = PerCall(self.index, lifecycle)
        self.again = AddedAgain(self.index, pairs.callbacks)
        self.certainty = Certainty(pairs, lifecycle, repeats, self.per_call, self.again)
        self.injected = self.certainty.injected

    def leaks(self, *kinds: str) -> Iterator[Leak]:
        """Acquisitions of some kinds that nothing releases, in source order."""
        for item in self.pairs.acquisitions:
            if item.pair.kind in kinds:
                found = self.judge(item)
                if found is not None:
                    yield found

    def judge(self, item: Acquisition) -> Leak | None:
        effect = self.unit.effects[item.effect]
        given_up = self.certainty.given_up.timer(item) != NONE
        if self.pairs.endings.releases_itself(item) and not (
            given_up
            or self._is_removed_at_times(item)
            or self.again.outlasts_event(item)
            or self.again.beside_work(item)
            or self.injected.is_carried(item)
        ):
            return None
        often = self.repeats.is_often if item.pair.done_by else self.repeats.repeats
        if not often(item.effect) and not self.is_in_field(item):
            return None
        if self.weakly.holds(item) or self._waits_for_page(item):
            return None
        if self._is_ended_next(item) or self._is_of_program(item):
            return None
        if called(self.unit, item.effect) in self.growths.holders.links.weak:
            return None  # the class that it is handed to, in another file, keeps it weakly
        if self._is_of_one(effect.scope):
            return None
        if self.growths.guards.init_guarded(item.effect):
            return None
        unused, why = NONE, ""
        for release in item.released_by:
            why = self._no_release(item, release) or (WHY if given_up else "")
            if not why:
                return None
            unused = release
        if item.pair.reschedules and not self.rearming.restarts(item):
            return None
        if item.destination in ("returned", "passed") and item.pair.returns_handle:
            return None  # somebody else has the handle now
        if item.pair.kind == "listener" and self._has_taker(item):
            return None
        if item.destination == "returned" and self.lifecycle.effect_hook(effect.scope) != NONE:
            return None  # what an effect returns is its clean-up
        if item.pair.idempotent and self._same_each_time(item):
            return None
        if self._is_handed_over(item):
            return None
        where = self._where(effect.scope)
        confidence = self.certainty.of(item, where)
        if confidence is None:
            return None
        if confidence == "low" and why.startswith(("it ", "React ")):
            confidence = "medium"  # the code means to release it
        owner, teardown = self.owner(effect.scope, where)
        of_call = given_up or self.certainty.pooled.is_given_back(item)
        of_call = of_call or (where == "class" and self.certainty.is_of_call(item))
        if of_call or self.again.by_each_call(item) or self.certainty.left_out.includes(item):
            owner, teardown = "each call", ""
        return Leak(item, confidence, owner, where, teardown, unused, why)

    def _is_of_one(self, scope: int) -> bool:
        """Java: whether an object of which the program makes one, as other files show, begins in a scope."""
        once = self.growths.holders.links.once
        owner = self.lifecycle.owner_of(scope) if once else NONE
        symbol = self.unit.owners[owner].symbol if owner != NONE else NONE
        if symbol == NONE or offered_name(self.unit, Place(symbol)) not in once:
            return False
        name = self.unit.scopes[self.index.function(scope)].name
        begins = name in self.lifecycle.setup_names or first_word(name) in _BEGINS
        return begins or self.lifecycle.while_made(scope)

    def _is_of_program(self, item: Acquisition) -> bool:
        """Java: a hook set by `blockUntilShutdown()`, or by the goal of a build, which is run once."""
        if self.unit.language != "java" or item.pair.kind != "registration":
            return False
        for function in self.index.enclosing(self.unit.effects[item.effect].scope):
            row = self.unit.scopes[function]
            if _TO_THE_END.fullmatch(row.name):
                return True
            goal = row.kind == "method" and row.owner != NONE and row.name in ("execute", "doExecute")
            if goal and self.unit.owners[row.owner].name.endswith("Mojo"):
                return True
        return False

    def _is_ended_next(self, item: Acquisition) -> bool:
        """Java: `bus.addListener(done); bus.shutdown();`: the end of what tells is what is heard."""
        if self.unit.language != "java" or item.receiver == NONE:
            return False
        place, function = self.unit.places[item.receiver], self.index.function_at(item.effect)
        if place.symbol == NONE:
            return False
        return any(
            number > item.effect
            and self.index.function_at(number) == function
            and call.receiver != NONE
            and self.unit.places[call.receiver] == place
            and call.region == self.unit.effects[item.effect].region
            for name in ("shutdown", "shutdownNow", "close", "dispose", "destroy", "stop", "disconnect")
            for number in self.index.calls.get(name, ())
            if isinstance(call := self.unit.effects[number], Call)
        )

    def _waits_for_page(self, item: Acquisition) -> bool:
        """A listener to the end of the page, of something that lasts as long as the page itself."""
        if item.event == NONE or self.unit.values[item.event].text not in item.pair.page_events:
            return False
        scope = self.unit.effects[item.effect].scope
        owner = self.lifecycle.owner_of(scope)
        if owner == NONE or self.lifecycle.is_component(owner):
            return self._where(scope) != "effect" and owner == NONE
        return not self.lifecycle.teardown_of(owner) or plurality.is_one(self.unit, owner)

    def _is_handed_over(self, item: Acquisition) -> bool:
        """`weakref.finalize(self, logger.removeHandler, handler)`: the removal is given to who calls it."""
        names = {release.call.rpartition(".")[2] for release in item.pair.release}
        if self.unit.language != "python" or not names:
            return False
        for effect in self.unit.effects:
            for value in effect.args if isinstance(effect, Call) else ():
                row = self.unit.values[value]
                path = self.unit.places[row.place].path if row.kind == "place" else ()
                if path and path[-1][1:] in names:
                    return True
        return False

    def _is_removed_at_times(self, item: Acquisition) -> bool:
        """JavaScript: `once`, for an event that need not come, with a removal that need not run."""
        if self.unit.language != "javascript" or not item.once or not item.released_by:
            return False
        return all(self._no_release(item, release) for release in item.released_by)

    def _has_taker(self, item: Acquisition) -> bool:
        """JavaScript: `subscriptions.add(bus.on("x", f))`, `h = map.addListener("x", f); h.remove()`."""
        if self.unit.language != "javascript":
            return False
        if item.destination == "chained":
            return any(
                other.receiver != NONE
                and self.unit.places[other.receiver] == Place(NONE, (), item.effect)
                and self._has_taker(other)
                for other in self.pairs.acquisitions
            )
        if item.destination == "kept" and item.handle is not None:
            if any(self.injected.is_called_on(name, item.handle) for name in self.pairs.models.endings):
                return True
            return self._is_run(item.handle) or self._is_given(item.handle)
        return item.destination == "passed"

    def _is_given(self, place: Place) -> bool:
        """Whether a local with a handle goes on to somebody: `const off = bus.on("x", f); return off;`."""
        if place.path or place.symbol == NONE or self.unit.symbols[place.symbol].scope == 0:
            return False
        return any(role in ("returned", "argument", "kept") for role, _ in self.roles.of(place))

    def _is_run(self, place: Place) -> bool:
        """Whether what a place keeps is called: `off = bus.on("x", f); off()`; `self` may mean `this`."""
        meant = {place, *self.pairs.aliases.resolve(place)}
        for number in self.index.calls.get(self.index.last_name(place), ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE:
                called = self.unit.places[call.callee] if call.callee != NONE else None
            else:
                inner = self.unit.places[call.receiver]
                called = Place(inner.symbol, (*inner.path, "." + call.name), inner.call)
            if called is not None and meant.intersection((called, *self.pairs.aliases.resolve(called))):
                return True
        return False

    def is_in_field(self, item: Acquisition) -> bool:
        """Java: a registration by the initializer of an instance field, once for each object."""
        return (
            item.pair.kind == "registration"
            and self.unit.language == "java"
            and self.repeats.singletons.is_of_instance(item.effect)
        )

    def _no_release(self, item: Acquisition, release: int) -> str:
        """Why a matching release does not help; "" when it does."""
        scope = self.index.function(self.unit.effects[release].scope)
        same = scope == self.index.function(self.unit.effects[item.effect].scope)  # `toggle()` does both
        if not same and (not self.lifecycle.is_called(scope) or self.lifecycle.is_forgotten(scope)):
            return f"nothing calls `{self.unit.scopes[scope].name}`"
        if item.pair.done_by and self.finished.ends_another(item, release):
            return "what ends others does not end this one"
        return self.dead.why(item.effect, release)

    def _where(self, scope: int) -> Literal["effect", "class", "callback", "function"]:
        if self.lifecycle.effect_hook(scope) != NONE or self.lifecycle.is_component_script(scope):
            return "effect"
        if self.lifecycle.owner_of(scope) != NONE:
            return "class"
        for function in self.index.enclosing(scope):
            if function in self.index.argument_of:
                return "callback"
        return "function"

    def _same_each_time(self, item: Acquisition) -> bool:
        """A module-level function keeps nothing of who adds it, and a target has it once."""
        kind, place = self.pairs.callbacks.identity(item.callback)
        if kind != "stable" or place is None:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind in ("import", "global"):
            return True
        if symbol.scope != 0:
            return False
        return symbol.kind in ("function", "constant") or (
            symbol.kind == "variable" and item.life == "global"
        )

    def _component_name(self) -> str:
        """The name of what an object literal describes: its file, for a single-file component."""
        if self.unit.dialect in ("vue", "svelte"):
            return self.unit.path.rpartition("/")[2].partition(".")[0]
        return "the object"

    def owner(self, scope: int, where: str) -> tuple[str, str]:
        """The name of who acquires, and of the method that should release, as messages tell them."""
        if where == "class":
            owner = self.lifecycle.owner_of(scope)
            teardown = self.lifecycle.teardown_of(owner)
            name = self.unit.scopes[teardown[0]].name if teardown else ""
            return self.unit.owners[owner].name or self._component_name(), name
        for function in self.index.enclosing(scope):
            name = name_of(self.index, function)
            if name:
                return name, ""
        return "each call", ""
