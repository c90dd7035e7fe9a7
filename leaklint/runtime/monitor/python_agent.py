"""Reports what CPython knows of its memory, from inside a watched process and its forks.

`leaklint monitor` copies this file as `sitecustomize.py` into a temporary folder at the head of
PYTHONPATH. It uses nothing but the standard library, hides its folder from the program, runs the
`sitecustomize` that it stands in front of, and never lets an error through.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import threading

FOLDER = os.environ.get("LEAKLINT_MONITOR_FOLDER", "")
INTERVAL = float(os.environ.get("LEAKLINT_MONITOR_INTERVAL", "1"))
COLLECT = os.environ.get("LEAKLINT_MONITOR_COLLECT") == "1"

_MALLINFO2 = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


def _malloc_in_use() -> int | None:
    """Bytes that the program holds from malloc, by `mallinfo2` of glibc 2.33 and newer."""
    import ctypes

    fields = [(name, ctypes.c_size_t) for name in _MALLINFO2]
    try:
        question = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return None
    question.restype = type("mallinfo2", (ctypes.Structure,), {"_fields_": fields})
    answer = question()
    return int(answer.uordblks + answer.hblkhd)


def _report() -> None:
    if COLLECT:
        gc.collect()
    values: dict[str, object] = {"runtime": "python", "blocks": sys.getallocatedblocks()}
    malloc = _malloc_in_use()
    if malloc is not None:
        values["malloc"] = malloc
    path = os.path.join(FOLDER, f"{os.getpid()}.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(values, file)
    os.replace(path + ".new", path)


class _Agent:
    """One thread a process; it rests around a fork, so that no fork finds a second thread."""

    def __init__(self) -> None:
        self.start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.stop, after_in_parent=self.start, after_in_child=self.start)

    def start(self) -> None:
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run, name="leaklint monitor", daemon=True)
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            self.thread.start()

    def stop(self) -> None:
        self.done.set()
        if self.thread.ident is not None:
            self.thread.join()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # the folder has gone: nobody watches any more
            _report()
            while not self.done.wait(INTERVAL):
                _report()


def _run_the_real_one() -> None:
    """Import the `sitecustomize` that would have been imported without this one."""
    import importlib.machinery
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec and spec.loader:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if FOLDER and __name__ == "sitecustomize":
    with contextlib.suppress(Exception):
        _Agent()
    _run_the_real_one()
