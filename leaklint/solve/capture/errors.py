"""Python exceptions, tracebacks and frames that something long-lived keeps.

An exception refers to its traceback, a traceback to every frame between raise and catch, a frame to all
its locals. Locals that keep the frame they are in: see `frames` and `raised`.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.capture.frames import Frames
from leaklint.solve.capture.kept import KeptError
from leaklint.solve.capture.onlytext import OnlyText, forgets
from leaklint.solve.capture.raised import raised_locals
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name

_TRACES = frozenset(
    {
        *("sys.exc_info", "sys._getframe", "inspect.currentframe", "inspect.stack", "inspect.trace"),
        *("twisted.python.failure.Failure", "sys._current_frames", "inspect.getinnerframes"),
    }
)
_EXCEPTION = regex(r"[A-Z]\w*(Error|Exception|Warning|Interrupt|Timeout)$")
_GIVEN = regex(r"_?(exc|exception|err|error|exc_info|excinfo|einfo|tb|traceback|frame|failure)")
_TRACE_NAMES = frozenset(name.rpartition(".")[2] for name in _TRACES)
# what takes the text out of an exception, and lets go of the rest
_FLATTENS = frozenset(
    {"str", "repr", "format", "format_exc", "format_exception", "type", "format_tb", "print_exc"}
)


class Errors:
    """Exceptions that long-lived places of one unit keep."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.lifecycle = growths.lifecycle
        self._caught: dict[Place, list[int]] = {}
        self._has_strip: bool | None = None

    def found(self) -> Iterator[KeptError]:
        """Each place that keeps exceptions, once."""
        self._collect()
        frames = Frames(self.index, self.growths.repeats)
        if not self._caught and self.index.calls.keys().isdisjoint(_TRACE_NAMES) and not self._made_errors():
            yield from frames.while_suspended()
            return
        seen: set[Place] = set()
        for item in (
            *(*self._raised(), *self._collected(), *self._chained(), *self._kept(), *frames.in_loops()),
            *(*frames.in_own_frames(), *self._reraised(), *frames.while_suspended()),
        ):
            if item.place not in seen:
                seen.add(item.place)
                yield item

    def _reraised(self) -> Iterator[KeptError]:
        """`last = error` in an `except`, `raise last` behind it."""
        for found in raised_locals(self.index, self.growths.repeats) if self._caught else ():
            value = self.index.bind(found.bind).value
            more = [(found.raised, "raised here: its traceback refers to the frame of this call")]
            sure = found.beside != NONE
            yield KeptError(found.place, found.bind, "reraised", value, sure, more, found.beside)

    def _made_errors(self) -> bool:
        return any(_EXCEPTION.match(name) for name in self.index.calls)

    def _collect(self) -> None:
        for number in self.index.catches:
            place = self.unit.places[self.index.bind(number).target]
            self._caught.setdefault(place, []).append(number)

    # -- what a value is

    def _is_trace(self, value: int, scope: int, depth: int = 0) -> bool:
        """Whether a value is an exception that was caught, a traceback or a frame."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and callee_name(self.unit, row.call) in _TRACES
        if row.kind == "container":
            return depth < 2 and any(self._is_trace(part, scope, depth + 1) for part in row.parts)
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if place.path and place.path[-1] in (".__traceback__", ".tb_frame", ".f_back"):
            return True
        if place.symbol == NONE:
            return place.call != NONE and callee_name(self.unit, place.call) in _TRACES
        if place.path and place.path != ("[]",):
            return False
        root = Place(place.symbol)
        if not place.path and self._is_caught(root, row.at):
            return True
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter":
            return not place.path and self._is_given_error(symbol.scope, place.symbol)
        if symbol.kind != "variable" or depth > 2:
            return False
        return any(
            bind.value != NONE
            and bind.how in ("declare", "assign")
            and self._is_trace(bind.value, scope, depth + 1)
            for bind in map(self.index.bind, self.index.binds.get(root, ()))
            if self.unit.values[bind.value].kind in ("call", "place")
        )

    def _is_caught(self, place: Place, at: int) -> bool:
        """Whether a name stands for the exception where it is read: inside of its `except`."""
        for number in self._caught.get(place, ()):
            bind = self.unit.effects[number]
            region = self.unit.regions[bind.region] if bind.region != NONE else None
            if region is not None and region.at <= at <= region.end:
                return True
        return False

    def _is_given_error(self, scope: int, symbol: int) -> bool:
        """Whether callers in the file hand over caught exceptions, or the parameter is typed as one."""
        row = self.unit.symbols[symbol]
        if row.type and (_EXCEPTION.match(row.type) or row.type in ("TracebackType", "FrameType")):
            return True
        if not _GIVEN.fullmatch(row.name):
            return False
        position = (
            self.unit.scopes[scope].params.index(symbol) if symbol in self.unit.scopes[scope].params else -1
        )
        for number in self.index.callers.get(scope, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            given = [value for name, value in call.keywords if name == row.name]
            if 0 <= position < len(call.args):
                given.append(call.args[position])
            for value in given:
                part = self.unit.values[value]
                if part.kind == "place" and self._is_caught(self.unit.places[part.place], part.at):
                    return True
        return False

    # -- containers

    def _collected(self) -> Iterator[KeptError]:
        """`self.failures.append((job, exc))` in what lives long and is not bounded, or for its text."""
        texts = OnlyText(self.index)
        for holder in self.growths.holders.by_place.values():
            row = holder.container
            if holder.lifetime not in ("process", "instance") or (row is not None and row.weak):
                continue
            for item in holder.growths:
                scope = self.unit.effects[item.effect].scope
                kept = [self._kept_in(value, scope) for value in item.values]
                traces = [value for value in kept if value != NONE]
                if not traces or not self.growths.repeats.repeats(item.effect):
                    continue
                if forgets(holder):
                    if not texts.keeps(holder, item.values[0], traces[0]):
                        continue
                elif holder.lifetime == "instance" and not self._serves(holder.place):
                    continue
                yield KeptError(holder.place, item.effect, "collected", traces[0])
                break

    def _serves(self, place: Place) -> bool:
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "this" and (
            self.lifecycle.lives_long(symbol.target)
            or self.lifecycle.is_service(symbol.target)
            or self.growths.repeats.is_singleton(symbol.target)
        )

    # -- fields and module variables that keep the last one

    def _kept(self) -> Iterator[KeptError]:
        """`self._error = exc` in what lives long, and nothing sets it back."""
        for place, binds in self.index.binds.items():
            if place.symbol == NONE or not self._is_lasting(place):
                continue
            rows = [(number, self.index.bind(number)) for number in binds]
            if any(self._resets(bind) for _, bind in rows) or self._strips():
                continue
            for number, bind in rows:
                if bind.value == NONE or bind.how != "assign" or self._in_constructor(bind.scope):
                    continue
                value = self._kept_in(bind.value, bind.scope)
                if value != NONE and self.growths.repeats.repeats(number):
                    yield KeptError(place, number, "kept", value, value != bind.value)
                    break

    def _is_lasting(self, place: Place) -> bool:
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return len(place.path) == 1 and self._serves(place)
        return symbol.kind == "variable" and symbol.scope == 0 and not place.path

    def _kept_in(self, value: int, scope: int) -> int:
        """The trace that a value is or, made by a constructor, keeps."""
        if self._is_trace(value, scope):
            return value
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not call.name[:1].isupper() or call.name in _FLATTENS:
            return NONE
        for argument in (*call.args, *(given for _, given in call.keywords)):
            part = self.unit.values[argument]
            if part.kind == "place" and self._is_caught(self.unit.places[part.place], part.at):
                return argument
        return NONE

    def _strips(self) -> bool:
        """Whether the file takes tracebacks off exceptions: it knows about them."""
        if self._has_strip is None:
            self._has_strip = any(place.path[-1:] == (".__traceback__",) for place in self.index.binds)
        return self._has_strip

    def _resets(self, bind: Bind) -> bool:
        """Set back to None, otherwise than in the constructor or at import."""
        empty = bind.value != NONE and self.unit.values[bind.value].kind == "null"
        return empty and not self._in_constructor(bind.scope)

    def _in_constructor(self, scope: int) -> bool:
        return self.unit.scopes[self.index.function(scope)].kind in ("constructor", "class", "module")

    # -- chains and tracebacks that get longer

    def _chained(self) -> Iterator[KeptError]:
        """`error.__cause__ = self.last; self.last = error`: each one keeps the one before."""
        for place, binds in self.index.binds.items():
            if not place.path or place.path[-1] not in (".__cause__", ".__context__"):
                continue
            for number in binds:
                bind = self.index.bind(number)
                row = self.unit.values[bind.value] if bind.value != NONE else None
                if row is None or row.kind != "place" or len(place.path) != 1:
                    continue
                before = self.unit.places[row.place]
                if before.symbol == NONE or not self._outlives(before):
                    continue
                for other in self.index.binds.get(before, ()):
                    kept = self.index.bind(other)
                    value = self.unit.values[kept.value] if kept.value != NONE else None
                    if value is None or value.kind != "place":
                        continue
                    if self.unit.places[value.place] == Place(place.symbol):
                        yield KeptError(
                            before, other, "chained", kept.value, True, [(number, "the one before")]
                        )

    def _outlives(self, place: Place) -> bool:
        """Whether a place is a field, a class attribute or a module variable."""
        symbol = self.unit.symbols[place.symbol]
        return bool(place.path) if symbol.kind in ("this", "class") else symbol.scope == 0

    def _raised(self) -> Iterator[KeptError]:
        """An exception made once and raised again and again: each raise makes its traceback longer."""
        for scope, numbers in self._raises().items():
            for number in numbers:
                value = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
                place = self.unit.places[value.place]
                if place.symbol == NONE or self.growths.repeats.runs(scope) == "import":
                    continue
                made = self._made_once(place)
                if made != NONE:
                    yield KeptError(
                        place,
                        made,
                        "raised",
                        self.index.bind(made).value,
                        True,
                        [(number, "raised here, again and again")],
                    )

    def _raises(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, effect in enumerate(self.unit.effects):
            if type(effect) is Leave and effect.how == "raise" and effect.value != NONE:
                value = self.unit.values[effect.value]
                if value.kind == "place":
                    found.setdefault(effect.scope, []).append(number)
        return found

    def _made_once(self, place: Place) -> int:
        """The only bind of a module variable or class attribute, if it makes an exception."""
        symbol = self.unit.symbols[place.symbol]
        module = symbol.kind == "variable" and symbol.scope == 0 and not place.path
        static = symbol.kind == "class" and len(place.path) == 1
        if not module and not static:
            return NONE
        binds = self.index.binds.get(place, ())
        if len(binds) != 1:
            return NONE
        bind = self.index.bind(binds[0])
        row = self.unit.values[bind.value] if bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or self.growths.repeats.runs(bind.scope) != "import":
            return NONE
        return binds[0] if _EXCEPTION.match(call.name) else NONE
