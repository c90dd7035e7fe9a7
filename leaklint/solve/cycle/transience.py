"""Python classes whose objects come and go, so that what each leaves in a cycle adds up between collections.

A program has one application, one window, one registry; it has many connections, messages, parsers and
queries. The file shows which, as far as it does: by the methods that a loop or server calls at the end of an
object, by the names of the class and its bases, by the places that make one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.repeats import Repeats

Shown = Literal["lost", "left", "named", "made", "large"]

# what there is one of for each peer, message, call or piece of text
_MANY = regex(
    r"(Connection|Conn|Socket|Stream|Transport|Protocol|Parser|Receiver|Request|Response|Frame|Message|Packet|"
    r"Future|Promise|Results?|ResultSet|Cursor|Query|Reader|Writer|Decoder|Encoder|Lexer|Tokenizer|Scanner|"
    r"Iterator|Transaction|Upload|Download|Transfer|PubSub|Pipeline|Wrapper|Condition|Relay|Span|Task|Call|"
    r"Buffer)(Base|Mixin|Impl)?$"
)
# the same, where something ends each: others of these names last as long as the program
_MANY_WITH_END = regex(r"(Session|Channel|Processor|Job|Sender|Peer|Link)$")
# what there is one or few of, whatever else the name says
_FEW = regex(
    r"(Factory|Handlers?|Site|App|Application|Window|Widget|Main|Plugin|Registry|Service|Settings|Config|Meta|"
    r"Command|Tool|Manager|Server|Pool|Dialect|Extension)$"
)
_WIDGET = regex(
    r"(Frame|Window|Widget|Dialog|Application|Bar|Panel|Ctrl|Control)$"
)  # the `Frame` of a toolkit is no message
# machines, worlds and devices: large, and one of each
_ONE = regex(
    r"(?i)(cpu|emulator|machine|vm|chip|console|device|camera|game|env|environment|world|simulation|simulator|"
    r"robot|engine|display|screen|driver)_?\d*$"
)
# methods that a loop or a server calls when the peer has gone
_LOST = (
    *("connection_lost", "connectionLost", "processEnded", "process_exited", "on_connection_close"),
    *("connection_closed", "on_disconnect", "handle_close"),
)
_MET = frozenset({"connection_made", "connectionMade", "makeConnection", "on_connect", "handle_connect"})
_PROTOCOL = regex(r"(Protocol|Receiver)$")  # has them by inheritance
_AT_START = regex(r"_*(init|initiali[sz]e|set_?up|main|start|install|configure)(_\w+)?$")
_NO_END = frozenset({"__del__", "reset", "finish", "join"})  # nobody calls it, or the object goes on
_LEFT = ("__exit__", "__aexit__")


# calls that make a large piece of memory, whoever makes the object around it
_LARGE = frozenset(
    {
        *("bytearray", "mmap", "zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like"),
        *("frombuffer", "fromfile", "loadtxt", "imread", "read_csv", "read_parquet"),
    }
)


class Transient(msgspec.Struct):
    """How a file shows that objects of a class come and go.

    shown: `lost` and `left`: a method ends each (`at`: its scope), named: its name says so, made: a function
    makes one in each call (`at`: the effect), large: each holds memory of its own (`at`: the bind).
    """

    shown: Shown
    at: int = NONE


class Transience:
    """Answers about the classes of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self.repeats = repeats
        self._known: dict[int, Transient | None] = {}

    def of(self, owner: int) -> Transient | None:
        """Why objects of a class count as many; None where nothing shows it, or a program has few."""
        if owner not in self._known:
            self._known[owner] = self._shown(owner)
        return self._known[owner]

    def _shown(self, owner: int) -> Transient | None:
        name = self.unit.owners[owner].name
        bases = list(self._bases(owner))
        if _FEW.search(name) or any(_FEW.search(base) or _WIDGET.search(base) for base in bases):
            return None
        if "type" in bases or self.repeats.is_singleton(owner):
            return None
        met = any(self.index.method(owner, name) != NONE for name in _MET)
        lost = self._first(owner, _LOST) if met or any(_PROTOCOL.search(base) for base in bases) else NONE
        if lost != NONE:
            return Transient("lost", lost)
        if self._is_made_once(name):
            return None
        if any(_MANY.search(each) for each in (name, *bases)):
            return Transient("named")
        if self.ends(owner) != NONE and any(_MANY_WITH_END.search(each) for each in (name, *bases)):
            return Transient("named")
        if self.lifecycle.is_service(owner):
            return None
        left = self._first(owner, _LEFT)
        if left != NONE:
            return Transient("left", left)
        return self._made(name) or (None if _ONE.search(name) else self._large(owner))

    def _first(self, owner: int, names: tuple[str, ...]) -> int:
        """The first of some methods that a class has, itself or from a base in the file."""
        return next((scope for name in names if (scope := self.index.method(owner, name)) != NONE), NONE)

    def ends(self, owner: int) -> int:
        """The scope of a method that closes, stops or disconnects an object, or NONE."""
        methods = self.index.method_names.get(owner, {})
        names = self.lifecycle.teardown_names
        return next((scope for name, scope in methods.items() if name in names - _NO_END), NONE)

    def _made(self, name: str) -> Transient | None:
        """A function of the file makes one in each call, uses it and drops it."""
        for number in self.index.calls.get(name, ()) if name else ():
            scope = self.unit.scopes[self.index.function(self.unit.effects[number].scope)]
            if scope.kind not in ("function", "method", "lambda") or not self.repeats.repeats(number):
                continue
            if not _AT_START.match(scope.name) and self._is_dropped(number):
                return Transient("made", number)
        return None

    def _is_made_once(self, name: str) -> bool:
        """Whether the file makes objects of a class, and each once: `main()` parses its arguments."""
        makers = self.index.calls.get(name, ()) if name else ()
        return bool(makers) and not any(self.repeats.repeats(number) for number in makers)

    def _large(self, owner: int) -> Transient | None:
        """`self.pixels = np.zeros(shape)`: a few of these are much."""
        this = self.unit.owners[owner].this
        for name in sorted(_LARGE.intersection(self.index.calls)):
            for number in self.index.calls[name]:
                bind = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
                if not isinstance(bind, Bind) or bind.value == NONE:
                    continue
                row, place = self.unit.values[bind.value], self.unit.places[bind.target]
                if (
                    row.kind == "call"
                    and row.call == number
                    and place.symbol == this
                    and len(place.path) == 1
                ):
                    return Transient("large", number + 1)
        return None

    def _is_dropped(self, made: int) -> bool:
        """`Parser(text).parse()`; `parser = Parser()` of a local that is not handed on."""
        function = self.index.function_at(made)
        for number in self.index.of_function.get(function, ()):
            effect = self.unit.effects[number]
            if number <= made:
                continue
            if isinstance(effect, Call) and effect.receiver != NONE:
                if self.unit.places[effect.receiver].call == made:
                    return True
            elif isinstance(effect, Bind) and effect.value != NONE:
                row = self.unit.values[effect.value]
                if row.kind == "call" and row.call == made:
                    return effect.how == "declare" and self._stays_local(self.unit.places[effect.target])
        return False

    def _stays_local(self, place: Place) -> bool:
        """Whether a local is only called upon, never returned, stored, captured or handed to a function."""
        if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].scope == 0:
            return False
        values = (self.unit.values[number] for number in self.index.references.get(place.symbol, ()))
        captured = any(place.symbol in scope.captures for scope in self.unit.scopes)
        return not captured and all(self.unit.places[row.place].path for row in values)

    def _bases(self, owner: int) -> Iterator[str]:
        """Names of the bases of a class, and of those that these have in the file."""
        for number in self.index.lineage(owner):
            for value in self.unit.owners[number].bases:
                row = self.unit.values[value]
                place = self.unit.places[row.place] if row.kind == "place" else None
                if place is not None and place.symbol != NONE:
                    yield self.index.last_name(place)
