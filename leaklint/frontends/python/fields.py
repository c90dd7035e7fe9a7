"""Fields that a class body describes instead of making: `rows: list[Row] = field(default_factory=list)`.

dataclasses, attrs and pydantic call the factory for each object, so the name means a field of the object and
not an attribute of the class.
"""

from __future__ import annotations

from leaklint.frontends.python.annotations import UNKNOWN, Declared
from leaklint.frontends.python.walk import Walk
from leaklint.ir.records import NONE, Call, Leave

_SPECIFIERS = frozenset({"field", "ib", "attrib", "Field", "PrivateAttr", "Factory"})
_FACTORIES = frozenset({"default_factory", "factory"})
_CONTAINERS = frozenset({"list", "dict", "set", "deque", "OrderedDict", "defaultdict", "Counter"})


def factory_of(walk: Walk, given: int) -> int:
    """The value of the factory in the call that describes a field, NONE where nothing is described."""
    row = walk.values[given]
    call = walk.effects[row.call] if row.kind == "call" else None
    if not isinstance(call, Call) or call.name not in _SPECIFIERS:
        return NONE
    if call.name == "Factory":
        return call.args[0] if call.args else NONE
    for name, value in call.keywords:
        if name in _FACTORIES:
            return value
        if name == "default" and walk.values[value].kind == "call":
            return factory_of(walk, value)  # `attr.ib(default=attr.Factory(list))`
    return NONE


def made_by(walk: Walk, factory: int) -> tuple[Declared, int]:
    """What a factory makes: its declared type where that says all, else the value that it gives back."""
    row = walk.values[factory]
    if row.kind == "closure":
        given = [
            effect.value for effect in walk.effects if isinstance(effect, Leave) and effect.scope == row.scope
        ]
        return UNKNOWN, given[0] if len(given) == 1 and given[0] != NONE else factory
    name = walk.data[row.at : row.end].decode("utf-8", "replace").rpartition(".")[2]
    if name in _CONTAINERS:
        return (name, ()), NONE
    return UNKNOWN, walk.builder.value("opaque", row.at, row.end)  # a cache with a limit, perhaps
