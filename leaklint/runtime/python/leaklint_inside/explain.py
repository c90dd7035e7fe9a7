"""What is asked once, after growth was seen: where it is made, of what type, and who keeps it.

tracemalloc slows the program seven times and more, so it runs for these calls only.
"""

from __future__ import annotations

import gc
import os
import sys
import time
import tracemalloc
import weakref
from collections import Counter, deque
from types import FrameType, ModuleType
from typing import Any

from .collector import collect
from .lengths import exit_hooks
from .watch import Watch

FRAMES = 12
STEPS = 12
"""Most steps of a retaining path."""
MOST_REFERRERS = 20_000
SECONDS = 0.7
"""Time for the search of a path."""


class Look:
    """The allocations that some calls left behind; made once, asked about for each holder."""

    def __init__(self, project: str) -> None:
        """Trace from now on; calls before `begin` warm up and are not counted."""
        self.project = project
        gc.unfreeze()
        tracemalloc.start(FRAMES)
        self.count = 0

    def begin(self) -> None:
        collect(self.project)
        self._before = tracemalloc.take_snapshot()
        self._types = _types()
        self.known = {id(item) for item in gc.get_objects()}

    def end(self, count: int) -> None:
        """`count` calls were made since `begin`."""
        collect(self.project)
        self.grown = _types() - self._types
        after = tracemalloc.take_snapshot()
        tracemalloc.stop()
        rows = after.compare_to(self._before, "traceback")
        self.rows = [row for row in rows if row.size_diff > 0 and not _is_harness(row.traceback)]
        self.bytes = sum(row.size_diff for row in rows if not _is_harness(row.traceback))
        self.count = max(1, count)

    def explain(self, watch: Watch | None, workload: str) -> dict[str, Any]:
        path = _holder_path(watch) if watch is not None else []
        return {
            "retaining_path": path or _path_of_newest(self.known, self.grown, self.count),
            "allocation_site": _site(self.rows, watch, self.project, workload),
            "bytes_per_call": round(max(0, self.bytes) / self.count, 1),
            "types": {
                name: round(number / self.count, 3)
                for name, number in self.grown.most_common(8)
                if number * 4 >= self.count
            },
        }


def _is_harness(trace: tracemalloc.Traceback) -> bool:
    last = trace[-1].filename
    return "leaklint_inside" in last or last == tracemalloc.__file__


def _types() -> Counter[str]:
    return Counter(_name(type(item)) for item in gc.get_objects())


def _name(kind: type) -> str:
    return kind.__qualname__


def _site(rows: list[tracemalloc.StatisticDiff], watch: Watch | None, project: str, workload: str) -> str:
    """The innermost line of the project where what grew most was made, at the site of the holder if known."""
    root = os.path.realpath(project) + os.sep
    rows = sorted(rows, key=lambda row: -row.size_diff)[:50]
    if watch is not None:
        rows.sort(key=lambda row: not any(_at_site(frame, watch) for frame in row.traceback))
    for row in rows:
        for frame in reversed(row.traceback):
            if frame.filename.startswith("<"):
                continue
            file = os.path.realpath(frame.filename)
            ours = "leaklint_inside" in file or file == workload
            if file.startswith(root) and not ours and "site-packages" not in file:
                return f"{os.path.relpath(file, root).replace(os.sep, '/')}:{frame.lineno}"
    return ""


def _at_site(frame: tracemalloc.Frame, watch: Watch) -> bool:
    return frame.lineno in watch.lines and os.path.realpath(frame.filename) == watch.file


def _holder_path(watch: Watch) -> list[str]:
    """From the module to the newest entry of a holder with a path."""
    if watch.kind == "registry":
        newest = exit_hooks[-1:] if watch.holder["name"] == "atexit.register" else []
        return [
            watch.holder["name"].rpartition(".")[0] or watch.holder["name"],
            *map(_name, map(type, newest)),
        ]
    if watch.kind == "object":
        return _upwards(watch.newest(), {id(watch)})
    try:
        module = watch.module()
        root = watch.owned_root() if watch.kind == "field" else watch.root()
    except Exception:
        return []
    if root is None or module is None:
        return []
    holder = watch.holder
    steps = [f"module {module.__name__}", *filter(None, (holder["owner"] or holder["function"],))]
    if watch.kind == "field":
        steps = [f"module {module.__name__}", holder["instances"][0]]
    if watch.kind == "thread-local":
        return [steps[0], holder["name"], *holder["steps"]]
    if watch.kind != "memo":
        steps += [holder["name"], *holder["steps"]]
    else:
        steps.append("cache")
    return steps + _inwards(root)


