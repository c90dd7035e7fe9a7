"""Handles that are lost: overwritten by the next one, or forgotten right after they were registered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.models import Pair
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.once import solved
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.droppedhandles import DroppedHandles
from leaklint.solve.subscription.keyedhandles import KeyedHandles
from leaklint.solve.subscription.preparing import Preparing
from leaklint.solve.subscription.reacting import Reacting
from leaklint.solve.subscription.reentry import Reentry
from leaklint.solve.subscription.remade import Remade
from leaklint.solve.subscription.sources import Sources
from leaklint.solve.subscription.subscriptions import is_event

_KINDS = frozenset({"timer", "observer", "subscription", "handle"})
# first words of methods that an object sees again and again
_AGAIN = regex(
    r"^_?(on(Change|Update|Resize|Scroll|Select|Input|Data|Message|Drop)|handle(Change|Update|Resize|Data|Message)|"
    r"update|set|refresh|change|switch|replace|swap|restart|reload|reconnect|componentDidUpdate|"
    r"attributeChangedCallback|ngOnChanges|updated)([A-Z_]|$)"
)
_AGAIN_JAVA = regex(
    r"^(configure|re(configure|schedule|size|load|build|arm))([A-Z]|$)|^on[A-Z]\w*(Changed|Updated)$"
)
# events of a connection that comes and goes
_REPEATED_EVENT = regex(r"(?i)(re)?connect(ed|ion)?|open|connack|ready|close|online|login|join(ed)?")
_ENDS = frozenset({"dispose", "destroy", "close", "terminate", "disconnect", "unsubscribe", "quit"})
_TAKES_OFF = regex(r"remove\w*(Observer|Listener)s?|off|un(subscribe|observe|listen|bind|watch|register)")
# methods by which what is held tells of its own end
_TELLS = regex(
    r"_?(on|handle|did|will|after)[A-Z_]|"
    r"\w*([rR]eleased|[cC]losed|[eE]nded|[fF]inished|[dD]estroyed|[dD]isconnected|[tT]erminated|[eE]xited|[lL]ost)$"
)
# methods that use what they are given, and leave ending it to its maker
_USES = regex(r"(set|add|update|draw|render|show|apply|fit)[A-Z]")
# functions that are known to give out a handle
_HANDS_OUT = regex(r"(register|listen|subscribe|observe|watch|on[A-Z])")


class Lost(msgspec.Struct):
    """A handle that nobody can end any more. `by`: the bind that overwrites it."""

    item: Acquisition
    place: Place
    by: int
    how: Literal["overwritten", "forgotten", "emptied", "doubled", "taken"]


class Overwrites(Preparing):
    """Lost handles of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        super().__init__(acquired, handles)
        self.reentry = Reentry(acquired)
        self.reacting = Reacting(acquired.index)

    @solved
    def sources(self) -> Sources:
        return Sources(self.acquired.pairs, self.acquired.pairs.models)

    def lost(self) -> Iterator[Lost]:
        """Each lost handle once, those of the models first."""
        seen: set[int] = set()
        for row in self._found():
            if row.item.effect not in seen:
                seen.add(row.item.effect)
                yield row

    def _found(self) -> Iterator[Lost]:
        for item in self.acquired.pairs.acquisitions:
            found: Lost | None = None
            if item.pair.kind in _KINDS and item.destination == "kept" and not item.pair.reschedules:
                found = self._overwritten(item)
            elif item.pair.kind == "listener" and item.life in ("global", "module", "page", "injected"):
                found = self._forgotten(item)
            if found is not None:
                yield found
        if self.unit.language == "java":
            for row in DroppedHandles(self.acquired).found():
                yield Lost(row.item, row.place, row.store, "taken")
        if self.unit.language == "javascript":
            revokes = "revokeObjectURL" in self.index.calls
            held = [item for item in self.acquired.pairs.acquisitions if self._is_handle(item)]
            held = [item for item in held if revokes or item.pair.name != "object URL"]  # LK602 tells
            tables = KeyedHandles(self.acquired, self.handles)
            for row in tables.found(held) if held else ():
                yield Lost(row.item, row.place, row.store, "overwritten")
            for row in tables.dropped(held) if held else ():
                yield Lost(row.item, row.place, row.store, "taken")
            yield from self._emptied()
            yield from self._doubled()
        for item, place, number in Remade(self.acquired, self.handles).found():
            yield Lost(item, place, number, "overwritten")

    def _is_handle(self, item: Acquisition) -> bool:
        if (
            item.pair.kind not in _KINDS
            or item.pair.reschedules
            or item.destination not in ("kept", "passed")
        ):
            return False
        return item.pair.kind != "subscription" or is_event(self._name(item))

    # -- overwritten by the next one

    def _overwritten(self, item: Acquisition) -> Lost | None:
        if item.pair.kind == "subscription" and not self._goes_on(item):
            return None
        handle = self.handles.of(item)
        place = handle.place
        if handle.fate == "given" and place is not None and self._is_lent(item, place):
            handle = Handle("ended", place, NONE, self.handles.ends(place))
        if handle.fate not in ("field", "ended") or place is None or not handle.ends:
            return None  # LK203 to LK205 speak of handles that nothing ends
        scope = self.unit.effects[item.effect].scope
        function = self.index.function(scope)
        row = self.unit.scopes[function]
        if self.unit.language == "javascript" and self.reentry.comes_again(item, function, handle):
            if self.is_guarded(item.effect, place) or self.ended_before(item.effect, function, handle):
                return None
            return Lost(item, place, self._bind(item, place), "overwritten")
        if not place.path or row.kind != "method" or row.name in self.lifecycle.teardown_names:
            return None
        java = self.unit.language == "java" and _AGAIN_JAVA.match(row.name)
        reacts = self.reacting.reacts(function)
        again = java or reacts or _AGAIN.match(row.name) is not None
        if not again and not self._runs_per_event(function, handle):
            return None
        rests = self.reacting.may_rest if reacts else self.is_guarded
        if rests(item.effect, place) or self.ended_before(item.effect, function, handle):
            return None
        if self.is_once(function) or self._callers_see_to_it(function, place, handle):
            return None
        if item.pair.kind == "handle" and self.follows_end(function):
            return None
        return Lost(item, place, self._bind(item, place), "overwritten")

    def _goes_on(self, item: Acquisition) -> bool:
        """Whether a subscription certainly has a handle, and is not over with the first answer."""
        if not is_event(self._name(item)):
            return False
        return self.unit.language == "java" or not self.sources.ends_itself(item.receiver)

    def _is_lent(self, item: Acquisition, place: Place) -> bool:
        """JavaScript: `editor.setDecorations(this.marks, …)` uses what its maker goes on to end."""
        if item.pair.kind != "handle" or self.unit.language != "javascript":
            return False
        calls = [number for role, number in self.handles.roles.of(place) if role == "argument"]
        others = [role for role, _ in self.handles.roles.of(place) if role not in ("argument", "read")]
        rows = [self.unit.effects[number] for number in calls]
        return not others and all(isinstance(row, Call) and _USES.match(row.name) for row in rows)

    def _runs_per_event(self, function: int, handle: Handle) -> bool:
        """JavaScript: whether an event that comes again starts it, and only the end of the object ends it."""
        if self.unit.language != "javascript":
            return False
        for end in handle.ends:
            around = self.index.function(self.unit.effects[end].scope)
            row = self.unit.scopes[around]
            if row.kind != "method" or row.name not in self.lifecycle.teardown_names:
                return False
            if self.index.callers.get(around):
                return False
        for number in self.index.callers.get(function, ()):
            argument = self.index.argument_of.get(self.index.function(self.unit.effects[number].scope))
            call = self.unit.effects[argument[0]] if argument is not None else None
            event = call.args[0] if isinstance(call, Call) and call.name == "on" and call.args else NONE
            if event != NONE and _REPEATED_EVENT.fullmatch(self.unit.values[event].text):
                return True
        return False

    # -- emptied while what it held still knows the object

    def _emptied(self) -> Iterator[Lost]:
        """`reset() { this.query = null }`, where others call `this.query.removeObserver(this)` first."""
        names = [name for name in self.index.calls if _TAKES_OFF.fullmatch(name)]
        taken: dict[Place, list[int]] = {}
        for name in sorted(names):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and any(self._is_this(value) for value in call.args):
                    taken.setdefault(self.unit.places[call.receiver], []).append(number)
        for place, releases in taken.items():
            if len(place.path) == 1 and self.unit.symbols[place.symbol].kind == "this":
                yield from self._forgets(place, releases)

    def _is_this(self, value: int) -> bool:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        return place is not None and place.symbol != NONE and self.unit.symbols[place.symbol].kind == "this"

    def _forgets(self, place: Place, releases: list[int]) -> Iterator[Lost]:
        functions = {self.index.function(self.unit.effects[number].scope) for number in releases}
        rebinds = {
            self.index.function(self.unit.effects[number].scope) for number in self.index.binds.get(place, ())
        }
        if not functions & rebinds:
            return  # nobody takes it off before the next one comes
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            function = self.index.function(bind.scope)
            row = self.unit.scopes[function]
            if row.kind != "method" or function in functions or _TELLS.match(row.name):
                continue
            if bind.value == NONE or not self.index.is_nothing(bind.value):
                continue
            if self.is_guarded(number, place, strict=False):
                continue
            if any(self.index.callee_scope(call) in functions for call in self._calls_in(function)):
                continue
            call = self.unit.effects[releases[0]]
            assert isinstance(call, Call)
            pair = Pair(name=f"`{call.name}()`", kind="listener", acquire=[])
            yield Lost(Acquisition(releases[0], pair, NONE, "own"), place, number, "emptied")

    def _calls_in(self, function: int) -> Iterator[int]:
        for number in self.index.of_function.get(function, ()):
            if isinstance(self.unit.effects[number], Call):
                yield number

    # -- two handles for one field

    def _doubled(self) -> Iterator[Lost]:
        """`this.off = listen("click"); if (keys) this.off = listen("keydown")`: the first can't be ended."""
        for place, binds in self.fields():
            if len(binds) < 2:
                continue
            made = [(number, self._outer(number)) for number in binds if self._handle(number) != NONE]
            if not any(one == other for (_, one), (_, other) in pairwise(made)):
                continue
            if not any(
                self.name_of(end) in _ENDS or "." + self.name_of(end) == place.path[0]
                for end in self.handles.ends(place)
            ):
                continue
            for (first, one), (second, other) in pairwise(made):
                if one != other or self.unit.scopes[one].kind != "method" or self._exclude(first, second):
                    continue
                if any(one == self._outer(end) for end in self.handles.ends(place)):
                    continue
                if self.is_guarded(second, place, strict=False) and self._mentioned(second, place):
                    continue
                call = self.unit.effects[self._handle(first)]
                assert isinstance(call, Call)
                if call.name == self.name_of(self._handle(second)) and self.index.function(
                    self.unit.effects[first].scope
                ) != self.index.function(self.unit.effects[second].scope):
                    continue  # a callback that starts itself again
                if call.name != self.name_of(self._handle(second)) and not _HANDS_OUT.match(call.name):
                    continue
                pair = Pair(name="handle", kind="handle", acquire=[])
                yield Lost(Acquisition(self._handle(first), pair, NONE, "own"), place, second, "doubled")
                break

    def _mentioned(self, effect: int, place: Place) -> bool:
        return any(
            self.mentions(self.unit.regions[index].test, place)
            for index in self.index.regions(self.unit.effects[effect].region)
            if self.unit.regions[index].test != NONE
        )

    def _handle(self, number: int) -> int:
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        row = self.unit.values[bind.value] if bind.value != NONE else None
        return row.call if row is not None and row.kind == "call" else NONE

    def _outer(self, number: int) -> int:
        """The outermost function around an effect that is a method, or the nearest one."""
        around = list(self.index.enclosing(self.unit.effects[number].scope))
        for function in around:
            if self.unit.scopes[function].kind in ("method", "constructor"):
                return function
        return around[0] if around else self.unit.effects[number].scope

    def _exclude(self, first: int, second: int) -> bool:
        """Whether two effects stand in the two arms of one test, or one after a way out."""
        one = [self.unit.regions[index] for index in self.index.regions(self.unit.effects[first].region)]
        two = [self.unit.regions[index] for index in self.index.regions(self.unit.effects[second].region)]
        if any(a.test != NONE and a.test == b.test and a.negated != b.negated for a in one for b in two):
            return True
        return (
            any(region.leaves for region in one)
            or any(region.kind == "branch" and region.negated for region in two)
            or any("case" in self.unit.values[r.test].text for r in (*one, *two) if r.test != NONE)
        )

    def _bind(self, item: Acquisition, place: Place) -> int:
        return next(
            (number for number in self.index.binds.get(place, ()) if number > item.effect), item.effect
        )

    def _name(self, item: Acquisition) -> str:
        call = self.unit.effects[item.effect]
        return call.name if isinstance(call, Call) else ""

    def _callers_see_to_it(self, function: int, place: Place, handle: Handle) -> bool:
        """JavaScript: whether all that call a private helper end the old one or ask first, or run once."""
        name, callers = self.unit.scopes[function].name, self.index.callers.get(function, ())
        if self.unit.language != "javascript" or not name.startswith(("_", "#")) or not callers:
            return False
        for number in callers:
            around = self.index.function(self.unit.effects[number].scope)
            if self.unit.scopes[around].kind == "constructor":
                continue
            if not self.is_guarded(number, place) and not self.ended_before(number, around, handle):
                return False
        return True

    # -- forgotten after it was registered

    def _forgotten(self, item: Acquisition) -> Lost | None:
        """`this.f = …; target.on("x", this.f); this.f = null`: the removal will name nothing."""
        kind, place = self.acquired.pairs.callbacks.identity(item.callback)
        if kind != "stable" or place is None or not place.path:
            return None
        scope = self.index.function(self.unit.effects[item.effect].scope)
        row = self.unit.scopes[scope]
        if row.kind not in ("constructor", "method") or first_word(row.name) in self.lifecycle.teardown_names:
            return None
        removed = [self.unit.effects[number] for number in item.released_by]
        if any(self.index.function(effect.scope) == scope for effect in removed):
            return None
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if number <= item.effect or self.index.function(bind.scope) != scope or bind.value == NONE:
                continue
            if bind.region == NONE and self.unit.values[bind.value].kind == "null":
                return Lost(item, place, number, "forgotten")
        return None
