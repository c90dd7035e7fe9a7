"""What the solvers of ways out share: holders that may keep an entry, and what is said of one that stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Call
from leaklint.solve.growth.failing import Failing
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# methods that are told of the end of a connection, and events that tell of it
_LOST = regex(
    r"_?(on|handle)_?(\w+_?)?([cC]los(e|ed|ing)|[dD]isconnect(ed)?|[lL]ost|[eE]nd(ed)?|[eE]xit)|"
    r"(connection|session|channel|socket|link)?_?([lL]ost|[iI]nactive)"
)
_LAST_EVENTS = frozenset({"close", "closed", "end", "disconnect", "disconnected", "exit"})

How = Literal[
    "success",  # only a success takes the entry out
    "error",  # a failure returns before that
    "timeout",  # a wait gives up
    "fired",  # the entry is a timer that has fired
    "swallowed",  # a handler passes the removal by, and lets the failure rest
    "raise",  # what runs in between raises
    "answer",  # the answer is given, and the request stays
    "cancel",  # whoever waits goes away
    "waiter",  # a wait ends otherwise than by its result
    "exit",  # the function that removes leaves before it does
    "guard",  # the removal stands behind a test that the growth does without
    "ended",  # the entry is ended where it stands
    "regular",  # only the regular end of a connection takes it out
    "arranged",  # another store arranges the removal of what it stores
]


class Left(msgspec.Struct):
    """`growth` of `holder` adds what `release` takes out, unless the work ends by the way that `other` is on.

    release, other: effects, or NONE. sister: how == "guard": a growth that has the guard; more: further
    growths without it.
    """

    holder: Holder
    growth: Growth
    how: How
    release: int = NONE
    other: int = NONE
    sister: int = NONE
    more: list[int] = []


class Leaving(Failing):
    """Base of the solvers: questions about the holders and the tests of one unit."""

    def __init__(self, growths: Growths) -> None:
        super().__init__(growths.index)
        self.growths = growths
        self.holders = growths.holders
        self.lifecycle = growths.lifecycle

    def lasting(self) -> Iterator[Holder]:
        """The holders that grow, outlive their functions, and have no limit of their own."""
        for holder in self.holders.by_place.values():
            if holder.growths and holder.lifetime in ("instance", "process") and not holder.limited:
                yield holder

    def entrywise(self, holder: Holder, selectors: tuple[str, ...]) -> list[Release]:
        """The removals of single entries, if nothing else sweeps the container while it is in use."""
        found = []
        for release in holder.releases if not holder.emptied_elsewhere else ():
            if release.depth:
                continue
            if release.selector in selectors or self.takes_one(release, holder):
                found.append(release)
            elif not self._at_end(self.index.function_at(release.effect)) and not self.fails(release.effect):
                return []
        return found

    def _at_end(self, scope: int) -> bool:
        """Whether code runs when an object ends, or the connection that it serves."""
        if self.lifecycle.in_teardown(scope):
            return True
        for function in self.index.enclosing(scope):
            given = self.index.argument_of.get(function)
            call = self.unit.effects[given[0]] if given is not None else None
            told = self.unit.values[call.args[0]].text if isinstance(call, Call) and call.args else ""
            if _LOST.fullmatch(self.unit.scopes[function].name) or told in _LAST_EVENTS:
                return True
        return False

    def ends_all(self, scope: int) -> bool:
        """An end-of-life method; one that is told what to end ends that only."""
        return self.lifecycle.in_teardown(scope) and not self.unit.scopes[scope].params

    def takes_one(self, release: Release, holder: Holder) -> bool:
        """Whether a removal without a key is one of a single entry all the same."""
        return False
