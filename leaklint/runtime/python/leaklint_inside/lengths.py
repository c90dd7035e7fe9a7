"""Lengths of containers: a map of lists grows in its lists."""

from __future__ import annotations

import atexit
import logging
import sys
import weakref
from collections import deque
from types import ModuleType
from typing import Any

DEEPEST = 4
MOST_ENTRIES = 200_000

exit_hooks: list[Any] = []
_NEVER_INTO = (str, bytes, bytearray, memoryview, range)


def attribute(owner: Any, name: str) -> Any:
    """An attribute by the shortest way: what is stored, before what a property would compute.

    Names are interned: the method cache of the interpreter keeps each equal but new string, up to 4,096.
    """
    name = sys.intern(name)
    try:
        values = vars(owner)
    except TypeError:
        values = {}
    return values[name] if name in values else getattr(owner, name, None)


def deep_length(root: Any) -> int | None:
    """Entries of a container and of the containers in it; None for what has no length at all.

    An object that is no container counts what its attributes hold.
    """
    seen: set[int] = set()
    total = 0
    found = False
    pending = [(root, 0)]
    while pending and len(seen) < MOST_ENTRIES:
        item, depth = pending.pop()
        if id(item) in seen or isinstance(item, _NEVER_INTO):
            continue
        parts = _parts(item)
        if parts is None and depth == 0:
            parts = _attributes(item)
            total -= len(parts) if parts is not None else 0  # attributes are no entries
        if parts is None:
            continue
        seen.add(id(item))
        found = True
        total += len(parts)
        if depth < DEEPEST:
            pending += [(part, depth + 1) for part in parts if not isinstance(part, (int, float, str))]
    return max(total, 0) if found else None


def _parts(item: Any) -> list[Any] | None:
    """The entries of a container, in no order; None for anything else."""
    if isinstance(item, dict):
        return [*item.values()]
    if isinstance(item, (list, tuple, set, frozenset, deque)):
        return [*item]
    if isinstance(item, (weakref.WeakKeyDictionary, weakref.WeakValueDictionary, weakref.WeakSet)):
        return [None] * len(item)
    inner = getattr(item, "queue", None) if type(item).__module__ in ("queue", "_queue") else None
    if isinstance(inner, (deque, list)):
        return [*inner]
    if hasattr(type(item), "__len__") and hasattr(type(item), "__iter__"):
        try:
            return [None] * len(item)
        except Exception:
            return None
    return None


def _attributes(item: Any) -> list[Any] | None:
    try:
        return [*vars(item).values()]
    except TypeError:
        return None


def memo_size(function: Any) -> int | None:
    """Results that a memoised function keeps."""
    function = getattr(function, "__func__", function)
    info = getattr(function, "cache_info", None)
    if info is not None:
        return int(info().currsize)
    cache: Any = getattr(function, "cache", None)
    return len(cache) if hasattr(cache, "__len__") else None


def registered(name: str) -> int | None:
    """Entries of a process-wide list, by the call that adds to it."""
    last = name.rpartition(".")[2]
    if name == "atexit.register":
        return len(exit_hooks)
    if name == "weakref.finalize":
        return len(weakref.finalize._registry)  # type: ignore[attr-defined]
    if last in ("addHandler", "addFilter"):
        rows = [logging.root, *logging.root.manager.loggerDict.values()]
        kind = "handlers" if last == "addHandler" else "filters"
        return sum(len(getattr(row, kind, ())) for row in rows)
    if name.startswith("warnings."):
        return len(sys.modules["warnings"].filters)
    return _behind(name)


def count_exit_hooks() -> None:
    """Keep a list of exit hooks: `atexit._ncallbacks()` goes on counting those that were unregistered."""
    register, unregister = atexit.register, atexit.unregister

    def counted(function: Any, *args: Any, **kwargs: Any) -> Any:
        result = register(function, *args, **kwargs)
        exit_hooks.append(function)
        return result

    def discounted(function: Any) -> None:
        unregister(function)
        exit_hooks[:] = [hook for hook in exit_hooks if hook != function]

    atexit.register, atexit.unregister = counted, discounted  # type: ignore[assignment]


def _behind(name: str) -> int | None:
    """`package.module.LIST.append`: the length of what the method belongs to."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:cut]))
        if module is not None:
            found: Any = module
            for part in parts[cut:]:
                found = getattr(found, sys.intern(part), None)
            owner = getattr(found, "__self__", None)
            return None if owner is None or isinstance(owner, ModuleType) else deep_length(owner)
    return None
