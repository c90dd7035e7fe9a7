"""What is found out once about a holder that grew: classes that stay, where they are made, who keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaklint.runtime.agent import Explanation
from leaklint.runtime.jvm.histogram import Histogram, readable

if TYPE_CHECKING:
    from leaklint.runtime.jvm.agent import JvmSession

MOST_TYPES = 10
LEAST = 0.05
"""Living instances more per call from which a class is named."""


def explain(session: JvmSession, calls: int, watch: int) -> Explanation:
    """Two rounds of calls: what stays of both is named."""
    shots = [session.histogram()]
    for _ in range(2):
        session.sample(calls)
        shots.append(session.histogram())
    known = [shot for shot in shots if shot is not None]
    types = _types(known, calls) if len(known) == 3 else {}
    size = (known[-1].size - known[0].size) / (2 * calls) if len(known) == 3 else None
    path = session.route(watch) if watch >= 0 else []
    return Explanation(
        tuple(path),
        _site(session, watch),
        max(0.0, round(size, 1)) if size is not None else None,
        {readable(name): round(number, 2) for name, number in types.items()},
    )


def _types(shots: list[Histogram], calls: int) -> dict[str, float]:
    """The classes that grew in both rounds, the fastest first."""
    first, middle, last = (shot.instances for shot in shots)
    grown = {
        name: (number - first.get(name, 0)) / (2 * calls)
        for name, number in last.items()
        if number > middle.get(name, 0) > first.get(name, 0)
    }
    rows = sorted(grown.items(), key=lambda row: (-row[1], row[0]))
    return {name: number for name, number in rows if number >= LEAST and "leaklint" not in name.lower()}


def _site(session: JvmSession, watch: int) -> str:
    """The line that retains."""
    suspect = session.plan.watches[watch] if watch >= 0 else None
    return f"{suspect.path}:{suspect.sites[0].span.line}" if suspect is not None and suspect.sites else ""
