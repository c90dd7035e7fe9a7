"""Tells when a retain site or a release runs: `sys.monitoring` from 3.12 on, `sys.settrace` on 3.11.

Only lines of watched files are instrumented. A line whose first run says everything is switched off after it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

from .watch import Watch

_MONITORING: Any = getattr(sys, "monitoring", None)


class Sites:
    """The watched lines by file, and what listens to them."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[int, list[tuple[Watch, int]]]] = {}
        self._wanted: dict[CodeType, bool] = {}
        self._files: dict[str, str] = {}
        self._tool = -1

    def add(self, watch: Watch) -> None:
        rows = self._lines.setdefault(watch.file, {})
        for line in watch.lines:
            rows.setdefault(line, []).append((watch, -1))
        for index, lines in enumerate(watch.release_lines):
            for line in lines:
                rows.setdefault(line, []).append((watch, index))

    def start(self) -> None:
        """Listen from now on: what ran while the program was loaded and set up proves nothing."""
        if not self._lines:
            return
        if _MONITORING is None:
            threading.settrace(self._trace)
            sys.settrace(self._trace)
            return
        self._tool = self._free_tool()
        if self._tool < 0:
            return
        _MONITORING.register_callback(self._tool, _MONITORING.events.LINE, self._on_line)
        _MONITORING.register_callback(self._tool, _MONITORING.events.PY_START, self._on_start)
        for item in gc.get_objects():
            if type(item) is FunctionType:
                for code in nested(item.__code__):
                    self._instrument(code)
        _MONITORING.set_events(self._tool, _MONITORING.events.PY_START)

    def cost(self) -> float:
        """Seconds that listening adds to one run of a watched line."""

        def line() -> int:
            number = 1
            return number + 1

        def spend() -> float:
            began = time.perf_counter()
            for _ in range(500):
                line()
            return (time.perf_counter() - began) / 500

        plain = min(spend() for _ in range(3))
        if _MONITORING is None:
            sys.settrace(
                lambda frame, event, value: None if frame.f_code is not line.__code__ else (lambda *_: None)
            )
            listened = min(spend() for _ in range(3))
            sys.settrace(None)
            return max(0.0, listened - plain)
        tool = self._free_tool()
        if tool < 0:
            return 0.0
        events = _MONITORING.events
        _MONITORING.register_callback(tool, events.LINE, lambda code, number: sys._getframe(1) and None)
        _MONITORING.set_local_events(tool, line.__code__, events.LINE)
        listened = min(spend() for _ in range(3)) / 2  # the function has two lines
        _MONITORING.set_local_events(tool, line.__code__, 0)
        _MONITORING.free_tool_id(tool)
        return max(0.0, listened - plain / 2)

    def _free_tool(self) -> int:
        for number in (4, 3, 5, 2, 1, 0):
            with contextlib.suppress(ValueError):
                _MONITORING.use_tool_id(number, "leaklint")
                return number
        return -1

    def _rows(self, code: CodeType) -> dict[int, list[tuple[Watch, int]]]:
        """Watched lines of the file of a code object."""
        name = code.co_filename
        if name.startswith("<"):
            return {}
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = os.path.realpath(name)
        return self._lines.get(file, {})

    def _instrument(self, code: CodeType) -> None:
        rows = self._rows(code)
        if rows and any(line in rows for _, _, line in code.co_lines() if line is not None):
            _MONITORING.set_local_events(self._tool, code, _MONITORING.events.LINE)

    def _on_start(self, code: CodeType, offset: int) -> Any:
        self._instrument(code)
        return _MONITORING.DISABLE

    def _on_line(self, code: CodeType, line: int) -> Any:
        rows = self._rows(code).get(line)
        if rows is None:
            return _MONITORING.DISABLE
        return None if self._hit(rows, sys._getframe(1)) else _MONITORING.DISABLE

    def _hit(self, rows: list[tuple[Watch, int]], frame: FrameType) -> bool:
        """Pass a run on. Returns whether the next run of the line matters too."""
        again = False
        for watch, release in rows:
            if release >= 0:
                watch.released[release] = True
            else:
                watch.hit(frame)
                again = again or watch.wants_frames
        return again

    def _trace(self, frame: FrameType, event: str, value: Any) -> Any:
        code = frame.f_code
        if not self._rows(code):
            return None
        wanted = self._wanted.get(code)
        if wanted is None:
            rows = self._rows(code)
            wanted = any(line in rows for _, _, line in code.co_lines() if line is not None)
            self._wanted[code] = wanted
        return self._trace_lines if wanted else None

    def _trace_lines(self, frame: FrameType, event: str, value: Any) -> Any:
        if event == "line":
            rows = self._rows(frame.f_code).get(frame.f_lineno)
            if rows is not None:
                self._hit(rows, frame)
        return self._trace_lines


def nested(code: CodeType) -> Iterator[CodeType]:
    pending = [code]
    while pending:
        item = pending.pop()
        yield item
        pending += [part for part in item.co_consts if isinstance(part, CodeType)]
