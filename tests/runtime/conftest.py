"""Fixtures of the runtime tests."""

from __future__ import annotations

import pytest
from harness import VERSIONS, interpreter


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    """Each version of CPython; those that are not there are skipped."""
    found = interpreter(request.param)
    if not found:
        pytest.skip(f"CPython {request.param} is not at hand")
    return found
