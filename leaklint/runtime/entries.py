"""The ways to a retain site: who calls it, from the outside in.

Driving only the function that retains accuses programs whose callers release, so the outermost
callable comes first. Calls are followed inside one file by name; a method call on something unknown counts
as a possible caller unless every container has a method of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Leave, Place
from leaklint.runtime import made
from leaklint.runtime.outline import Namer, field_type
from leaklint.runtime.suspect import Callable, Entry, Handler

_EMITS = frozenset({"on", "addListener", "once", "prependListener", "addEventListener"})
COMMON = frozenset(
    {"add", "append", "get", "set", "put", "push", "pop", "remove", "delete", "clear", "update", "insert"}
    | {"extend", "items", "keys", "values", "close", "run", "call", "apply", "bind", "then", "map", "filter"}
    | {"forEach", "join", "split", "write", "read", "send", "emit", "on", "off"}
)
"""Names of methods that so many classes have that a call of one says nothing."""

HANDED, MADE = "handed", "made"
"""How a driver comes by a function without a name: see Handler."""

_ROUTES = frozenset(
    {"get", "post", "put", "patch", "delete", "all", "use", "head", "options", "route", "handle", "on", "ws"}
    | {"createServer", "addListener", "addEventListener", "subscribe", "consume", "process", "onmessage"}
)
"""Calls that are handed functions for requests, messages and connections."""

_RENDERED = re.compile(r"[A-Z]|use[A-Z]")
"""Names of components and hooks, which a renderer calls."""

_STARTERS = frozenset(
    {"Thread", "Timer", "start_new_thread", "submit", "run_in_executor", "to_thread", "run_sync"}
    | {"map_async", "apply_async", "starmap", "imap", "imap_unordered", "call_soon_threadsafe"}
)
"""Calls that have the function which they are handed run soon: in a thread, mostly."""

REACH = 12
"""Calls between an entry and a site: what lies further away is not looked for."""


def entries(namer: Namer, scope: int) -> tuple[Entry, ...]:
    """Ways to a scope, outermost first; those nearer to the site follow, in case the outer ones miss it."""
    index = namer.facts.index
    start = index.function(scope)
    if start == NONE:
        return ()
    distance = {start: 0}
    queue = [start]
    outermost: list[int] = []
    handlers: dict[int, Handler] = {}
    variables: list[Entry] = []
    products: list[Entry] = []
    while queue:
        current = queue.pop(0)
        handler = _handler(namer, current) or _handed(namer, current)
        if handler is not None:
            handlers[current] = handler
        products += _products(namer, current, distance[current])
        variables += _variables(namer, current, distance[current])
        above = [item for item in _above(namer, current) if item != current]
        if handler is not None or not above:
            outermost.append(current)
        for item in above:
            if item not in distance and distance[current] < REACH:
                distance[item] = distance[current] + 1
                queue.append(item)
    found = [
        Entry(
            _callable(namer, item, handlers.get(item)),
            steps,
            item in outermost,
            handlers.get(item),
            _is_endless(namer, item),
        )
        for item, steps in distance.items()
        if _is_drivable(namer, item) or item in handlers
    ]
    return tuple(
        sorted(
            [*variables, *products, *found],
            key=lambda entry: (not entry.outermost, entry.endless, _rank(entry.callable), -entry.distance),
        )
    )


def _is_endless(namer: Namer, scope: int) -> bool:
    """Whether a function has a loop that nothing in it leaves: as a driver it would never come back."""
    unit, index = namer.unit, namer.facts.index
    return any(
        region.kind == "loop"
        and region.iterates == NONE
        and region.scope == scope
        and index.in_endless_loop(number)
        and not any(
            isinstance(row, Leave) and row.how in ("break", "return", "raise", "yield")
            for row in unit.effects[region.first : region.last]
        )
        for number, region in enumerate(unit.regions)
    )


def _rank(target: Callable) -> int:
    """Public functions first: private ones are less likely what the outside calls."""
    private = "private" in target.flags or target.name.startswith(("_", "#"))
    return 1 if private and target.kind != "constructor" else 0


def _is_drivable(namer: Namer, scope: int) -> bool:
    if _is_made(namer, scope):
        return not list(_constructors(namer, scope))
    return namer.is_named(scope) and namer.around(scope) == NONE


def _is_made(namer: Namer, scope: int) -> bool:
    """Whether a scope is the body of a class whose fields are set whenever an object is made."""
    row = namer.unit.scopes[scope]
    return row.kind == "class" and bool(row.name) and row.owner != NONE and namer.unit.language != "python"


def _constructors(namer: Namer, scope: int) -> Iterator[int]:
    for method in namer.unit.owners[namer.unit.scopes[scope].owner].methods:
        if namer.unit.scopes[method].kind == "constructor" and namer.unit.scopes[method].name:
            yield method


def _callable(namer: Namer, scope: int, handler: Handler | None) -> Callable:
    """For the body of a class without a constructor the one that it has without saying so."""
    found = namer.callable(scope)
    if handler is not None and handler.method == HANDED:
        return msgspec.structs.replace(found, name=handler.event, owner="", inside="")
    if not _is_made(namer, scope):
        return found
    owner = namer.owner(namer.unit.scopes[scope].owner)
    return msgspec.structs.replace(found, kind="constructor", owner=owner, flags=frozenset())


def _variables(namer: Namer, scope: int, distance: int) -> Iterator[Entry]:
    """Module variables with a made function that nothing in the file calls: the outside does."""
    for item in dict.fromkeys(made.kept(namer, scope)):
        if all(namer.facts.index.function(caller) == 0 for caller in _callers(namer, item)):
            yield Entry(made.callable_of(namer, item), distance, True)


def _callers(namer: Namer, item: made.Kept) -> Iterator[int]:
    for call in made.callers(namer, item):
        yield namer.unit.effects[call].scope


def _above(namer: Namer, scope: int) -> Iterator[int]:
    """Functions that call a scope, or in which it is made."""
    index, unit = namer.facts.index, namer.unit
    if _is_made(namer, scope):
        yield from _constructors(namer, scope)
    kept = list(made.kept(namer, scope))
    for item in kept:
        for inner in _callers(namer, item):
            caller = index.function(inner)
            if caller != NONE and unit.scopes[caller].kind not in ("module", "class"):
                yield caller
    if kept:
        return  # whoever makes another one fills another holder
    calls = [*index.callers.get(scope, ()), *_constructions(namer, scope), *_possible(namer, scope)]
    for call in (*calls, *_starts(namer, scope)):
        caller = index.function(unit.effects[call].scope)
        if caller != NONE and unit.scopes[caller].kind not in ("module", "class"):
            yield caller
    outside = namer.around(scope)
    if outside != NONE:
        yield outside


def _constructions(namer: Namer, scope: int) -> Iterator[int]:
    """Calls that make an object, for its constructor: those that the index does not link."""
    unit = namer.unit
    row = unit.scopes[scope]
    if row.owner == NONE or not (row.kind == "constructor" or _is_made(namer, scope)):
        return
    symbol = unit.owners[row.owner].symbol
    for call in namer.facts.index.calls.get(unit.owners[row.owner].name, ()):
        effect = unit.effects[call]
        if isinstance(effect, Call) and effect.callee != NONE and unit.places[effect.callee].symbol == symbol:
            yield call


def _possible(namer: Namer, scope: int) -> Iterator[int]:
    """Method calls of the same name on an object of the class, or on one that nobody knows."""
    unit, index = namer.unit, namer.facts.index
    row = unit.scopes[scope]
    if row.kind != "method" or row.owner == NONE:
        return
    for call in index.calls.get(row.name, ()):
        effect = unit.effects[call]
        assert isinstance(effect, Call)
        if effect.receiver == NONE or index.callee_scope(call) != NONE:
            continue
        owners = _owners(namer, effect.receiver)
        if row.owner in owners or (not owners and row.name not in COMMON):
            yield call


def _starts(namer: Namer, scope: int) -> Iterator[int]:
    """Python calls such as `Thread(target=work)` and `pool.submit(self.work, job)`."""
    unit, index = namer.unit, namer.facts.index
    row = unit.scopes[scope]
    if unit.language != "python" or row.kind not in ("function", "method"):
        return
    for name in _STARTERS:
        for call in index.calls.get(name, ()):
            effect = unit.effects[call]
            assert isinstance(effect, Call)
            for argument in (*effect.args, *(value for _, value in effect.keywords)):
                place = unit.values[argument].place if unit.values[argument].kind == "place" else NONE
                if place != NONE and _names(namer, unit.places[place], scope):
                    yield call


def _names(namer: Namer, place: Place, scope: int) -> bool:
    """Whether a place may be that function, or that method of some object."""
    row = namer.unit.scopes[scope]
    if row.kind == "function":
        return row.symbol != NONE and place == Place(row.symbol)
    if place.path[-1:] != (f".{row.name}",):
        return False
    symbol = namer.unit.symbols[place.symbol] if place.symbol != NONE else None
    known = symbol is not None and symbol.kind == "this" and len(place.path) == 1
    return namer.facts.index.method(symbol.target, row.name) == scope if known and symbol else True


def _owners(namer: Namer, receiver: int) -> set[int]:
    """Owners that a receiver is known to be an instance of; {NONE} for what is known to be none of them."""
    unit, index = namer.unit, namer.facts.index
    found: set[int] = set()
    for place in namer.facts.aliases.of(receiver):
        symbol = index.symbol(place)
        if symbol is None:
            continue
        for bind in index.binds.get(place, ()):
            owner = namer.constructed(unit.effects[bind].value)  # type: ignore[union-attr]
            found.add(owner)
        declared = field_type(namer, place) if place.path else symbol.type
        if declared:
            found |= {number for number in range(len(unit.owners)) if _is_a(namer, number, declared)} or {
                NONE
            }
        if symbol.kind in ("this", "super", "import", "class") and not place.path:
            found.add(NONE)
    return found


def _is_a(namer: Namer, owner: int, name: str) -> bool:
    """Whether objects of an owner can stand in a variable of that type."""
    row = namer.unit.owners[owner]
    return row.name == name or any(namer.facts.text(base) == name for base in row.bases)


def _handed(namer: Namer, scope: int) -> Handler | None:
    """A function without a name that a call of the module is handed, to run it again and again: a route."""
    unit, row = namer.unit, namer.unit.scopes[scope]
    argument = namer.facts.index.argument_of.get(scope)
    if unit.language != "javascript" or argument is None or namer.around(scope) != NONE:
        return None
    call = unit.effects[argument[0]]
    if not isinstance(call, Call) or call.name not in _ROUTES or namer.facts.repeats.runs(scope) == "import":
        return None
    before = namer.source.text(call.at, call.at_name) if call.receiver != NONE else ""
    name = before + call.name if before.replace(".", "").isidentifier() else call.name
    return Handler("", HANDED, name, namer.parameters(row), namer.span(row.at, row.end))


def _products(namer: Namer, scope: int, distance: int) -> Iterator[Entry]:
    """A function that an exported one returns, and nothing in the file calls: whoever asks for it does."""
    maker = namer.around(scope)
    if maker == NONE or not _is_drivable(namer, maker) or namer.facts.index.callers.get(maker):
        return
    target = namer.callable(maker)
    rendered = namer.unit.language == "javascript" and bool(_RENDERED.match(target.name))
    if target.owner or target.inside or "async" in target.flags or rendered or not _is_free(namer, target):
        return
    for member in dict.fromkeys(made.given(namer, maker, scope)):
        if member and namer.unit.language == "python":
            continue
        row = namer.unit.scopes[scope]
        flags = row.flags & {"async", "generator"}
        handler = Handler(target.name, MADE, member, namer.parameters(row))
        product = msgspec.structs.replace(target, flags=target.flags | flags)
        yield Entry(product, distance + 2, True, handler)  # before the one that only makes it


def _is_free(namer: Namer, target: Callable) -> bool:
    """Whether the outside can ask for what a function makes: it decorates nothing in the file."""
    decorated = (value for scope in namer.unit.scopes for value in scope.decorators)
    return not any(namer.facts.text(value).partition("(")[0] == target.name for value in decorated)


def _handler(namer: Namer, scope: int) -> Handler | None:
    """A function that a module hands to an emitter of its own when it is loaded."""
    unit, index = namer.unit, namer.facts.index
    argument = index.argument_of.get(scope)
    if argument is None or namer.around(scope) != NONE:
        return None
    call = unit.effects[argument[0]]
    assert isinstance(call, Call)
    if call.name not in _EMITS or call.receiver == NONE or not call.args:
        return None
    event = unit.values[call.args[0]]
    place = unit.places[call.receiver]
    symbol = index.symbol(place)
    if event.kind != "string" or symbol is None or place.path or symbol.scope != 0:
        return None
    return Handler(symbol.name, call.name, event.text, namer.parameters(unit.scopes[scope]))
