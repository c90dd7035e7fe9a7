"""Living objects by class, from HotSpot's class histogram: exact, for it collects first."""

from __future__ import annotations

import re
from typing import NamedTuple

_ROW = re.compile(r"(?m)^\s*\d+:\s+(\d+)\s+(\d+)\s+(\S+)")
_NATIVE = re.compile(r"(?m)^-\s+Other \(reserved=\d+[KMG]?B?, committed=(\d+)")
_ENTRIES = re.compile(r"Number of entries\s*:\s*(\d+)")
_PRIMITIVES = {
    "Z": "boolean",
    "B": "byte",
    "C": "char",
    "S": "short",
    "I": "int",
    "J": "long",
    "F": "float",
    "D": "double",
}


class Histogram(NamedTuple):
    """Instances and bytes, by class name as the JVM writes it: `[B`, `java.util.HashMap$Node`."""

    instances: dict[str, int]
    bytes: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.instances.values())

    @property
    def size(self) -> int:
        return sum(self.bytes.values())


def parse(text: str) -> Histogram:
    """The answer to `GC.class_histogram`. Classes of the same name in several loaders are added up."""
    instances: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for number, size, name in _ROW.findall(text):
        instances[name] = instances.get(name, 0) + int(number)
        sizes[name] = sizes.get(name, 0) + int(size)
    return Histogram(instances, sizes)


def off_heap(text: str) -> int | None:
    """Bytes that Java code allocated outside of the heap, from `VM.native_memory summary scale=b`."""
    found = _NATIVE.search(text)
    if found:
        return int(found[1])
    return 0 if "Native Memory Tracking:" in text else None


def interned(text: str) -> int:
    """Strings in the table of interned ones, dead ones included, from `VM.stringtable`."""
    found = _ENTRIES.search(text)
    return int(found[1]) if found else 0


def readable(name: str) -> str:
    """A class name for people: `byte[]`, `java.util.HashMap.Node`, `app.Tax.lambda`."""
    depth = len(name) - len(name.lstrip("["))
    inner = name[depth:]
    if depth:
        inner = inner[1:].rstrip(";") if inner.startswith("L") else _PRIMITIVES.get(inner, inner)
    inner = re.sub(r"\$\$Lambda.*", ".lambda", inner.replace("/", "."))
    return inner.replace("$", ".") + "[]" * depth