def _inwards(item: Any) -> list[str]:
    """The kinds of entries from a container to the first object that is none."""
    steps: list[str] = []
    for _ in range(4):
        if isinstance(item, dict) and item:
            steps.append("dict value")
            item = next(reversed(item.values()))
        elif isinstance(item, (list, tuple, deque)) and item:
            steps.append(f"{type(item).__name__} item")
            item = item[-1]
        elif isinstance(item, (set, frozenset)) and item:
            steps.append(f"{type(item).__name__} item")
            item = next(iter(item))
        else:
            break
    return [*steps, _name(type(item))] if steps else []


def _path_of_newest(known: set[int], grown: Counter[str], count: int) -> list[str]:
    """Referrers from an object that the last calls left behind, up to a module."""
    for name, number in grown.most_common(3):
        if number * 4 < count:
            break
        for item in reversed(gc.get_objects()):
            if id(item) not in known and _name(type(item)) == name:
                found = _upwards(item, {id(known), id(grown)})
                if found:
                    return found
                break
    return []


def _upwards(target: Any, ours: set[int]) -> list[str]:
    """Breadth first, all referrers of a level in one look at the heap."""
    parents: dict[int, tuple[Any, Any]] = {id(target): (None, target)}
    frontier: dict[int, Any] = {id(target): target}
    until = time.monotonic() + SECONDS
    for _ in range(STEPS):
        found: dict[int, Any] = {}
        referrers = gc.get_referrers(*frontier.values())
        skip = ours | {id(parents), id(frontier), id(found), id(referrers)}
        for referrer in referrers:
            if id(referrer) in parents or id(referrer) in skip or _is_ours(referrer):
                continue
            child = next((item for item in gc.get_referents(referrer) if id(item) in frontier), None)
            if child is None:
                continue
            parents[id(referrer)] = (child, referrer)
            if isinstance(referrer, ModuleType):
                return _spell(referrer, parents)
            found[id(referrer)] = referrer
        if not found or len(parents) > MOST_REFERRERS or time.monotonic() > until:
            break
        frontier = found
    return []


def _is_ours(item: Any) -> bool:
    """Frames, weak references, and what this package itself refers with."""
    return (
        isinstance(item, (FrameType, weakref.ref))
        or item is sys.modules
        or type(item).__module__.startswith("leaklint_inside")
        or (isinstance(item, ModuleType) and item.__name__.startswith("leaklint_"))
        or (isinstance(item, dict) and str(item.get("__name__", "")).startswith("leaklint_"))
    )


def _spell(module: ModuleType, parents: dict[int, tuple[Any, Any]]) -> list[str]:
    """The steps from a module down to the object that the search started from."""
    steps = [f"module {module.__name__}"]
    holder: Any = module
    item = parents[id(module)][0]
    while item is not None and len(steps) < STEPS:
        step = _step(holder, item)
        if step:
            steps.append(step)
        holder, item = item, parents[id(item)][0]
    last = _name(type(holder))
    steps = steps if steps[-1] == last else [*steps, last]
    # a function holds the variables of its closure through a tuple of cells
    return [step for step, after in zip(steps, [*steps[1:], ""], strict=True) if after != "cell"]


def _step(holder: Any, item: Any) -> str:
    """How `holder` refers to `item`; "" for the dict of a module, which is no step of its own."""
    if isinstance(holder, dict):
        owned = next((key for key, value in list(holder.items()) if value is item), None)
        if isinstance(owned, str) and owned.isidentifier():
            return owned
        return "dict value" if owned is not None else "dict key"
    if isinstance(holder, (list, tuple, set, frozenset, deque)):
        return f"{type(holder).__name__} item"
    if isinstance(item, dict) and getattr(holder, "__dict__", None) is item:
        return "" if isinstance(holder, ModuleType) else _name(type(holder))
    return _name(type(holder))
