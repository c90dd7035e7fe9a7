"""Counters of the whole interpreter, read after a collection.

Blocks of Python's allocator are exact: steady code reads the same twice. Resident memory and what malloc
handed out tell of native growth, which blocks do not see; open descriptors of what is only a number.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class _Mallinfo2(ctypes.Structure):
    """`struct mallinfo2` of glibc 2.33 and newer."""

    _fields_ = (
        ("arena", ctypes.c_size_t),
        ("ordblks", ctypes.c_size_t),
        ("smblks", ctypes.c_size_t),
        ("hblks", ctypes.c_size_t),
        ("hblkhd", ctypes.c_size_t),
        ("usmblks", ctypes.c_size_t),
        ("fsmblks", ctypes.c_size_t),
        ("uordblks", ctypes.c_size_t),
        ("fordblks", ctypes.c_size_t),
        ("keepcost", ctypes.c_size_t),
    )


_mallinfo: Callable[[], _Mallinfo2] | None = None
_statm = -1
_DESCRIPTORS = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"


def prepare() -> None:
    """Find what this platform offers."""
    global _mallinfo, _statm
    try:
        function = ctypes.CDLL(None).mallinfo2
        function.restype = _Mallinfo2
        _mallinfo = function
    except (OSError, AttributeError, TypeError):
        _mallinfo = None
    try:
        _statm = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        _statm = -1
    _allow_descriptors()


def _allow_descriptors() -> None:
    """As many as the system allows: code that leaves them open is to run on, and to be counted."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ImportError, OSError, ValueError):
        return


def read() -> dict[str, int]:
    """Every counter that is there. The exact one comes first: what follows makes objects."""
    exact = blocks()
    found = {"threads": threading.active_count()}
    if exact:
        found["count"] = exact
    if _statm >= 0:
        found["rss_bytes"] = int(os.pread(_statm, 256, 0).split()[1]) * _PAGE
    if _mallinfo is not None:
        info = _mallinfo()
        found["malloc_bytes"] = info.uordblks + info.hblkhd
    with contextlib.suppress(OSError):  # not every system lists them
        found["descriptors"] = len(os.listdir(_DESCRIPTORS))
    return found


def blocks() -> int:
    """Blocks without interned strings, which 3.12 never gives back; 0 where Python's allocator is off."""
    found = sys.getallocatedblocks()
    interned: Callable[[], int] | None = getattr(sys, "getunicodeinternedsize", None)
    return found - interned() if found and interned is not None else found
