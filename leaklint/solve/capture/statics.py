"""Static fields that hold what is meant to end sooner: contexts, class loaders, exceptions with a trace."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models, Pinned
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import first_word
from leaklint.solve.names import is_from

_THROWABLE = ("Exception", "Error", "Throwable")
_JDK_LANG = frozenset(
    f"{name}Exception"
    for name in [
        "NumberFormat",
        "IllegalArgument",
        "IllegalState",
        "Runtime",
        "NullPointer",
        "UnsupportedOperation",
        "IO",
        "Timeout",
        "Interrupted",
        "Cancellation",
        "Execution",
        "NoSuchElement",
        "IndexOutOfBounds",
        "Arithmetic",
        "ClassCast",
        "Security",
        "ClosedChannel",
        "EOF",
        "UncheckedIO",
        "Unsupported",
        "ClassNotFound",
        "FileNotFound",
        "ConcurrentModification",
    ]
) | {"Exception", "Throwable", "Error", "AssertionError"}

# what an object of Android is made with keeps the screen
_AROUND = frozenset({"this", "getActivity", "requireActivity", "getContext", "requireContext"})
# what a program calls once, most likely with its own context
_SETS_UP = frozenset(
    {"init", "initialize", "initialise", "setup", "install", "configure", "create", "set", "get", "with"}
    | {"instance", "on", "attach", "register", "bootstrap", "prepare", "load", "inject"}
)


class StaticReference(msgspec.Struct):
    """A static field and the bind that fills it. type: what it holds."""

    place: Place
    bind: int
    type: str
    row: Pinned


class StaticThrowable(msgspec.Struct):
    """A static field with an exception made once. known: its class is read, or of the JDK."""

    place: Place
    bind: int
    type: str
    known: bool


class Statics:
    """Static fields of a unit."""

    def __init__(self, index: Index, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        modules = index.import_modules
        self._pinned = {
            name: row
            for row in models.pinned
            if is_from(self.unit, modules, row.packages)
            for name in row.types
        }
        self._endings = [(name[1:], row) for name, row in self._pinned.items() if name.startswith("*")]

    def _fields(self) -> Iterator[tuple[Place, str, frozenset[str]]]:
        """Every static field with its declared type and flags."""
        for symbol in self.unit.symbols:
            if symbol.kind == "static" and symbol.scope != NONE:
                owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
                if owner.symbol != NONE and not self._is_suppressed(symbol.decorators):
                    yield Place(owner.symbol, (f".{symbol.name}",)), symbol.type, symbol.flags

    def _is_suppressed(self, decorators: tuple[int, ...]) -> bool:
        """`@SuppressLint("StaticFieldLeak")`: its author has decided."""
        for value in decorators:
            row = self.unit.values[value]
            if row.kind == "call":
                call = self.unit.effects[row.call]
                if isinstance(call, Call) and call.name in ("SuppressLint", "VisibleForTesting"):
                    return True
        return False

    def _row(self, kind: str) -> Pinned | None:
        """What is known of a type: by its name, or by what its name ends in (`*Listener`)."""
        row = self._pinned.get(kind)
        if row is not None or not kind:
            return row
        return next((row for end, row in self._endings if kind.endswith(end) and kind != end), None)

    # -- references

    def references(self) -> Iterator[StaticReference]:
        """Static fields of a type that should not be static, filled at run time and never emptied."""
        if not self._pinned:
            return
        for place, kind, _ in self._fields():
            row = self._row(kind)
            if row is None or self._is_harmless_name(place, row):
                continue
            binds = self.index.binds.get(place, ())
            if any(self._empties(index) for index in binds):
                continue
            for index in binds:
                if self._fills(index, row):
                    yield StaticReference(place, index, kind, row)
                    break

    def is_given(self, found: StaticReference) -> bool:
        """Whether callers hand it in as they go: `Tunnel.start(context)`, not `Tunnel.init(context)`."""
        bind = self.unit.effects[found.bind]
        assert isinstance(bind, Bind)
        called = first_word(self.unit.scopes[self.index.function(bind.scope)].name)
        sources = set(self._sources(bind.value, 0)) & set(found.row.sources)
        return sources == {"parameter"} and called not in _SETS_UP

    def singletons(self) -> Iterator[StaticReference]:
        """`instance = new Settings(context)`, whose constructor keeps the very context that it is given."""
        if not self._pinned:
            return
        for place, kind, _ in self._fields():
            owner = self.unit.symbols[place.symbol].target
            if owner == NONE or kind != self.unit.owners[owner].name:
                continue
            binds = self.index.binds.get(place, ())
            if any(self._empties(index) for index in binds):
                continue
            for index in binds:
                pinned = self._handed_on(index, owner)
                if pinned:
                    yield StaticReference(place, index, pinned, self._pinned[pinned])
                    break

    def _handed_on(self, index: int, owner: int) -> str:
        """The type of a parameter that is handed to the constructor of an owner, which keeps it as it is."""
        value = self.unit.effects[index].value  # type: ignore[union-attr]
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or not call.new:
            return ""
        for scope in self.unit.owners[owner].methods:
            made = self.unit.scopes[scope]
            if made.kind != "constructor" or len(made.params) != len(call.args):
                continue
            for argument, param in zip(call.args, made.params, strict=True):
                kind = self.unit.symbols[param].type
                pinned = self._pinned.get(kind)
                if pinned is None or not pinned.packages or not self._is_kept(param):
                    continue
                given = set(self._sources(argument, 0))
                named = self.unit.values[argument]
                place = self.unit.places[named.place] if named.kind == "place" else None
                symbol = self.index.symbol(place) if place is not None else None
                if symbol is None or any(
                    word in symbol.name.lower() for word in pinned.harmless if word.islower()
                ):
                    continue
                if given & {"parameter", "this"} and not given & set(pinned.harmless):
                    return kind
        return ""

    def _is_kept(self, param: int) -> bool:
        """Whether a constructor puts a parameter itself into a field."""
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.symbol == NONE or self.unit.symbols[place.symbol].kind != "this":
                continue
            for index in binds:
                value = self.unit.effects[index].value  # type: ignore[union-attr]
                row = self.unit.values[value] if value != NONE else None
                if row is not None and row.kind == "place" and self.unit.places[row.place] == Place(param):
                    return True
        return False

    def _is_harmless_name(self, place: Place, row: Pinned) -> bool:
        name = place.path[0][1:].lower()
        return any(word in name for word in row.harmless if word.islower())

    def _empties(self, index: int) -> bool:
        """`field = null` outside of its declaration."""
        bind = self.unit.effects[index]
        assert isinstance(bind, Bind)
        return bind.how == "assign" and bind.value != NONE and self.unit.values[bind.value].kind == "null"

    def _fills(self, index: int, row: Pinned) -> bool:
        bind = self.unit.effects[index]
        assert isinstance(bind, Bind)
        if bind.value == NONE or self.unit.values[bind.value].kind == "null":
            return False
        names = set(self._sources(bind.value, 0))
        if names & set(row.harmless):
            return False
        return bool(names & set(row.sources)) if row.sources else True

    def _sources(self, value: int, depth: int) -> Iterator[str]:
        """Names of the calls that a value comes from, through locals, privileged actions and branches."""
        row = self.unit.values[value]
        if depth > 4:
            return
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            yield call.name
            if call.name == "doPrivileged" and call.args:
                yield from self._returned(call.args[0], depth)
            if call.new:  # `new ListAdapter(this)`
                for argument in call.args:
                    yield from (name for name in self._sources(argument, depth + 1) if name in _AROUND)
        elif row.kind == "conditional":
            for part in row.parts:
                yield from self._sources(part, depth + 1)
        elif row.kind == "place":
            place = self.unit.places[row.place]
            kind = self.unit.symbols[place.symbol].kind if place.symbol != NONE else ""
            if kind == "parameter" and place.path:
                yield place.path[-1][1:]  # `event.player`
            if not kind or place.path:
                return
            if kind in ("this", "parameter"):
                yield kind
            for index in self.index.binds.get(place, ()):
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.value != NONE:
                    yield from self._sources(bind.value, depth + 1)

    def _returned(self, value: int, depth: int) -> Iterator[str]:
        row = self.unit.values[value]
        scopes: list[int] = []
        if row.kind == "closure":
            scopes = [row.scope]
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            if isinstance(call, Call) and call.args and self.unit.values[call.args[-1]].kind == "class":
                owner = self.unit.values[call.args[-1]].owner
                scopes = list(self.unit.owners[owner].methods)
        for scope in scopes:
            for index in self.index.returns.get(scope, ()):
                yield from self._sources(self.unit.effects[index].value, depth + 1)  # type: ignore[union-attr]

    # -- throwables

    def throwables(self) -> Iterator[StaticThrowable]:
        """Static constants that hold an exception with the stack trace of class initialisation."""
        for place, _, _ in self._fields():
            for index in self.index.binds.get(place, ()):
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.value == NONE or self.unit.values[bind.value].kind != "call":
                    continue
                call = self.unit.effects[self.unit.values[bind.value].call]
                assert isinstance(call, Call)
                if call.new and self._is_throwable(call) and self._keeps_trace(call):
                    if self._is_replaced(place):
                        continue
                    yield StaticThrowable(place, index, call.name, self._is_known(call))

    def _is_replaced(self, place: Place) -> bool:
        """Whether the class gives its exception another trace at once."""
        return any(
            call.receiver != NONE and self.unit.places[call.receiver] == place
            for call in (self.unit.effects[index] for index in self.index.calls.get("setStackTrace", ()))
            if isinstance(call, Call)
        )

    def _keeps_trace(self, call: Call) -> bool:
        """Unless it overrides fillInStackTrace, or its last argument says that no trace is written."""
        if call.args:
            last = self.unit.values[call.args[-1]]
            if last.kind == "class":
                return not self._without_trace(last.owner)
            if last.kind == "boolean" and last.text == "false" and len(call.args) >= 3:
                return False
        owner = self.index.class_made(call)
        return owner == NONE or not self._without_trace(owner)

    def _without_trace(self, owner: int) -> bool:
        names = self.index.method_names.get(owner, {})
        if "fillInStackTrace" in names or "getStackTrace" in names:
            return True
        scopes = set(self.unit.owners[owner].methods)
        for index in self.index.calls.get("super", ()):
            call = self.unit.effects[index]
            assert isinstance(call, Call)
            if call.scope in scopes and len(call.args) >= 4:
                return True
        return any(self._without_trace(base) for base in self.index.base_owners(owner) if base != owner)

    def _is_known(self, call: Call) -> bool:
        """Whether no base class in another file can switch the trace off."""
        owner = self.index.class_made(call)
        if owner == NONE:
            return call.name in _JDK_LANG
        bases = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        names = [self._simple_name(base.place) for base in bases if base.kind == "place"]
        return any(name in _JDK_LANG for name in names)

    def _simple_name(self, place: int) -> str:
        row = self.unit.places[place]
        return self.unit.symbols[row.symbol].name if row.symbol != NONE and not row.path else ""

    def _is_throwable(self, call: Call) -> bool:
        """By name, or by the base class of a class of the unit; enum constants are none."""
        owner = self.index.class_made(call)
        if owner == NONE:
            return call.name.endswith(_THROWABLE)
        bases = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        return self.unit.owners[owner].kind == "class" and any(
            self._simple_name(base.place).endswith(_THROWABLE) for base in bases if base.kind == "place"
        )
