"""Reads `java.util.Map` in the middle of code as what an import of it would mean.

JLS 6.5: the leftmost name of a dotted name is a package where no variable and no type of that name is in
scope. Packages are written in lower case and types begin with a capital (JLS 6.1, by convention only).
"""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Symbol, Unit

_ROOTS = frozenset({"java", "javax", "jakarta", "android", "org", "com", "net", "io"})


def import_qualified(unit: Unit) -> None:
    """Give each class that is named with its package a symbol of kind `import`, and root its places there."""
    roots = {
        index
        for index, symbol in enumerate(unit.symbols)
        if symbol.kind == "global" and symbol.name.islower()
    }
    if not roots:
        return
    classes: dict[tuple[str, str], int] = {}
    packages: dict[int, str] = {}  # place -> the package that it names
    for index, place in enumerate(unit.places):
        if place.symbol not in roots:
            continue
        names = [unit.symbols[place.symbol].name]
        for number, step in enumerate(place.path):
            name = step[1:]
            if _is_type(name, names[0]):
                unit.places[index] = Place(
                    _class(unit, classes, ".".join(names), name), place.path[number + 1 :]
                )
                break
            if not step.startswith("."):
                break
            names.append(name)
        else:
            packages[index] = ".".join(names)
    _constructions(unit, packages, classes)


def _is_type(name: str, root: str) -> bool:
    """Whether a step names a type: `URL` of `java.net.URL`, not `DEBUG` of an inherited `logger`."""
    return name[:1].isupper() and (not name.isupper() or root in _ROOTS)


def _constructions(unit: Unit, packages: dict[int, str], classes: dict[tuple[str, str], int]) -> None:
    """`new a.b.C()` calls C; the front end took it for the C inside `a.b`."""
    for call in unit.effects:
        if isinstance(call, Call) and call.new and call.receiver in packages:
            place = Place(_class(unit, classes, packages[call.receiver], call.name))
            call.receiver, call.callee = NONE, len(unit.places)
            unit.places.append(place)


def _class(unit: Unit, classes: dict[tuple[str, str], int], package: str, name: str) -> int:
    """The symbol of a class, one for each package and name: `java.util.Date` is not `java.sql.Date`."""
    known = classes.get((package, name))
    if known is None:
        known = classes[package, name] = len(unit.symbols)
        unit.symbols.append(Symbol(name, "import", NONE, module=package, imported=name))
    return known
