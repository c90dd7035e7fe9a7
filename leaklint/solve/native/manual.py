"""JavaScript: memory outside the heap that code frees by hand: WebAssembly blocks, geometries, materials.

Whoever else gets hold of a block may free it: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.native.replaced import Drawn, Replaced
from leaklint.solve.repeats import Repeats
from leaklint.solve.roles import Roles

_ALLOCATES = ("_malloc", "malloc", "_calloc")
_FREES = ("_free", "free")
_THREE = ("three", "three/webgpu", "@react-three/fiber")
_GPU = regex(r"\w*(Geometry|Material|Texture|RenderTarget)")
_SCENE = regex(r"(?i)scene|group|root|world|layer|container|parent|object3d|stage|node")


class Block(msgspec.Struct):
    """A block that `effect` allocates. skipped: the early way out on which it stays, or NONE."""

    effect: int
    place: Place
    skipped: int = NONE


class Manual:
    """Answers for one unit."""

    def __init__(self, index: Index, roles: Roles, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.roles = roles
        self.repeats = repeats

    # -- WebAssembly

    def blocks(self) -> Iterator[Block]:
        """Blocks of the module's memory that stay allocated, in source order."""
        names = [name for name in _ALLOCATES if name in self.index.calls]
        for number in sorted(number for name in names for number in self.index.calls[name]):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            bind = self._bound(number)
            if call.receiver == NONE or bind is None or not self.repeats.repeats(number):
                continue
            place = self.unit.places[bind.target]
            if place.symbol == NONE or place.path or self._is_given_away(place):
                continue
            frees = [
                free
                for name in _FREES
                for free in self.index.calls.get(name, ())
                if any(self._is(value, place) for value in self._arguments(free))
            ]
            if not frees:
                yield Block(number, place)
                continue
            skipped = self._way_out(number, frees)
            if skipped != NONE:
                yield Block(number, place, skipped)

    def _bound(self, number: int) -> Bind | None:
        after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
        if isinstance(after, Bind) and after.value != NONE:
            row = self.unit.values[after.value]
            if row.kind == "call" and row.call == number:
                return after
        return None

    def _arguments(self, number: int) -> tuple[int, ...]:
        call = self.unit.effects[number]
        return call.args if isinstance(call, Call) else ()

    def _is(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place

    def _is_given_away(self, place: Place) -> bool:
        """Whether a pointer is returned or kept, or handed to a function of the file or a constructor."""
        for role, number in self.roles.of(place):
            if role in ("returned", "kept", "element", "bound"):
                return True
            call = self.unit.effects[number] if role == "argument" else None
            if isinstance(call, Call) and self._takes(call, place):
                return True
        return False

    def _takes(self, call: Call, place: Place) -> bool:
        """`pointers.push(p)`, `new Image(p)` keep it; `HEAPU8.set(bytes, p)` writes to it."""
        if call.receiver == NONE:
            return not call.name.endswith("Array")  # `new Uint8Array(buffer, p)` is a view
        first = bool(call.args) and self._is(call.args[0], place)
        return call.new or (call.name in ("push", "add", "set") and first)

    def _way_out(self, number: int, frees: list[int]) -> int:
        """The last effect of an early way out between an allocation and its release, or NONE."""
        function = self.index.function(self.unit.effects[number].scope)
        for free in frees:
            effect = self.unit.effects[free]
            if self.index.function(effect.scope) != function:
                return NONE
            if any(
                self.unit.regions[index].kind in ("finally", "except", "cleanup")
                for index in self.index.regions(effect.region)
            ):
                return NONE
        last = max(frees)
        for region in self.unit.regions:
            if region.kind != "branch" or region.leaves not in ("return", "raise"):
                continue
            if not number < region.first < region.last <= last:
                continue
            if self.index.function(region.scope) != function:
                continue
            if not any(region.first <= free < region.last for free in frees) and not any(
                free < region.first for free in frees
            ):
                return region.last - 1
        return NONE

    # -- geometries and materials

    def drawn(self) -> Drawn | None:
        """Geometries and materials that leave a scene undisposed of: of a whole file, or of one method."""
        if "remove" not in self.index.calls and "removeFromParent" not in self.index.calls:
            return None
        if not self.index.import_modules.intersection(_THREE):
            return None
        removed = list(self._removed())
        made = [number for number in self._made() if self.repeats.repeats(number)] if removed else []
        if not made:
            return None
        if self._disposes():
            return next(Replaced(self.index).found(made, removed), None)
        return Drawn(made, removed[0])

    def _disposes(self) -> bool:
        return any("ispose" in name for name in self.index.calls)

    def _made(self) -> Iterator[int]:
        for name in sorted(self.index.calls):
            if _GPU.fullmatch(name):
                for number in self.index.calls[name]:
                    call = self.unit.effects[number]
                    assert isinstance(call, Call)
                    scope = self.unit.scopes[self.index.function(call.scope)]
                    if not call.new or scope.kind in ("constructor", "class", "module"):
                        continue
                    if callee_name(self.unit, number).startswith(("three.", "THREE.", "three/")):
                        yield number

    def _removed(self) -> Iterator[int]:
        for name in ("remove", "removeFromParent"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                place = self.unit.places[call.receiver]
                root = self.unit.symbols[place.symbol].name if place.symbol != NONE else ""
                if name == "removeFromParent" or (
                    call.args and _SCENE.search(place.path[-1] if place.path else root)
                ):
                    yield number
