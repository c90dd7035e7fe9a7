"""How many different values something can have, in a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Domain = Literal[
    "literal", "enum", "class", "boolean", "own", "small", "parameter", "fresh", "computed", "unknown"
]
BOUNDED: frozenset[Domain] = frozenset({"literal", "enum", "class", "boolean", "own"})

_MANY: tuple[Domain, ...] = ("fresh", "parameter", "computed", "unknown", "small")  # the widest first


def widest(domains: Sequence[Domain], few: Domain) -> Domain:
    """The widest of several domains; `few` where there are few values of each."""
    return next((domain for domain in _MANY if domain in domains), few)
