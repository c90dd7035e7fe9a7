"""Resolved names: what a place is called once imports are followed, e.g. `functools.lru_cache`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache

from leaklint.ir import NONE, Call, Place, Unit

# JavaScript: parameters that always mean the same: `(function ($) {…})(jQuery)`, what AngularJS injects
_HANDED_OUT = frozenset({"$", "jQuery", "$interval", "$window", "$document", "$rootScope"})


def resolved_name(unit: Unit, place: Place) -> str:
    """Dotted name of a place that is rooted in an import or a global, or "" for anything else.

    Java names stay simple (`Collections.newSetFromMap`): its imports add a package, not a meaning.
    The result of a call keeps the callee's name: `matchMedia("…")` is `matchMedia`.
    """
    if place.symbol == NONE:
        if place.call == NONE:
            return ""
        root = callee_name(unit, place.call)
    else:
        symbol = unit.symbols[place.symbol]
        if symbol.kind == "import":
            root = symbol.name
            if unit.language != "java":
                module = symbol.module.removeprefix("node:")
                root = module if symbol.imported in ("*", "") else f"{module}.{symbol.imported}"
        elif (
            symbol.kind == "global"
            or (symbol.kind == "parameter" and symbol.name in _HANDED_OUT)
            or (unit.language == "java" and symbol.kind == "class")
        ):
            root = symbol.name
        else:
            return ""
    if not root or "[]" in place.path:
        return ""
    return root + "".join(place.path)


def callee_name(unit: Unit, call: int) -> str:
    """Resolved name of what a call calls; "" when it is no import, global or Java type."""
    effect = unit.effects[call]
    assert isinstance(effect, Call)
    if effect.receiver == NONE:
        return resolved_name(unit, unit.places[effect.callee]) if effect.callee != NONE else ""
    receiver = resolved_name(unit, unit.places[effect.receiver])
    return f"{receiver}.{effect.name}" if receiver else ""


def is_from(unit: Unit, modules: frozenset[str], packages: list[str]) -> bool:
    """Whether a unit imports from one of the packages, or is part of one; true for no packages."""
    prefixes = tuple(packages)
    return (
        not prefixes
        or unit.package.startswith(prefixes)
        or any(module.startswith(prefixes) for module in modules)
    )


def plain_name(name: str) -> str:
    """A resolved name without the steps that an import style adds: `ws.default.Server` is `ws.Server`."""
    if ".default" not in name:
        return name
    return name.replace(".default.", ".").removesuffix(".default")


def renamed_calls(unit: Unit, calls: dict[str, list[int]]) -> dict[str, list[int]]:
    """JavaScript: calls of what a file imports under its own name, by the last name that the package uses.

    `import Redis from "ioredis"`, `import { Chart as Base } from "chart.js"`.
    """
    found: dict[str, list[int]] = {}
    for number, symbol in enumerate(unit.symbols):
        if symbol.kind != "import" or symbol.module.startswith((".", "/", "@/", "~/")):
            continue
        last = plain_name(resolved_name(unit, Place(number))).rpartition(".")[2]
        if last == symbol.name or symbol.name not in calls:
            continue
        for index in calls[symbol.name]:
            effect = unit.effects[index]
            assert isinstance(effect, Call)
            if effect.callee != NONE and unit.places[effect.callee] == Place(number):
                found.setdefault(last, []).append(index)
    return found


class Patterns:
    """Call patterns of a model: `.method`, `resolved.name`, with `*` for a run of letters.

    A default import and the module itself have one name (`ws` for `ws.default`).

    `./name` is a function of that name imported from a file of the project.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.methods: set[str] = set()
        self.names: set[str] = set()
        self.own: set[str] = set()
        globs = []
        for pattern in patterns:
            if "*" in pattern:
                globs.append(pattern)
            elif pattern.startswith("./"):
                self.own.add(pattern[2:])
            elif pattern.startswith("."):
                self.methods.add(pattern[1:])
            else:
                self.names.add(plain_name(pattern))
        self.last_names = self.methods | self.own | {name.rpartition(".")[2] for name in self.names}
        """Names that a call must end in to match, globs apart."""
        plain = [pattern.removeprefix(".") for pattern in globs]
        self._globs = [_glob(pattern) for pattern in plain]
        self.heads = tuple(pattern.partition("*")[0] for pattern in plain)
        self.tails = tuple(pattern.rpartition("*")[2] for pattern in plain)
        """What names that fit a pattern with `*` begin and end with."""

    def match(self, unit: Unit, index: int) -> bool:
        effect = unit.effects[index]
        assert isinstance(effect, Call)
        if effect.receiver != NONE:
            name = effect.name
            if name in self.methods or (self._globs and self.fits_glob(name)):
                return True
        if self.own and effect.name in self.own and _is_of_project(unit, effect):
            return True
        return bool(self.names) and plain_name(callee_name(unit, index)) in self.names

    def among(self, names: Set[str]) -> set[str]:
        """Those of some last names of calls that a matching call may have."""
        found = self.last_names & names
        if self._globs:
            found.update(filter(self.fits_glob, names))
        return found

    def fits_glob(self, name: str) -> bool:
        """Whether a last name fits a pattern with `*`."""
        return (
            name.startswith(self.heads)
            and name.endswith(self.tails)
            and any(glob.fullmatch(name) for glob in self._globs)
        )


def _is_of_project(unit: Unit, call: Call) -> bool:
    """`on(…)` imported from a file of the project, `dom.on(…)` of such a file as a whole; not `bus.on(…)`."""
    number = call.callee if call.receiver == NONE else call.receiver
    place = unit.places[number] if number != NONE else None
    if place is None or place.symbol == NONE or place.path:
        return False
    symbol = unit.symbols[place.symbol]
    if symbol.kind != "import" or not symbol.module.startswith((".", "/", "~/", "@/")):
        return False
    return call.receiver == NONE or symbol.imported in ("*", "default", "")


@lru_cache(maxsize=1024)
def patterns(rows: tuple[str, ...]) -> Patterns:
    """The patterns of a model, made once for all files."""
    return Patterns(rows)


@lru_cache(maxsize=512)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9_]*".join(re.escape(part) for part in pattern.split("*")))
