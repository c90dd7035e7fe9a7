"""Every test here needs a JDK: skipped without it, failed if LEAKLINT_REQUIRE names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture(autouse=True)
def jdk(need: Callable[[str], None]) -> None:
    need("jdk")
