"""What JavaScript and TypeScript source becomes, construct by construct."""

from __future__ import annotations

import dumps
import pytest


@pytest.mark.parametrize("case", dumps.cases("javascript"), ids=str)
def test_dump(case: dumps.Case, request: pytest.FixtureRequest) -> None:
    dumps.check(case, request)
