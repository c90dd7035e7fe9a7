"""One watched holder: found by its path anew for each sample, so that watching keeps nothing alive.

Objects that own a field are remembered weakly. Where a holder has no path (a variable of a closure, the
target of a listener), its length is taken where the retain site runs, once a sample.
"""

from __future__ import annotations

import contextlib
import os
import sys
import weakref
from collections.abc import Iterator
from types import FrameType, MethodType, ModuleType
from typing import Any

from .lengths import attribute, deep_length, memo_size, registered

AT_SITE = frozenset({"closure", "listener", "unknown"})
MOST_OWNERS = 20_000
"""Living objects whose field is read; more are not remembered."""


class Watch:
    """The holder of a suspect, its site lines and its release lines."""

    def __init__(self, suspect: dict[str, Any]) -> None:
        self.holder: dict[str, Any] = suspect["holder"]
        self.kind: str = self.holder["kind"]
        self.file: str = suspect["file"]
        self.text: str = self.holder["text"]
        self.lines = frozenset(
            line
            for site in suspect["sites"]
            for line in range(site["span"]["line"], site["span"]["end_line"] + 1)
        )
        self.release_lines = [
            frozenset(range(row["span"]["line"], row["span"]["end_line"] + 1)) for row in suspect["releases"]
        ]
        self.released = [False] * len(self.release_lines)
        self.hits = 0
        self.seen_length: int | None = None
        self._due = True
        self._owners: dict[int, weakref.ref[Any]] = {}
        self._weakly = True
        self._found = False  # whether the site had what is to be counted
        self._module = ""

    @property
    def wants_frames(self) -> bool:
        """Whether the frame is needed at every run of the site, not only the first."""
        return self.kind in ("field", "object") or self.kind in AT_SITE

    def fresh(self) -> None:
        """A new sample begins."""
        self._due = True

    def hit(self, frame: FrameType) -> None:
        """The site runs in `frame`."""
        self.hits += 1
        if self.kind == "field":
            self._remember(frame)
        elif self.kind == "object":
            self._remember_object(frame)
        elif self.kind in AT_SITE and self._due:
            self._due = False
            self.seen_length = self._length_at(frame)

    def read(self) -> dict[str, Any]:
        length = entries = None
        with contextlib.suppress(Exception):  # code of the checked program may run, and raise
            length = self.length()
            entries = self._entries()
        return {
            "length": length,
            "entries": entries,
            "hits": self.hits,
            "release_hits": [*self.released],
        }

    def _entries(self) -> int | None:
        """Entries of the holder itself, where it has a path."""
        if self.kind in AT_SITE or self.kind in ("registry", "memo", "thread-local", "object"):
            return None
        if self.kind == "field":
            return sum(map(_size, self._fields())) if self._weakly else None
        found = self.root()
        return None if found is None else _size(found)

    def length(self) -> int | None:
        if self.kind == "field":
            return self._owned()
        if self.kind == "object":
            return len(self._owners) if self._weakly and self._found else None
        if self.kind in AT_SITE:
            return self.seen_length
        if self.kind == "registry":
            return registered(self.holder["name"])
        if self.kind == "memo":
            return memo_size(self.root())
        if self.kind == "thread-local":
            return self._thread_local()
        found = self.root()
        return None if found is None else deep_length(found)

    def root(self) -> Any:
        """The holder itself; None when it has no path or is not there."""
        module = self.module()
        if module is None or self.kind == "object":
            return None
        holder = self.holder
        if self.kind == "default":
            function = self._function(module)
            return _default(function, holder["name"])
        if self.kind in ("memo", "attribute"):
            function = self._function(module, unwrapped=False)
            return function if self.kind == "memo" else _walk(function, (holder["name"], *holder["steps"]))
        start: Any = module
        if holder["owner"]:
            start = _walk(module, holder["owner"].split("."))
        return _walk(start, (self._mangled(), *holder["steps"]))

    def owned_root(self) -> Any:
        """The field of an object that a module variable holds; None when there is none."""
        for name in self.holder["instances"][:1]:
            return _walk(self.module(), (name, self._mangled(), *self.holder["steps"]))
        return None

    def module(self) -> ModuleType | None:
        found = sys.modules.get(self._module)
        if found is None:
            for name, module in list(sys.modules.items()):
                file = getattr(module, "__file__", None)
                if file and _same(file, self.file):
                    self._module, found = name, module
                    break
        return found

    def _function(self, module: ModuleType, unwrapped: bool = True) -> Any:
        found: Any = module
        for name in self.holder["function"].split("."):
            found = vars(found).get(name) if isinstance(found, type) else attribute(found, name)
        found = getattr(found, "__func__", found)
        while unwrapped and hasattr(found, "__wrapped__"):
            found = found.__wrapped__
        return found

    def _mangled(self) -> str:
        name: str = self.holder["name"]
        owner = self.holder["owner"].rpartition(".")[2].lstrip("_")
        private = name.startswith("__") and not name.endswith("__")
        return f"_{owner}{name}" if private and owner else name

    def _thread_local(self) -> int | None:
        holder = self.holder
        module = self.module()
        start: Any = _walk(module, holder["owner"].split(".")) if holder["owner"] else module
        steps = (holder["name"], *holder["steps"])
        local = _walk(start, steps[:1])
        if local is None:
            return None
        values = vars(local)
        return int(any(values.get(step) is not None for step in steps[1:]) if steps[1:] else bool(values))

    def _remember(self, frame: FrameType) -> None:
        code = frame.f_code
        if not code.co_argcount or len(self._owners) >= MOST_OWNERS:
            return
        values = frame.f_locals
        owner = values.get("self", values.get(code.co_varnames[0]))
        if _walk(owner, (self._mangled(),)) is None:
            return  # a comprehension or a helper on the same line
        if self._weakly:
            self._keep_weakly(owner)
        if not self._weakly:
            self._seen(owner)

    def _remember_object(self, frame: FrameType) -> None:
        """The object that is started at the site, which its owner has already."""
        name, *steps = self.holder["name"].split(".")
        found = _walk(frame.f_locals.get(name), steps)
        if isinstance(found, MethodType):
            found = found.__self__  # a bound method is made anew each time
        self._found |= found is not None
        if found is not None and self._weakly and len(self._owners) < MOST_OWNERS:
            self._keep_weakly(found)

    def newest(self) -> Any:
        """The last object that was remembered and is alive."""
        found = [item for item in (row() for row in [*self._owners.values()]) if item is not None]
        return found[-1] if found else None

    def _keep_weakly(self, item: Any) -> None:
        key, owners = id(item), self._owners
        if key not in owners:
            try:
                owners[key] = weakref.ref(item, lambda _: owners.pop(key, None))
            except TypeError:
                self._weakly = False

    def _seen(self, owner: Any) -> None:
        if self._due:
            self._due = False
            found = _walk(owner, (self._mangled(), *self.holder["steps"]))
            self.seen_length = None if found is None else deep_length(found)

    def _owned(self) -> int | None:
        """The deep lengths of the field in every living object, added up."""
        if not self._weakly:
            return self.seen_length
        return sum(deep_length(found) or 0 for found in self._fields())

    def _fields(self) -> Iterator[Any]:
        """The field of every living object."""
        for reference in [*self._owners.values()]:
            owner = reference()
            if owner is not None:
                yield _walk(owner, (self._mangled(), *self.holder["steps"]))
            owner = None

    def _length_at(self, frame: FrameType) -> int | None:
        name = self.holder["name"].split(".")
        values = frame.f_locals
        found = values.get(name[0], frame.f_globals.get(name[0]))
        found = _walk(found, (*name[1:], *self.holder["steps"]))
        return None if found is None else deep_length(found)


def _default(function: Any, name: str) -> Any:
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    only = (function.__kwdefaults__ or {}).get(name)
    if only is not None:
        return only
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    return dict(zip(names[len(names) - len(defaults) :], defaults, strict=False)).get(name)


def _size(found: Any) -> int:
    return len(found) if hasattr(found, "__len__") else 0


def _walk(start: Any, steps: tuple[str, ...] | list[str]) -> Any:
    for step in steps:
        if start is None:
            return None
        start = attribute(start, step)
    return start


def _same(left: str, right: str) -> bool:
    try:
        return left == right or os.path.realpath(left) == right
    except OSError:
        return False
