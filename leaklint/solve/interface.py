"""What other files need to know of one file: the holders it offers, and what it does to those of others.

An interface is a plain value, small next to the unit that it is taken from.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.evidence import Evidence
from leaklint.ir import NONE, Place, Unit


class Offered(msgspec.Struct):
    """A holder of the process that other files can reach by name; kind "memo": a function with a cache."""

    kind: str
    settled: bool  # bounded, weak, or released in its own file
    declared: Evidence


class Touch(msgspec.Struct):
    """What a file does to a holder that it imports. name: dotted, inside the module."""

    module: str
    name: str
    what: Literal["grow", "release"]
    site: Evidence


class Declared(msgspec.Struct):
    """A holder that a file grows and another one declares."""

    path: str
    name: str
    offered: Offered


class Links(msgspec.Struct):
    """What the project says about one file.

    emptied: its own holders, by offered name, that another file releases.
    declared: (module, name) of the imports that are holders elsewhere and that nothing empties.
    weak: `Class.method` of the methods elsewhere that keep the listeners they are handed weakly.
    enums: the types of its keys that are enums elsewhere. once: its classes that the project makes once.
    freed: those of its fields that other files take entries out of.
    """

    emptied: dict[str, list[Evidence]] = {}
    declared: dict[str, Declared] = {}
    weak: list[str] = []
    enums: list[str] = []
    once: list[str] = []
    freed: list[str] = []


class Interface(msgspec.Struct):
    """One file as others see it.

    module: its own name where the language has one. keeps, asks: methods that take listeners, see `keepers`.
    enums: those that it declares, by their names in the module; keyed: types of keys, see `keytypes`.
    makes: how often it makes objects of classes; counted: its own of which that matters, see `makers`.
    fields: names of fields that it fills and never empties; frees: those of other objects that it does empty.
    """

    path: str
    language: str
    module: str
    offered: dict[str, Offered] = {}
    touches: list[Touch] = []
    keeps: dict[str, str] = {}
    asks: list[str] = []
    enums: list[str] = []
    keyed: list[str] = []
    makes: dict[str, list[str]] = {}
    counted: list[str] = []
    fields: list[str] = []
    frees: list[str] = []

    @property
    def says(self) -> bool:
        """Whether there is anything that others need to know."""
        said = (self.offered, self.touches, self.keeps, self.asks, self.enums, self.keyed, self.makes)
        return any(said) or bool(self.counted or self.fields or self.frees)


def module_name(unit: Unit) -> str:
    """Name under which others import a file: a dotted path, a path without suffix, or a Java package."""
    if unit.language == "java":
        return unit.package
    stem = unit.path.rpartition(".")[0]
    if unit.language == "python":
        stem = stem.removesuffix("/__init__")
        return stem.replace("/", ".")
    return stem.removesuffix("/index")


def offered_name(unit: Unit, place: Place) -> str:
    """`CACHE`, `Class.cache` or `Outer.Class.cache` for holders of a module or a class; "" for others."""
    if place.symbol == NONE:
        return ""
    symbol = unit.symbols[place.symbol]
    if symbol.kind not in ("variable", "constant", "class"):
        return ""
    return _in_classes(unit, symbol.name + "".join(place.path), symbol.scope)


def offered_function(unit: Unit, scope: int) -> str:
    """`parse`, `Class.parse` for functions of a module or a class; "" for those inside other functions."""
    return _in_classes(unit, unit.scopes[scope].name, unit.scopes[scope].parent)


def _in_classes(unit: Unit, name: str, scope: int) -> str:
    """A name with those of the classes around it; "" when it is not of the module in the end."""
    while scope > 0 and unit.scopes[scope].kind == "class":
        name = f"{unit.owners[unit.scopes[scope].owner].name}.{name}"
        scope = unit.scopes[scope].parent
    return name if scope == 0 else ""


def foreign_name(unit: Unit, place: Place) -> tuple[str, str] | None:
    """Module and name of a place that is rooted in an import, or in another class of a Java package."""
    if place.symbol == NONE or "[]" in place.path:
        return None
    symbol = unit.symbols[place.symbol]
    path = "".join(place.path)
    if unit.language == "java":
        if not path or not symbol.name[:1].isupper():
            return None
        package, name = (symbol.module if symbol.kind == "import" else unit.package), symbol.name + path
        outer = package.rpartition(".")[2]
        if outer[:1].isupper():  # `import app.Outer.Nested`
            return package[: -len(outer) - 1], f"{outer}.{name}"
        return package, name
    if symbol.kind != "import":
        return None
    if symbol.imported in ("*", ""):
        return (symbol.module, path[1:]) if path else None
    return symbol.module, symbol.imported + path
