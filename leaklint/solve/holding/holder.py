"""What a holder is: a container and its life, with what puts entries in and takes them out."""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.ir import NONE, Place
from leaklint.models import Container

Lifetime = Literal["process", "instance", "closure", "thread"]

ENTRYWISE = frozenset({"key", "value", "one", "some"})
"""Selectors of releases that take out single entries."""


class Growth(msgspec.Struct):
    """A site at which a holder gains entries.

    effect: the call or bind; at a helper's call site, `via` is the effect inside the helper.
    depth: 0 for the container itself, 1 for a container that is one of its elements, …
    key, values: what is stored (values); key is NONE for collections.
    """

    effect: int
    depth: int
    how: str
    key: int = NONE
    values: tuple[int, ...] = ()
    via: int = NONE
    spreads: bool = False  # `values` are collections of entries


class Release(msgspec.Struct):
    """A site at which a holder loses one, some or all entries. selector: see models, or `rebind`."""

    effect: int
    depth: int
    selector: str
    key: int = NONE
    via: int = NONE
    how: str = ""  # method name


class Holder(msgspec.Struct):
    """A container and its life."""

    place: Place
    kind: str  # model kind: map, list, set, queue, …
    lifetime: Lifetime
    declared: int  # the bind that makes it, or NONE
    container: Container | None = None
    default_of: int = NONE  # function scope whose parameter default it is
    growths: list[Growth] = []
    releases: list[Release] = []
    bounded: bool = False  # a size check guards it
    limits: list[int] = []  # values that its size is compared with
    emptied_elsewhere: bool = False  # another file of the project releases it
    small_elements: bool = False  # its elements are bounded or weak containers themselves

    @property
    def element(self) -> Place:
        """Any of its entries."""
        return Place(self.place.symbol, (*self.place.path, "[]"), self.place.call)

    @property
    def limited(self) -> bool:
        """Whether a size check, its type or weak references keep it from growing without end."""
        row = self.container
        return self.bounded or (row is not None and (row.weak or row.bounded))
