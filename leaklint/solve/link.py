"""Joins the interfaces of a project: which holder of one file is filled or emptied by another.

Two definitions of one name in a project never link. The result does not depend on the order of files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from leaklint.solve.interface import Declared, Interface, Links
from leaklint.solve.keepers import weak_of
from leaklint.solve.lazy import regex
from leaklint.solve.makers import ONCE

_TESTS = regex(r"(^|/)(test|tests|\w+Test|testFixtures)/")
_SUFFIXES = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")


def link(interfaces: Iterable[Interface]) -> dict[str, Links]:
    """Links of each file that has some, by path."""
    project = _Project(interfaces)
    return project.links()


class _Project:
    def __init__(self, interfaces: Iterable[Interface]) -> None:
        self.files = sorted(interfaces, key=lambda item: item.path)
        self._by_path = {item.path: item for item in self.files}
        self._python: dict[str, list[Interface]] = defaultdict(list)
        self._java: dict[tuple[str, str], list[Interface]] = defaultdict(list)
        for item in self.files:
            if item.language == "python":
                parts = item.module.split(".")
                for start in range(len(parts)):
                    self._python[".".join(parts[start:])].append(item)
            elif item.language == "java":
                for name in item.offered:
                    self._java[item.module, name].append(item)

    def links(self) -> dict[str, Links]:
        found: dict[str, Links] = defaultdict(Links)
        emptied: set[tuple[str, str]] = set()
        grown: list[tuple[Interface, str, str, Interface, str]] = []
        for item in self.files:
            for touch in item.touches:
                target = self._find(item, touch.module, touch.name)
                if target is None:
                    continue
                other, name = target
                if touch.what == "release":
                    emptied.add((other.path, name))
                    row = found[other.path].emptied.setdefault(name, [])
                    row.append(touch.site)
                else:
                    grown.append((item, touch.module, touch.name, other, name))
        for item, module, local, other, name in grown:
            offered = other.offered[name]
            if not offered.settled and (other.path, name) not in emptied:
                found[item.path].declared[f"{module}:{local}"] = Declared(other.path, name, offered)
        keeps: dict[str, set[str]] = defaultdict(set)
        for item in self.files:
            for name, how in item.keeps.items():
                keeps[name].add(how)
        weak = weak_of(keeps) if keeps else set()
        for item in self.files if weak else ():
            if asked := [name for name in item.asks if name in weak]:
                found[item.path].weak = asked
        enums = {f"{item.module}.{name}" for item in self.files for name in item.enums}
        for item in self.files if enums else ():
            if few := sorted({name.rpartition(".")[2] for name in item.keyed if name in enums}):
                found[item.path].enums = few
        for path, once in self._made_once():
            found[path].once = once
        for path, freed in self._freed():
            found[path].freed = freed
        return dict(found)

    def _freed(self) -> Iterator[tuple[str, list[str]]]:
        """(path, its fields that others take entries out of), where no other file has such a field."""
        frees: dict[str, set[str]] = defaultdict(set)
        fields: dict[str, set[str]] = defaultdict(set)
        for item in self.files:
            for name in item.frees:
                frees[name].add(item.path)
            for name in item.fields:
                fields[name].add(item.path)
        for item in self.files:
            if freed := [
                name for name in item.fields if frees[name] - {item.path} and len(fields[name]) == 1
            ]:
                yield item.path, freed

    def _made_once(self) -> Iterator[tuple[str, list[str]]]:
        """(path, its classes of which the program has one object), of those that matter."""
        ways: dict[str, list[str]] = defaultdict(list)
        for item in self.files:
            for name, made in item.makes.items() if not _TESTS.search(item.path) else ():
                ways[name] += made
        known: dict[str, bool] = {}

        def is_one(name: str) -> bool:
            if name not in known:
                known[name] = False  # made by its own objects
                made = ways.get(name, ())
                known[name] = bool(made) and all(way == ONCE or is_one(way) for way in made)
            return known[name]

        for item in self.files:
            if once := [name for name in item.counted if is_one(f"{item.module}.{name}")]:
                yield item.path, once

    def _find(self, item: Interface, module: str, name: str) -> tuple[Interface, str] | None:
        """The file and the offered name that a touched name means, if there is exactly one."""
        if item.language == "java":
            candidates = [other for other in self._java.get((module, name), ()) if other is not item]
            return (candidates[0], name) if len(candidates) == 1 else None
        if item.language == "python":
            return self._find_python(item, module, name)
        return self._find_javascript(item, module, name)

    def _find_python(self, item: Interface, module: str, name: str) -> tuple[Interface, str] | None:
        full = self._absolute(item, module)
        first, _, rest = name.partition(".")
        for candidate, inside in ((full, name), (f"{full}.{first}".strip("."), rest)):
            others = [other for other in self._python.get(candidate, ()) if other is not item]
            if len(others) == 1 and inside in others[0].offered:
                return others[0], inside
        return None

    def _absolute(self, item: Interface, module: str) -> str:
        """Dotted name of a relative import, from the place of the importing file."""
        if not module.startswith("."):
            return module
        rest = module.lstrip(".")
        up = len(module) - len(rest)
        base = item.module.split(".")
        if not item.path.endswith("__init__.py"):
            base = base[:-1]
        base = base[: len(base) - (up - 1)] if up > 1 else base
        return ".".join([*base, rest]).strip(".")

    def _find_javascript(self, item: Interface, module: str, name: str) -> tuple[Interface, str] | None:
        if not module.startswith("."):
            return None
        parts = item.path.split("/")[:-1]
        for step in module.split("/"):
            if step == "..":
                parts = parts[:-1]
            elif step != ".":
                parts = [*parts, step]
        stem = "/".join(parts)
        for base in (stem, f"{stem}/index", stem.removesuffix(".js")):
            for suffix in _SUFFIXES:
                other = self._by_path.get(base + suffix)
                if other is not None and name in other.offered:
                    return other, name
        return None
