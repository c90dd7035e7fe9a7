"""Which objects a run has left behind, by type and allocation line."""

from __future__ import annotations

import gc
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

_OURS = {__file__, os.path.join(os.path.dirname(__file__), "track.py"), tracemalloc.__file__}
_MODULES = {__name__, "leaklint.runtime.track"}


_one_at_a_time = threading.RLock()  # two threads would find each other's tables, and tables of those
_Frames = tuple[tuple[str, int], ...]  # file and line, the latest call first


class Traced(NamedTuple):
    """One object: type with its module, where it was allocated, its own size in bytes."""

    type: str
    file: str
    line: int
    size: int


class Kept(NamedTuple):
    """Objects of one type from one line. number: how many; size: bytes of all of them together."""

    type: str
    file: str
    line: int
    number: int
    size: int


class MemoryUse(NamedTuple):
    """What one run did to memory, in bytes.

    growth: what Python allocated in it and has not freed, less the share that it returned. peak: the
    most that it had at once. kept: the objects behind the growth, largest first; what C code allocates
    is in growth alone. rss_growth: of resident memory, None where the system does not say.
    error: name of the exception that ended it; what its traceback holds counts as kept.
    """

    name: str
    growth: int
    peak: int
    kept: tuple[Kept, ...]
    rss_growth: int | None
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        return report(self)


def traced() -> dict[int, Traced]:
    """Every object that was allocated since tracing began and can be reached, by its id.

    The collector knows containers alone; strings, bytes and numbers are found as what they refer to.
    """
    with _one_at_a_time:
        return _traced()


def _traced() -> dict[int, Traced]:
    objects = {id(value): value for value in gc.get_objects()}
    level: list[object] = list(objects.values())
    while level:  # a dict of strings is not tracked either: what it holds is found through it
        fresh = {id(value): value for value in _held_by(*level) if not gc.is_tracked(value)}
        level = [value for key, value in fresh.items() if key not in objects]
        objects.update(fresh)
    found: dict[int, Traced] = {}
    for key, value in objects.items():
        place = _place_of(value)
        if place is not None and place[0] not in _OURS and type(value).__module__ not in _MODULES:
            found[key] = Traced(_name(type(value)), *place, _size(value))
    objects.clear()  # it holds its own cell where comprehensions are functions: nothing else frees it
    return found


def _held_by(*values: object) -> list[object]:
    """What objects refer to. The collector passes over the keys of a dict that are strings."""
    held = gc.get_referents(*values)
    for value in values:
        if isinstance(value, dict):
            held += dict.keys(value)
    return held


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _place_of(value: object) -> tuple[str, int] | None:
    """File and line where an object was allocated; None if that was before tracing began.

    Asks below the public function, which costs as much again: nearly all answers are None.
    """
    frames = _object_trace(value)
    if frames is None and _raw_trace is not None and type(value).__flags__ & _MANAGED_DICT:
        frames = _raw_trace(0, id(value) - _PRE_HEADER)
    return frames[0] if frames else None


def _find_raw_trace() -> Callable[[int, int], _Frames | None] | None:
    """On 3.11 tracemalloc looks for instances of classes at a wrong address: we give it the right one."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return None
    import ctypes

    function = ctypes.pythonapi._PyTraceMalloc_GetTraceback
    function.argtypes = [ctypes.c_uint, ctypes.c_size_t]
    function.restype = ctypes.py_object
    found: Callable[[int, int], _Frames | None] = function
    return found


def _public_trace(value: object) -> _Frames | None:
    trace = tracemalloc.get_object_traceback(value)
    return tuple((frame.filename, frame.lineno) for frame in reversed(trace)) if trace else None


_object_trace: Callable[[object], _Frames | None] = getattr(
    sys.modules.get("_tracemalloc"), "_get_object_traceback", _public_trace
)
_raw_trace = _find_raw_trace()
_MANAGED_DICT = 1 << 4  # Py_TPFLAGS_MANAGED_DICT
_PRE_HEADER = 32  # bytes: values, dict and the collector's two links, before the object itself


def _size(value: object) -> int:
    try:
        return sys.getsizeof(value)
    except Exception:  # a __sizeof__ of the program's own may do anything
        return 0


def owned(box: list[object], new: Mapping[int, Traced]) -> set[int]:
    """Ids of the new objects that only `box` holds: what a caller gets, and gets to free.

    As the collector does it: references from inside are taken off the reference counts; what has some
    left is held from outside, with all that it refers to.
    """
    inside = _reached(box, new)
    references = dict.fromkeys(inside, 0)
    for holder in (box, *inside.values()):
        for value in _held_by(holder):
            if id(value) in references:
                references[id(value)] += 1
    value = holder = None  # a variable counts as well
    outside = [key for key in inside if sys.getrefcount(inside[key]) - references[key] > _OWN_REFERENCES]
    while outside:
        freed = inside.pop(outside.pop(), None)
        outside += [id(value) for value in _held_by(freed)] if freed is not None else []
    return inside.keys() & new.keys()


def _reached(box: list[object], new: Mapping[int, Traced]) -> dict[int, object]:
    """The new objects that can be reached from `box` through new objects."""
    inside: dict[int, object] = {}
    queue = list(box)
    while queue:
        value = queue.pop()
        if id(value) not in inside and (id(value) in new or value is box[0]):
            inside[id(value)] = value
            queue += _held_by(value)
    return inside


def _own_references() -> int:
    """What `getrefcount` says in `owned` of an object that nothing else refers to."""
    inside = {0: object()}
    return next(sys.getrefcount(inside[key]) for key in inside)


_OWN_REFERENCES = _own_references()


def grouped(objects: Iterable[Traced]) -> tuple[Kept, ...]:
    """By type and line, largest first."""
    counts: dict[tuple[str, str, int], list[int]] = {}
    for one in objects:
        group = counts.setdefault((one.type, one.file, one.line), [0, 0])
        group[0] += 1
        group[1] += one.size
    kept = [Kept(*key, count, size) for key, (count, size) in counts.items()]
    return tuple(sorted(kept, key=lambda one: (-one.size, one[:3])))


def report(use: MemoryUse, most: int = 10) -> str:
    """Text: a headline, and the largest groups of what was kept."""
    name = f"{use.name}: " if use.name else ""
    ended = f", ended by {use.error}" if use.error else ""
    rss = f", resident {_bytes(use.rss_growth)}" if use.rss_growth is not None else ""
    lines = [
        f"{name}{_bytes(use.growth)} kept, peak {_bytes(use.peak)}{rss}, {use.seconds * 1000:,.1f} ms{ended}"
    ]
    rows = [(f"{one.number:,}", one.type, _bytes(one.size), _place(one)) for one in use.kept[:most]]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines += [
        f"  {count:>{widths[0]}} {kind:<{widths[1]}}  {size:>{widths[2]}}  {place}"
        for count, kind, size, place in rows
    ]
    if len(use.kept) > most:
        lines.append(f"  and {len(use.kept) - most} more lines")
    return "\n".join(lines)


def _place(one: Kept) -> str:
    """The file as it is named from the working directory, where that is shorter."""
    try:
        relative = os.path.relpath(one.file)
    except ValueError:
        relative = one.file  # on another drive
    return f"{min(relative, one.file, key=len)}:{one.line}"


def _bytes(size: int) -> str:
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if abs(size) >= factor:
            return f"{size / factor:+,.1f} {unit}"
    return f"{size:+d} B"
