"""Chooses what to call and with what arguments, in no language yet.

A `CallPlan` says it; `leaklint.runtime.<language>.drivers.write` turns a plan into source in workload form.
Arguments are made anew for every call from the iteration number, so that `iterate(0)` again and again
is the series with the same arguments and `iterate(0)`, `iterate(1)`, … the one with fresh ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from leaklint.runtime.suspect import Callable, Class, Entry, Handler, Outline, Parameter

MakeKind = Literal[
    "iteration",  # the number itself, converted to `type`
    "text",  # another string each time
    "integer",
    "real",
    "boolean",
    "bytes",
    "list",  # of `parts[0]`, one element
    "set",
    "map",  # from `parts[0]` to `parts[1]`, one entry
    "tuple",
    "null",
    "callback",  # accepts anything, returns nothing
    "construct",  # an instance of class `type` with `parts` for its constructor
    "member",  # `text`, a member of enum `type`
    "proxy",  # an object that answers to anything; distinct for each iteration
    "typed",  # something of library type `type` that the language's writer knows, else a proxy
]
Guess = Literal["named", "proxy", "integer", "text"]
GUESSES: tuple[Guess, ...] = ("named", "proxy", "text", "integer")
"""What parameters without a type become, tried in this order until a driver runs without raising."""

END_OF_LIFE = frozenset(("__del__", "finalize"))
"""Methods that the runtime calls when nothing holds the object any more: never a driver."""

DEPTH = 3
"""Classes within classes that are made for an argument; what lies deeper is a proxy."""

_TYPES: dict[str, MakeKind] = {
    **dict.fromkeys(("str", "string", "String", "CharSequence", "AnyStr", "Text"), "text"),
    **dict.fromkeys(("int", "long", "short", "byte", "bigint", "BigInteger"), "integer"),
    **dict.fromkeys(("Integer", "Long", "Short", "Byte"), "integer"),
    **dict.fromkeys(("float", "double", "number", "Float", "Double", "Number", "complex", "Decimal"), "real"),
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
_CONVERTED = frozenset(("text", "integer", "real", "boolean", "proxy"))
_NUMERIC_NAME = re.compile(
    r"(?i)^(i|n|idx|index|count|num\w*|size|limit|amount|offset|length|total|port|year|\w+_?count)$"
)
_TEXT_NAME = re.compile(
    r"(?i)(^|_|[a-z])(id|key|name|text|url|uri|path|word|query|token|code|title|label|email|user|str|string|line|"
    r"message|msg|topic|sql|pattern|prefix|suffix|host|tag|channel|term|body|content)s?$|^(s|k|q)$"
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


class Step(msgspec.Struct, frozen=True):
    """A further call: a method of the same object, or a function or static method."""

    callable: Callable
    arguments: tuple[Argument, ...] = ()


class CallPlan(msgspec.Struct, frozen=True):
    """One way to drive a file.

    instance: module variable to call a method on. construct: arguments of the constructor, when an
    object is to be made: once in `setup` if `keeps_instance`, else for every call and dropped after it,
    its `teardown` methods called. handler: emit instead of calling. outermost: see Entry.
    after: what is called next in the same iteration, on the same object: the releases of the holder.
    """

    path: str
    file: str
    language: Literal["python", "javascript", "java"]
    callable: Callable
    arguments: tuple[Argument, ...] = ()
    instance: str = ""
    construct: tuple[Argument, ...] | None = None
    keeps_instance: bool = False
    teardown: tuple[str, ...] = ()
    handler: Handler | None = None
    outermost: bool = True
    origin: Literal["generated", "trigger"] = "generated"
    package: str = ""
    dialect: str = ""
    after: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.path}:{self.callable.text}" + "".join(f", {step.callable.text}" for step in self.after)


def plans(outline: Outline, entry: Entry, *, keeps_instance: bool) -> Iterator[CallPlan]:
    """The plans of an entry, the likeliest first; the next one is tried when a driver raises.

    keeps_instance: methods are called on one object, because the holder is its field.
    """
    seen: set[CallPlan] = set()
    for guess in GUESSES:
        plan = _plan(outline, entry.callable, guess, keeps_instance)
        if plan is None:
            return
        plan = msgspec.structs.replace(plan, handler=entry.handler, outermost=entry.outermost)
        if plan not in seen:
            seen.add(plan)
            yield plan


def balanced(outline: Outline, plan: CallPlan, releases: Iterable[str]) -> CallPlan | None:
    """The plan with the releases called after it, with equal arguments; None when there are none to call.

    Values depend on their type and the iteration only, so a key that was added is the key that is removed.
    """
    classes = {row.name: row for row in outline.classes}
    steps = []
    for name in dict.fromkeys(releases):
        for item in outline.callables:
            same = item.owner in ("", plan.callable.owner) or bool(item.flags & {"static", "classmethod"})
            hidden = item.inside or item.kind == "constructor" or item.name in END_OF_LIFE
            if item.text == name and same and not hidden and item != plan.callable:
                steps.append(Step(item, _arguments(item.params, classes, "named", 0)))
    return msgspec.structs.replace(plan, after=tuple(steps)) if steps else None


def trigger_plans(outline: Outline, target: Callable) -> Iterator[CallPlan]:
    """The plans of a callable that the user named: a single argument is the iteration number."""
    seen: set[CallPlan] = set()
    for guess in GUESSES:
        plan = _plan(outline, target, guess, keeps_instance=True)
        if plan is None:
            return
        needed = [argument for argument in plan.arguments if not argument.keyword]
        if len(needed) == 1 and len(plan.arguments) == 1:
            number = Make("iteration", _declared(target, needed[0].name))
            if number.type == "" or _TYPES.get(number.type) in _CONVERTED:
                plan = msgspec.structs.replace(plan, arguments=(Argument(needed[0].name, number),))
        plan = msgspec.structs.replace(plan, origin="trigger")
        if plan not in seen:
            seen.add(plan)
            yield plan


def find_target(outline: Outline, name: str) -> list[Callable]:
    """The callables of a file that `name` may mean: a function, `Class.method`, or a bare method name."""
    exact = [item for item in outline.callables if item.text == name and not item.inside]
    if exact:
        return exact[:1]
    return [
        item
        for item in outline.callables
        if not item.inside and (item.name == name or item.exported == name or item.text.endswith("." + name))
    ]


def _declared(target: Callable, name: str) -> str:
    return next((parameter.type for parameter in target.params if parameter.name == name), "")


def _plan(outline: Outline, target: Callable, guess: Guess, keeps_instance: bool) -> CallPlan | None:
    classes = {row.name: row for row in outline.classes}
    owner = classes.get(target.owner)
    if target.inside or "abstract" in target.flags:
        return None
    static = bool(target.flags & {"static", "classmethod"}) or not target.owner
    construct: tuple[Argument, ...] | None = None
    instance = ""
    if target.kind == "constructor":
        keeps_instance = False
    elif not static:
        if target.instances:
            instance = target.instances[0]
        elif owner is None or owner.abstract or owner.kind in ("interface", "object", "prototype"):
            return None
        else:
            construct = _arguments(owner.constructor, classes, guess, 0)
    return CallPlan(
        outline.path,
        outline.file,
        outline.language,
        target,
        _arguments(target.params, classes, guess, 0),
        instance,
        construct,
        keeps_instance and construct is not None,
        owner.teardown if owner is not None and not static and not keeps_instance and not instance else (),
        package=outline.package,
        dialect=outline.dialect,
    )


def _arguments(
    parameters: tuple[Parameter, ...], classes: dict[str, Class], guess: Guess, depth: int
) -> tuple[Argument, ...]:
    """Values for the parameters that want one. Java has no defaults, so there every one does."""
    return tuple(
        Argument(parameter.name, _make(parameter, classes, guess, depth), parameter.keyword_only)
        for parameter in parameters
        if not (parameter.has_default or parameter.rest)
    )


def _make(parameter: Parameter, classes: dict[str, Class], guess: Guess, depth: int) -> Make:
    if parameter.type:
        return make_type(parameter.type, parameter.type_args, classes, guess, depth)
    return _by_name(parameter.name, guess)


def make_type(
    name: str, type_args: tuple[str, ...], classes: dict[str, Class], guess: Guess = "named", depth: int = 0
) -> Make:
    """A value of a declared type."""
    if name in _WRAPPERS and type_args:
        return make_type(type_args[0], (), classes, guess, depth)
    row = classes.get(name)
    if row is not None:
        return _instance(row, classes, guess, depth)
    if name.endswith("[]") and name != "byte[]":
        return Make("list", name, (make_type(name[:-2], (), classes, guess, depth + 1),))
    kind = _TYPES.get(name.rpartition(".")[2])
    inner = [make_type(arg, (), classes, guess, depth + 1) for arg in type_args] if depth < DEPTH else []
    match kind:
        case "list" | "set":
            return Make(kind, name, tuple(inner[:1]) or (Make("text"),))
        case "map":
            return Make(kind, name, tuple(inner[:2]) if len(inner) >= 2 else (Make("text"), Make("integer")))
        case "tuple":
            return Make(kind, name, tuple(inner) or (Make("text"), Make("integer")))
        case None:
            return Make("typed", name, tuple(inner))
    return Make(kind, name)


def _instance(row: Class, classes: dict[str, Class], guess: Guess, depth: int) -> Make:
    if row.kind == "enum" and row.members:
        return Make("member", row.name, text=row.members[0])
    if row.abstract or row.kind == "interface" or depth >= DEPTH:
        return Make("proxy", row.name)
    arguments = _arguments(row.constructor, classes, guess, depth + 1)
    return Make(
        "construct",
        row.name,
        tuple(argument.make for argument in arguments),
        names=tuple(argument.name if argument.keyword else "" for argument in arguments),
    )


def _by_name(name: str, guess: Guess) -> Make:
    """A value for a parameter without a type, by what its name suggests."""
    if _CALLBACK_NAME.search(name):
        return Make("callback")
    if guess != "named":
        return Make(guess)
    if _NUMERIC_NAME.match(name):
        return Make("integer")
    if _LIST_NAME.match(name):
        return Make("list", parts=(Make("text"),))
    if _MAP_NAME.match(name):
        return Make("map", parts=(Make("text"), Make("integer")))
    if _TEXT_NAME.search(name):
        return Make("text")
    return Make("text")
