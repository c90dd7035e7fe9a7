"""What a value for a parameter is made of: by its declared type, else by what its name suggests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from leaklint.runtime import places
from leaklint.runtime.suspect import Class, Parameter

MakeKind = Literal[
    "iteration",  # the number itself, converted to `type`
    "text",  # another string each time; `text` at its end
    "integer",
    "real",
    "boolean",
    "bytes",
    "list",  # of `parts[0]`, one element
    "set",
    "map",  # from `parts[0]` to `parts[1]`, one entry
    "tuple",
    "null",
    "callback",  # accepts anything, returns `parts[0]`, or nothing
    "construct",  # an instance of class `type` with `parts` for its constructor
    "kept",  # the one instance of class `type`, made like `parts[0]` before the first call
    "member",  # `text`, a member of enum `type`
    "result",  # what the call before gave, or its member `text`; `parts[0]` where that is of another kind
    "proxy",  # an object that answers to anything; distinct for each iteration
    "placed",  # `text` says what: a file, folder, address, host, port, command or moment that is there
    "typed",  # something of library type `type` that the language's writer knows, else a proxy
]
Guess = Literal["named", "proxy", "integer", "text", "apart", "placed"]
GUESSES: tuple[Guess, ...] = ("named", "proxy", "text", "integer", "apart", "placed")
"""What parameters without a type become, tried in this order until a driver runs without raising. Then texts
of one call that differ, and numbers from 1: a transfer to oneself is refused, and so is one of nothing. Last,
files and peers that are there."""

DEPTH = 3
"""Classes within classes that are made for an argument; what lies deeper is a proxy."""

TYPES: dict[str, MakeKind] = {
    **dict.fromkeys(("str", "string", "String", "CharSequence", "AnyStr", "Text"), "text"),
    **dict.fromkeys(("int", "long", "short", "byte", "bigint", "BigInteger"), "integer"),
    **dict.fromkeys(("Integer", "Long", "Short", "Byte"), "integer"),
    **dict.fromkeys(("float", "double", "number", "Float", "Double", "Number", "complex"), "real"),
    **dict.fromkeys(("bool", "boolean", "Boolean"), "boolean"),
    **dict.fromkeys(("bytes", "bytearray", "memoryview", "Buffer", "Uint8Array", "byte[]"), "bytes"),
    **dict.fromkeys(
        ("list", "List", "Sequence", "Iterable", "Collection", "Array", "ArrayList", "Iterator", "LinkedList",
         "MutableSequence", "ReadonlyArray", "deque", "Deque", "Queue"), "list"
    ),
    **dict.fromkeys(("set", "Set", "frozenset", "FrozenSet", "HashSet", "AbstractSet", "ReadonlySet"), "set"),
    **dict.fromkeys(
        ("dict", "Dict", "Mapping", "MutableMapping", "Map", "HashMap", "Record", "ReadonlyMap",
         "LinkedHashMap", "defaultdict", "OrderedDict"), "map"
    ),
    **dict.fromkeys(("tuple", "Tuple"), "tuple"),
    **dict.fromkeys(("None", "null", "undefined", "void"), "null"),
    **dict.fromkeys(
        ("Callable", "Function", "function", "Runnable", "Consumer", "Supplier", "BiConsumer", "Callback"),
        "callback",
    ),
    **dict.fromkeys(("object", "Object", "any", "Any", "unknown"), "proxy"),
}  # fmt: skip
_WRAPPERS = frozenset(
    ("Optional", "Union", "Promise", "Awaitable", "Final", "Annotated", "Partial", "Readonly")
)
CONVERTED = frozenset(("text", "integer", "real", "boolean", "proxy"))
_NUMERIC_NAME = re.compile(
    r"(?i)^(i|n|idx|index|count|num\w*|size|limit|amount|offset|length|total|port|year|\w+_?count)$"
)
_CALLBACK_NAME = re.compile(
    r"(?i)(callback|handler|listener|func|function|fn|cb|hook|action|predicate|next)$"
)
_LIST_NAME = re.compile(
    r"(?i)^(args|items|rows|values|entries|elements|records|list|array|lines|results|xs|nums|numbers)$"
)
_MAP_NAME = re.compile(r"(?i)^(options|opts|config|settings|params|kwargs|headers|props|mapping|attrs|data)$")


class Make(msgspec.Struct, frozen=True):
    """How one value is made. names: of the constructor parameters that must be passed by name, else ""."""

    kind: MakeKind
    type: str = ""
    parts: tuple[Make, ...] = ()
    text: str = ""
    names: tuple[str, ...] = ()


class Argument(msgspec.Struct, frozen=True):
    """A value for a parameter; `keyword` when it must be passed by name."""

    name: str
    make: Make
    keyword: bool = False


def arguments(
    parameters: tuple[Parameter, ...], classes: dict[str, Class], guess: Guess, depth: int
) -> tuple[Argument, ...]:
    """Values for the parameters that want one. Java has no defaults, so there every one does."""
    brief = guess == "placed"
    return tuple(
        Argument(
            parameter.name,
            _make(parameter, classes, guess, depth),
            parameter.keyword_only or parameter.has_default,
        )
        for parameter in parameters
        if not (parameter.has_default or parameter.rest) or (brief and places.is_wait(parameter))
    )


def _make(parameter: Parameter, classes: dict[str, Class], guess: Guess, depth: int) -> Make:
    needed = places.role(parameter) if guess == "placed" else ""
    if needed:
        return Make("placed", parameter.type, text=needed)
    if parameter.type:
        found = make_type(parameter.type, parameter.type_args, classes, guess, depth)
        bare = found.kind == "proxy" and guess == "text" and _MAP_NAME.match(parameter.name)
        return Make("map", parts=(Make("text"), Make("integer"))) if bare else found  # no option is given
    return _by_name(parameter.name, guess, parameter.reads)


def make_type(
    name: str, type_args: tuple[str, ...], classes: dict[str, Class], guess: Guess = "named", depth: int = 0
) -> Make:
    """A value of a declared type."""
    if guess == "placed" and name.rpartition(".")[2] in ("Path", "PurePath"):
        return Make("placed", name, text="file")
    if name in _WRAPPERS and type_args:
        return make_type(type_args[0], (), classes, guess, depth)
    row = classes.get(name)
    if row is not None:
        return _instance(row, classes, guess, depth)
    if name.endswith("[]") and name != "byte[]":
        return Make("list", name, (make_type(name[:-2], (), classes, guess, depth + 1),))
    kind = TYPES.get(name.rpartition(".")[2])
    inner = [make_type(arg, (), classes, guess, depth + 1) for arg in type_args] if depth < DEPTH else []
    match kind:
        case "list" | "set":
            return Make(kind, name, tuple(inner[:1]) or (Make("text"),))
        case "map":
            return Make(kind, name, tuple(inner[:2]) if len(inner) >= 2 else (Make("text"), Make("integer")))
        case "tuple":
            return Make(kind, name, tuple(inner) or (Make("text"), Make("integer")))
        case "callback" if len(inner) > 1:  # Callable[[str], Awaitable[bytes]]
            return Make(kind, name, tuple(inner[-1:]))
        case None:
            return Make("typed", name, tuple(inner))
    return Make(kind, name)


def _instance(row: Class, classes: dict[str, Class], guess: Guess, depth: int) -> Make:
    if row.kind == "enum" and row.members:
        return Make("member", row.name, text=row.members[0])
    if row.abstract or row.kind == "interface" or depth >= DEPTH:
        return Make("proxy", row.name)
    wanted = arguments(row.constructor, classes, guess, depth + 1)
    return Make(
        "construct",
        row.name,
        tuple(argument.make for argument in wanted),
        names=tuple(argument.name if argument.keyword else "" for argument in wanted),
    )


def apart(given: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """The arguments, of which no two are the same text."""
    texts = 0
    found = []
    for row in given:
        if row.make.kind == "text":
            texts += 1
            end = f"-{texts}" if texts > 1 else ""
            row = msgspec.structs.replace(row, make=msgspec.structs.replace(row.make, text=end))
        found.append(row)
    return tuple(found)


def keep(given: tuple[Argument, ...], owners: AbstractSet[str]) -> tuple[Argument, ...]:
    """The arguments with one object, instead of one a call, of the classes that own what is watched."""
    return tuple(msgspec.structs.replace(row, make=_keep(row.make, owners)) for row in given)


def _keep(make: Make, owners: AbstractSet[str]) -> Make:
    if make.kind == "construct" and make.type in owners:
        return Make("kept", make.type, (make,))
    return msgspec.structs.replace(make, parts=tuple(_keep(part, owners) for part in make.parts))


def failing(given: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """The arguments with functions that answer to anything, as they may be made to fail."""
    return tuple(msgspec.structs.replace(row, make=_failing(row.make)) for row in given)


def _failing(make: Make) -> Make:
    if make.kind == "callback":
        return Make("proxy")
    return msgspec.structs.replace(make, parts=tuple(map(_failing, make.parts)))


def kept(given: tuple[Argument, ...]) -> Iterator[Make]:
    """What is kept, however deep among the arguments."""
    pending = [row.make for row in given]
    while pending:
        make = pending.pop()
        if make.kind == "kept":
            yield make
        pending += make.parts


def are_placed(given: tuple[Argument, ...]) -> bool:
    """Whether anything among the arguments has to be there."""
    pending = [row.make for row in given]
    while pending:
        make = pending.pop()
        if make.kind == "placed":
            return True
        pending += make.parts
    return False


def _by_name(name: str, guess: Guess, reads: bool) -> Make:
    """A value for a parameter without a type, by what its name suggests."""
    if _CALLBACK_NAME.search(name):
        return Make("callback")
    if guess == "proxy" or guess == "integer" or guess == "text":
        return Make(guess)
    if _NUMERIC_NAME.match(name):
        return Make("integer")
    if _LIST_NAME.match(name):
        return Make("list", parts=(Make("text"),))
    if _MAP_NAME.match(name):
        return Make("map", parts=(Make("text"), Make("integer")))
    return Make("proxy") if reads else Make("text")
