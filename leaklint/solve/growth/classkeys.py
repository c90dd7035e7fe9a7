"""Tables keyed by classes or class loaders: each entry pins a loader, with all that it loaded."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit, Value
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder

_CLASSES = frozenset({"Class", "ClassLoader"})
# what is asked about classes that the program does not know by name
_REFLECTS = frozenset(
    {"getDeclaredFields", "getFields", "getDeclaredField", "getDeclaredMethods", "getMethods", "getMethod"}
    | {"getDeclaredMethod", "getDeclaredConstructors", "getConstructors", "getDeclaredConstructor"}
    | {"getConstructor", "getAnnotation", "getAnnotations", "isAnnotationPresent", "getSuperclass"}
    | {"getInterfaces", "getGenericInterfaces", "getGenericSuperclass", "getEnumConstants"}
    | {"getTypeParameters", "getRecordComponents", "getBeanInfo", "getReturnType"}
)
_LOADER_CALLS = ("loadClass", "getContextClassLoader", "setContextClassLoader")


class ClassTable(msgspec.Struct):
    """A table, where it grows, and what its keys are.

    sure: the code serves several class loaders, or remembers for good what it found out about a class.
    """

    holder: Holder
    growth: Growth
    key: str
    sure: bool


class ClassKeys:
    """Tables of one unit that are keyed by classes."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.unit: Unit = growths.unit

    def tables(self) -> Iterator[ClassTable]:
        """Each lasting, strong table keyed by classes that code at work fills and nothing empties."""
        for number, symbol in enumerate(self.unit.symbols):
            if symbol.kind not in ("field", "static") or len(symbol.type_args) != 2:
                continue
            key = symbol.type_args[0]
            holder = self._holder(number) if key in _CLASSES else None
            if holder is None or not self._lasts(holder):
                continue
            growth = self._growth(holder)
            if growth is not None:
                sure = key == "ClassLoader" or self._serves_loaders()
                lasts = symbol.kind == "static" or self._is_of_one(holder)
                memo = lasts and self._is_memo(growth, holder) and self._reflects()
                yield ClassTable(holder, growth, key, sure or memo)

    def _is_of_one(self, holder: Holder) -> bool:
        """Whether a table belongs to the one object of its class that a static field keeps."""
        symbol = self.unit.symbols[holder.place.symbol]
        return symbol.kind == "this" and self.growths.repeats.is_singleton(symbol.target)

    def _holder(self, number: int) -> Holder | None:
        symbol = self.unit.symbols[number]
        owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
        root = owner.symbol if symbol.kind == "static" else owner.this
        return self.holders.by_place.get(Place(root, ("." + symbol.name,)))

    def _lasts(self, holder: Holder) -> bool:
        """Whether it lives long, holds strongly, and loses nothing before its owner ends."""
        row = holder.container
        if (
            holder.kind not in ("map", "cache")
            or holder.bounded
            or (row is not None and (row.weak or row.bounded))
        ):
            return False
        if holder.lifetime == "instance":
            owner = self.unit.symbols[holder.place.symbol].target
            if not self.growths.lifecycle.lives_long(owner):
                return False
        return not holder.releases

    def _growth(self, holder: Holder) -> Growth | None:
        for item in holder.growths:
            if item.depth or item.key == NONE or not self.growths.repeats.repeats(item.effect):
                continue
            memo = self._is_memo(item, holder)
            if not self._comes_from_outside(self.unit.values[item.key], memo):
                continue
            scope = self.unit.effects[item.effect].scope
            registers = self.growths.lifecycle.is_registrar(scope) or self.growths.owners.opens_object(scope)
            if registers and not (memo and holder.lifetime == "process"):
                continue
            if not self.growths.guards.init_guarded(item.effect):
                return item
        return None

    def _comes_from_outside(self, key: Value, memo: bool) -> bool:
        """Whether a key may be a class of another loader; `String.class` is one of the program itself."""
        if key.kind == "place":
            return self.unit.places[key.place].path[-1:] not in ((".class",), (".TYPE",))
        call = self.unit.effects[key.call] if key.kind == "call" else None
        return memo and isinstance(call, Call) and call.name == "getClass"

    def _is_memo(self, item: Growth, holder: Holder) -> bool:
        """Whether a class is looked up first, and stored when it is not found."""
        if item.how in ("computeIfAbsent", "putIfAbsent", "get", "getUnchecked"):
            return True  # the latter of a cache that loads what it does not find
        index = self.growths.index
        function = index.function_at(item.effect)
        for name in ("get", "containsKey"):
            for number in index.calls.get(name, ()):
                call = self.unit.effects[number]
                if not isinstance(call, Call) or call.receiver == NONE or number > item.effect:
                    continue
                if index.function_at(number) == function and self.unit.places[call.receiver] == holder.place:
                    return True
        return False

    def _reflects(self) -> bool:
        """Whether the file looks into classes: then they come from others, and many of them."""
        return not _REFLECTS.isdisjoint(self.growths.index.calls)

    def _serves_loaders(self) -> bool:
        """Whether the file handles class loaders: it may outlive some of them."""
        if any(name in self.growths.index.calls for name in _LOADER_CALLS):
            return True
        return any(symbol.type == "ClassLoader" and symbol.kind == "field" for symbol in self.unit.symbols)
