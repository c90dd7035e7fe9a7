"""Regular expressions that are compiled when they are first asked: most runs ask few, and start sooner."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = getattr(re.compile(self._text), name)
        return found


def regex(text: str) -> re.Pattern[str]:
    """`re.compile` at the first use."""
    return cast("re.Pattern[str]", _Lazy(text))
