"""Loads a workload and calls it: functions, coroutines and generators, each to its end."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import sys
from collections.abc import Callable
from types import AsyncGeneratorType, GeneratorType
from typing import Any

MOST_ITEMS = 10_000
"""Items that are taken from a generator, which may be endless."""


class Workload:
    """`setup`, `iterate` and `teardown` of one file."""

    def __init__(self, driver: dict[str, Any]) -> None:
        self.file: str = driver["file"]
        self.roots: list[str] = list(driver["roots"])
        self._loop: asyncio.AbstractEventLoop | None = None
        self._iterate: Callable[[int], Any] = lambda number: None
        self._teardown: Callable[[], Any] | None = None

    def load(self) -> None:
        sys.path[:0] = [root for root in self.roots if root not in sys.path]
        spec = importlib.util.spec_from_file_location("leaklint_workload", self.file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["leaklint_workload"] = module
        spec.loader.exec_module(module)
        if not hasattr(module, "iterate"):
            raise AttributeError("the workload has no function iterate(i)")
        self._iterate = module.iterate
        self._teardown = getattr(module, "teardown", None)
        setup = getattr(module, "setup", None)
        if setup is not None:
            self._finish(setup())

    def call(self, number: int) -> None:
        self._finish(self._iterate(number))

    def unload(self) -> None:
        if self._teardown is not None:
            self._finish(self._teardown())

    def settle(self) -> None:
        """Let what is ready in the event loop run: finished tasks leave it a turn later."""
        if self._loop is not None and not self._loop.is_closed():
            for _ in range(2):
                self._loop.run_until_complete(asyncio.sleep(0))

    def _finish(self, result: Any) -> None:
        """Run to the end what a call only started."""
        if isinstance(result, GeneratorType):
            for count, _ in enumerate(result):
                if count >= MOST_ITEMS:
                    break
            result.close()
        elif isinstance(result, AsyncGeneratorType):
            self._run(_drain(result))
        elif inspect.isawaitable(result):
            self._run(_await(result))

    def _run(self, coroutine: Any) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(coroutine)


async def _await(result: Any) -> None:
    await result


async def _drain(items: Any) -> None:
    count = 0
    async for _ in items:
        count += 1
        if count >= MOST_ITEMS:
            break
    await items.aclose()
