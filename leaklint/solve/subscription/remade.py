"""Fields in which a method puts a new object, while only the end of their owner ends the one before."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.models import Pair
from leaklint.solve.handles import Handle
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.preparing import Preparing
from leaklint.solve.subscription.streams import ENDLESS, EVENTS

# methods that put something else into the place of what there is
_REPLACES = regex(
    r"_?(on(Change|Update)|update|set|change|switch|replace|swap|reload|reconnect|select|rebuild|reset|renew|"
    r"refresh|restart|reopen|respawn)([A-Z_]|$)|on[A-Z]\w*(Change|Update)d?$"
)
_REPLACES_IN_JAVA = regex(
    r"(update|change|switch|replace|swap|reload|reconnect|rebuild|renew|refresh|restart|reopen)([A-Z]\w*)?|"
    r"re(init|create|size|shape)\w*|on[A-Z]\w*(Changed|Updated|Resized?)|(component|surface|size)(Resized|Changed)"
)
_ENDS = frozenset({"dispose", "destroy", "close", "terminate", "disconnect", "unsubscribe", "quit", "kill"})
_ENDS_IN_JAVA = _ENDS | {"shutdown", "shutdownNow", "stop", "cancel", "release", "recycle"}
# what closes nothing when it is closed, and functions that make what they return
_PLAIN = regex(r"(String|ByteArray|CharArray)\w*(Reader|Writer|Stream)|Scanner|Formatter|StringBuilder")
_MAKES = regex(r"(create|new|open|connect|start|build|make|subscribe|schedule|register|watch)([A-Z]\w*)?")
_MAKES_IN_JAVASCRIPT = regex(r"(create|open|connect|listen|spawn|fork|watch)([A-Z]\w*)?")
# what is over when its work is done
_WORK = regex(r"(Task|Job|Request|Call|Loader|Query|Future|Animation)$")
_POLLS = regex(r"(?i)(poll|watch|listen|observe|stream|follow|tail)\w*")
_THREADS = ("observeOn", "subscribeOn")
_CHAIN = 20


class Remade(Preparing):
    """Objects of one unit that their successors replace and nothing ends."""

    def found(self) -> Iterator[tuple[Acquisition, Place, int]]:
        """`setModel(m) { this.listeners = new DisposableStore() }` where only its end disposes."""
        java = self.unit.language == "java"
        ends = _ENDS_IN_JAVA if java else _ENDS
        if self.unit.language == "python" or ends.isdisjoint(self.index.calls):
            return
        for place, binds in self.fields():
            for number in binds:
                ways = [(at, function) for at, function in self._ways(number) if self._replaces(function)]
                if not ways or not self._loses(place, number, self.index.function_at(number), ends):
                    continue
                if any(at == number or self._comes_first(place, at, function, ends) for at, function in ways):
                    call = self.unit.effects[self._made(number)]
                    assert isinstance(call, Call)
                    name = f"`{call.name}`" if call.new else f"result of `{call.name}()`"
                    pair = Pair(name=name, kind="handle", acquire=[])
                    yield Acquisition(self._made(number), pair, NONE, "own"), place, number

    def _ways(self, number: int) -> Iterator[tuple[int, int]]:
        """A bind and the function that it stands in, and each call of that one from another method."""
        function = self.index.function_at(number)
        yield number, function
        for caller in self.index.callers.get(function, ()):
            yield caller, self.index.function_at(caller)

    def _replaces(self, function: int) -> bool:
        """`restart()`, `onThemeChange()`: a method that replaces what there is."""
        row = self.unit.scopes[function]
        replaces = _REPLACES_IN_JAVA.fullmatch if self.unit.language == "java" else _REPLACES.match
        return row.kind == "method" and replaces(row.name) is not None

    def _comes_first(self, place: Place, at: int, function: int, names: frozenset[str]) -> bool:
        """`restart() { this.start(); }`: nothing before the call ends what there is, or asks for it."""
        ends = [end for end in self.handles.roles.received.get(place, ()) if self.name_of(end) in names]
        guarded = self.is_guarded(at, place, strict=False)
        ended = self.ended_before(at, function, Handle("field", place, at, ends))
        return not (guarded or ended or self._is_moved(place, function) or self.is_once(function))

    def _loses(self, place: Place, number: int, function: int, names: frozenset[str]) -> bool:
        if self._made(number) == NONE:
            return False
        ends = [end for end in self.handles.roles.received.get(place, ()) if self.name_of(end) in names]
        if not ends or not all(self.handles.in_end_of_life(end) for end in ends):
            return False
        handle = Handle("field", place, number, ends)
        if self.is_guarded(number, place, strict=False) or self.ended_before(number, function, handle):
            return False
        if self.is_once(function) or self._is_moved(place, function) or self.follows_end(function):
            return False
        return not self._ends_by_itself(number, {self.name_of(end) for end in ends})

    def _ends_by_itself(self, number: int, ends: set[str]) -> bool:
        """Java: one answer or one piece of work, which ends when it is done."""
        call = self.unit.effects[self._made(number)]
        assert isinstance(call, Call)
        if self.unit.language != "java":
            return False
        if call.name == "subscribe":
            return not self._keeps_coming(call)
        return ends <= {"cancel"} and _WORK.search(call.name) is not None

    def _keeps_coming(self, call: Call) -> bool:
        """Whether a name on the way to `subscribe()` says that values keep coming."""
        for _ in range(_CHAIN):
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            if place is None:
                return False
            inner = self.unit.effects[place.call] if place.symbol == NONE and place.call != NONE else None
            last = self.index.last_name(place)
            name = inner.name if isinstance(inner, Call) else last
            if name not in _THREADS and any(each.fullmatch(name) for each in (ENDLESS, EVENTS, _POLLS)):
                return True
            if not isinstance(inner, Call):
                return False
            call = inner
        return False

    def _made(self, number: int) -> int:
        """The construction that a bind stores, itself or through a local."""
        bind = self.unit.effects[number]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        if row is not None and row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ())
            if place.symbol == NONE or place.path or len(binds) != 1:
                return NONE
            if self.unit.symbols[place.symbol].kind not in ("constant", "variable"):
                return NONE
            inner = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
            row = self.unit.values[inner] if inner != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if row is None or not isinstance(call, Call):
            return NONE
        makes = (_MAKES if self.unit.language == "java" else _MAKES_IN_JAVASCRIPT).fullmatch(call.name)
        return row.call if (call.new and not _PLAIN.fullmatch(call.name)) or makes else NONE

    def _is_moved(self, place: Place, function: int) -> bool:
        """Whether the function reads the old one first, and so may end it under another name."""
        return any(
            self.index.function_at(number) == function
            or (role != "read" and not (role == "bound" and self._is_only_named(number)))
            for role, number in self.handles.roles.of(place)
            if number != NONE
        )

    def _is_only_named(self, number: int) -> bool:
        """`const server = this.server;` of a method that asks the server something, and ends nothing."""
        local = self.unit.places[self.index.bind(number).target]
        roles = self.handles.roles
        return not (local.path or self.handles.ends(local) or roles.is_given_away(local))
