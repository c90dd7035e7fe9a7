"""What a file has to call: its functions, methods and classes with their parameters, from the IR."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from leaklint.ir import NONE, Bind, Call, Place, Scope
from leaklint.runtime.suspect import Callable, Class, Parameter, Span
from leaklint.solve import Facts
from leaklint.source import SourceFile

_NAMED = frozenset({"function", "method", "constructor"})
_FUNCTIONS = frozenset({"function", "method", "constructor", "lambda"})
_OF_TEXT = frozenset(
    {"length", "at", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "includes", "indexOf"}
    | {"lastIndexOf", "localeCompare", "match", "matchAll", "normalize", "padEnd", "padStart", "repeat"}
    | {"replace", "replaceAll", "search", "slice", "split", "startsWith", "substring", "substr"}
    | {"toLowerCase", "toUpperCase"}
    | {"toLocaleLowerCase", "toLocaleUpperCase", "toString", "trim", "trimEnd", "trimStart", "valueOf"}
    | {"then", "call", "apply", "bind", "map", "filter", "forEach", "reduce", "some", "every", "find", "join"}
)
"""Members of a string, of a promise and of a function: what has them needs no object."""

_OF_PYTHON = frozenset(name for kind in (str, bytes, list, dict, set, int) for name in dir(kind))
"""Members of what else a parameter without a type is taken for in Python."""

_ONLY_BY_NAME = re.compile(rb"[(,]\s*\*\s*,")


class Namer:
    """Words and spans for the rows of one unit."""

    def __init__(self, facts: Facts, source: SourceFile) -> None:
        self.facts = facts
        self.unit = facts.unit
        self.source = source
        self.exported = {symbol: name for name, symbol in self.unit.exports.items()}
        self._instances: dict[int, list[str]] | None = None
        self._members = _members_read(facts) if facts.unit.language != "java" else {}
        self._literals = {
            scope: number
            for number, row in enumerate(self.unit.owners)
            if row.kind == "object"
            for scope in row.methods
        }

    def span(self, at: int, end: int) -> Span:
        return Span(at, end, self.source.line_of(at), self.source.line_of(max(at, end - 1)))

    def effect_span(self, effect: int) -> Span:
        row = self.unit.effects[effect]
        return self.span(row.at, row.end)

    def owner(self, number: int) -> str:
        """Name of an owner with those of the classes around it: `Outer.Inner`."""
        if number == NONE:
            return ""
        row = self.unit.owners[number]
        outer = self.owner(row.outer) if row.outer != NONE else ""
        return f"{outer}.{row.name}" if outer else row.name

    def function(self, scope: int) -> str:
        """`function`, `Class.method`; the nearest named one around a lambda."""
        scopes = self.unit.scopes
        while scope != NONE and not self.is_named(scope):
            scope = scopes[scope].parent
        if scope == NONE:
            return ""
        owner = self.class_of(scope)
        return f"{self.owner(owner)}.{scopes[scope].name}" if owner != NONE else scopes[scope].name

    def is_named(self, scope: int) -> bool:
        """Whether the outside can call a scope by a name: `const visit = (url) => ...` gives it one."""
        row = self.unit.scopes[scope]
        if row.kind == "lambda" and self.unit.language == "javascript":
            return bool(row.name) and self.around(scope) == NONE
        return bool(row.name) and row.kind in _NAMED

    def class_of(self, scope: int) -> int:
        """The owner whose method a scope is, static ones included, or NONE."""
        row = self.unit.scopes[scope]
        if row.kind == "lambda":
            return self._literals.get(scope, NONE)
        if row.kind in ("method", "constructor") and row.owner != NONE:
            return row.owner
        outside = self.unit.scopes[row.parent] if row.parent != NONE else row
        return outside.owner if outside.kind == "class" and outside is not row else NONE

    def around(self, scope: int) -> int:
        """The nearest function-like scope outside of a scope, or NONE."""
        scopes = self.unit.scopes
        scope = scopes[scope].parent
        while scope != NONE and scopes[scope].kind not in _FUNCTIONS:
            scope = scopes[scope].parent
        return scope

    def callable(self, scope: int) -> Callable:
        row = self.unit.scopes[scope]
        owner = self.class_of(scope)
        outside = self.around(scope)
        return Callable(
            row.name,
            self.source.line_of(row.at),
            row.kind if row.kind in _FUNCTIONS else "function",  # type: ignore[arg-type]
            self.owner(owner),
            "" if outside == NONE else self.function(outside) or "a function",
            self.parameters(row),
            flags=row.flags,
            exported=self._export_of(self.unit.owners[owner].symbol if owner != NONE else row.symbol),
            instances=self.instances(owner) if owner != NONE else (),
        )

    def _export_of(self, symbol: int) -> str:
        return self.exported.get(symbol, "") if symbol != NONE else ""

    def parameters(self, scope: Scope) -> tuple[Parameter, ...]:
        only_by_name = False
        found = []
        for number in scope.params:
            symbol = self.unit.symbols[number]
            rest = "rest" in symbol.flags
            before = self.source.data[scope.at : symbol.at]
            named = only_by_name or (self.unit.language == "python" and bool(_ONLY_BY_NAME.search(before)))
            default = self._default(number)
            found.append(
                Parameter(
                    symbol.name,
                    symbol.type,
                    symbol.type_args,
                    default != NONE or "optional" in symbol.flags,
                    self.unit.values[default].kind if default != NONE else "",
                    self._value_text(default),
                    rest,
                    named and not rest,
                    bool(self._members.get(number)),
                )
            )
            only_by_name = only_by_name or (rest and self.unit.language == "python")
        return tuple(found)

    def _default(self, symbol: int) -> int:
        for index in self.facts.index.binds.get(Place(symbol), ()):
            bind = self.unit.effects[index]
            if isinstance(bind, Bind) and bind.how == "default":
                return bind.value
        return NONE

    def _value_text(self, value: int) -> str:
        if value == NONE:
            return ""
        row = self.unit.values[value]
        return self.source.text(row.at, row.end)

    def instances(self, owner: int) -> tuple[str, ...]:
        """Module variables bound to a new instance of an owner."""
        if self._instances is None:
            self._instances = dict(self._find_instances())
        return tuple(self._instances.get(owner, ()))

    def _find_instances(self) -> Iterator[tuple[int, list[str]]]:
        found: dict[int, list[str]] = {}
        for place, indices in self.facts.index.binds.items():
            if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].scope != 0:
                continue
            for index in indices:
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                owner = self.constructed(bind.value)
                if owner != NONE:
                    found.setdefault(owner, []).append(self.unit.symbols[place.symbol].name)
        yield from found.items()

    def constructed(self, value: int) -> int:
        """The owner that a value is a new instance of, or NONE."""
        if value == NONE or self.unit.values[value].kind != "call":
            return NONE
        call = self.unit.effects[self.unit.values[value].call]
        if not isinstance(call, Call) or call.callee == NONE:
            return NONE
        place = self.unit.places[call.callee]
        if place.symbol == NONE or place.path:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        return symbol.target if symbol.kind == "class" else NONE


def _members_read(facts: Facts) -> dict[int, set[str]]:
    """By symbol, the names after its dot that no string, no array and no dictionary has."""
    found: dict[int, set[str]] = {}
    unit = facts.unit
    plain = _OF_TEXT if unit.language == "javascript" else _OF_PYTHON
    calls = (row for row in unit.effects if isinstance(row, Call) and row.receiver != NONE)
    methods = (Place(unit.places[row.receiver].symbol, (f".{row.name}",)) for row in calls)
    for place in (*unit.places, *methods):
        name = place.path[0].removeprefix(".") if place.path else ""
        if place.symbol != NONE and place.path and place.path[0].startswith(".") and name not in plain:
            found.setdefault(place.symbol, set()).add(name)
    return found


def callables(namer: Namer) -> Iterator[Callable]:
    """Everything with a name that can be called, in source order."""
    for number in range(len(namer.unit.scopes)):
        if namer.is_named(number):
            yield namer.callable(number)


def classes(namer: Namer) -> Iterator[Class]:
    """The classes of a file, in source order."""
    facts, unit = namer.facts, namer.unit
    for number, owner in enumerate(unit.owners):
        if owner.kind in ("anonymous", "object") or not owner.name:
            continue
        constructor = _constructor(facts, number)
        yield Class(
            namer.owner(number),
            _kind(namer, number),
            namer.parameters(unit.scopes[constructor]) if constructor != NONE else _fields(namer, number),
            tuple(facts.text(base) for base in owner.bases),
            _members(namer, number) if _is_enum(namer, number) else (),
            "abstract" in owner.flags or any("abstract" in unit.scopes[item].flags for item in owner.methods),
            owner.outer == NONE or "static" in owner.flags or unit.language != "java",
            owner.symbol != NONE and "private" in unit.symbols[owner.symbol].flags,
            _teardown(namer, number),
            namer.exported.get(owner.symbol, ""),
        )


def _constructor(facts: Facts, owner: int) -> int:
    for name in ("__init__", "constructor", "<init>", facts.unit.owners[owner].name):
        found = facts.index.method(owner, name)
        if found != NONE and facts.unit.scopes[found].kind == "constructor":
            return found
    return NONE


def _fields(namer: Namer, owner: int) -> tuple[Parameter, ...]:
    """The constructor that a record or a dataclass is given: its fields."""
    unit = namer.unit
    row = unit.owners[owner]
    inside = _class_scope(namer, owner)
    names = {namer.facts.text(value) for value in row.decorators}
    data = any("dataclass" in name or "define" in name for name in names)
    if row.kind != "record" and not data:
        return ()
    found = []
    for number, symbol in enumerate(unit.symbols):
        if (
            symbol.kind in ("field", "static")
            and symbol.scope == inside
            and symbol.type
            and symbol.type != "ClassVar"
        ):
            place = Place(row.symbol if symbol.kind == "static" else row.this, ("." + symbol.name,))
            binds = namer.facts.index.binds.get(place) or namer.facts.index.binds.get(Place(number)) or ()
            options = _field_options(namer, binds)
            if "init=False" not in (options or ()):
                bound = bool(binds) and (options is None or any("default" in option for option in options))
                found.append(Parameter(symbol.name, symbol.type, symbol.type_args, bound))
    return tuple(found)


def _field_options(namer: Namer, binds: Sequence[int]) -> list[str] | None:
    """The options of `password: str = field(repr=False)`, which has no default; None for a plain default."""
    unit = namer.unit
    for bind in binds:
        value = unit.effects[bind].value  # type: ignore[union-attr]
        if value == NONE or unit.values[value].kind != "call":
            continue
        call = unit.effects[unit.values[value].call]
        if isinstance(call, Call) and call.name == "field":
            given = (unit.values[item] for _, item in call.keywords)
            texts = (namer.source.text(row.at, row.end) for row in given)
            return [f"{name}={text}" for (name, _), text in zip(call.keywords, texts, strict=True)]
    return None


def _class_scope(namer: Namer, owner: int) -> int:
    """The scope of a class body."""
    scopes = namer.unit.scopes
    inside = (number for number, row in enumerate(scopes) if row.kind == "class" and row.owner == owner)
    return next(inside, namer.unit.owners[owner].scope)


def receiver_span(namer: Namer, effect: int) -> Span | None:
    """The expression before the method name, or before the index, of an effect."""
    unit, data = namer.unit, namer.source.data
    row = unit.effects[effect]
    if isinstance(row, Call) and row.receiver != NONE and row.at_name > row.at:
        text = data[row.at : row.at_name].rstrip().removesuffix(b".").removesuffix(b"?").rstrip()
        return namer.span(row.at, row.at + len(text)) if text else None
    if isinstance(row, Bind) and row.how == "element" and row.key != NONE:
        start = data.rfind(b"[", row.at, unit.values[row.key].at)
        text = data[row.at : start].rstrip() if start > row.at else b""
        return namer.span(row.at, row.at + len(text)) if text else None
    return None


def field_type(namer: Namer, place: Place) -> str:
    """The declared type of a field of a class in the file, in Java; "" when it has none."""
    root = namer.unit.symbols[place.symbol]
    if (
        namer.unit.language != "java"
        or root.kind not in ("this", "class")
        or len(place.path) != 1
        or root.target == NONE
    ):
        return ""
    inside = _class_scope(namer, root.target)
    fields = (symbol for symbol in namer.unit.symbols if symbol.scope == inside)
    name = place.path[0].removeprefix(".")
    return next((symbol.type for symbol in fields if symbol.name == name), "")


def _kind(namer: Namer, owner: int) -> str:
    """`enum` and, for protocols of Python, `interface`: of neither an instance can be made."""
    if _is_enum(namer, owner):
        return "enum"
    bases = (namer.facts.text(base).rpartition(".")[2] for base in namer.unit.owners[owner].bases)
    protocol = namer.unit.language == "python" and any(base.partition("[")[0] == "Protocol" for base in bases)
    return "interface" if protocol else namer.unit.owners[owner].kind


def _is_enum(namer: Namer, owner: int) -> bool:
    row = namer.unit.owners[owner]
    return row.kind == "enum" or any(
        namer.facts.text(base).rpartition(".")[2].endswith(("Enum", "Flag")) for base in row.bases
    )


def _members(namer: Namer, owner: int) -> tuple[str, ...]:
    unit = namer.unit
    inside = _class_scope(namer, owner)
    return tuple(
        symbol.name
        for symbol in unit.symbols
        if symbol.kind == "static" and symbol.scope == inside and not symbol.name.startswith("_")
    )[:1]


def _teardown(namer: Namer, owner: int) -> tuple[str, ...]:
    """Methods that end a life: called on each object that a driver drops."""
    unit = namer.unit
    return tuple(
        unit.scopes[scope].name
        for scope in namer.facts.lifecycle.teardown_of(owner)
        if not unit.scopes[scope].params
        and "private" not in unit.scopes[scope].flags
        and unit.scopes[scope].name not in ("__del__", "finalize")  # called when nothing holds the object
    )[:1]
