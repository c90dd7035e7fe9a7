"""Decides which growth of a holder is a leak: repeated, under many keys, with nothing against it.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call, Unit
from leaklint.solve.growth.configuration import Configuration
from leaklint.solve.growth.counting import Counting
from leaklint.solve.growth.exithandlers import ExitHandlers
from leaklint.solve.growth.expiry import Expiry
from leaklint.solve.growth.finishing import Finishing
from leaklint.solve.growth.owners import Owners
from leaklint.solve.growth.rollbacks import RollBacks
from leaklint.solve.growth.uncleared import Uncleared
from leaklint.solve.growth.waiting import Waiting
from leaklint.solve.growth.weighing import Weighing
from leaklint.solve.guards import Guards
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.keying.domain import Domain
from leaklint.solve.keys import Keys
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.subscription.completion import Completions

# Python methods after which an object serves nobody any more
_ENDS = frozenset(
    {"close", "aclose", "stop", "shutdown", "dispose", "destroy", "terminate", "__del__", "quit"}
)
_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")


class Judgement(msgspec.Struct):
    """A holder that leaks as far as the unit shows.

    growths: the sites that count, first one first. domain: of the key at the first site.
    ignored: releases that were found and do not help, with the reason.
    """

    holder: Holder
    growths: list[Growth]
    domain: Domain
    confidence: Confidence
    ignored: list[tuple[Release, str]] = []


class Growths:
    """Judges the holders of one unit."""

    def __init__(self, holders: Holders, keys: Keys, lifecycle: Lifecycle) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit
        self.repeats = holders.repeats
        self.keys = keys
        self.lifecycle = lifecycle
        self.guards = Guards(holders, lifecycle)
        self.waiting = Waiting(self.index)
        self.expiry = Expiry(self.index)
        self.counting = Counting(holders, keys, lifecycle, self.guards)
        self.owners = Owners(holders, lifecycle, self.counting)
        self.finishing = Finishing(holders, lifecycle, self.owners)
        self.configuration = Configuration(holders, keys, lifecycle)
        self.weighing = Weighing(self)
        self._completions = Completions(self.index)
        self._exit_handlers = ExitHandlers(self.index)
        self._uncleared = Uncleared(self.repeats)
        self._roll_backs = RollBacks(self.index)

    def judged(self, *kinds: str, lifetime: str) -> Iterator[Judgement]:
        """Leaking holders of some model kinds and a lifetime, in source order."""
        for holder in self.holders.by_place.values():
            if holder.growths and holder.lifetime == lifetime and (not kinds or holder.kind in kinds):
                found = self.judge(holder)
                if found is not None:
                    yield found

    def judge(self, holder: Holder) -> Judgement | None:
        """The judgement on one holder, or None when it is no leak."""
        row = holder.container
        if row is not None and (row.weak or row.bounded):
            return None
        if holder.bounded or holder.emptied_elsewhere or self._is_unknown_this(holder):
            return None  # a size check guards it, or another file releases it
        items = iter(holder.growths)
        if holder.small_elements and row is not None and row.fills_on_read:
            items = (self.by_reading(item) if item.depth else item for item in items)
        growths = sorted(
            (item for item in items if self.counting.counts(item, holder)), key=lambda item: item.effect
        )
        growths = self._without_emptied(growths, holder)
        if not growths:
            return None
        ignored: list[tuple[Release, str]] = []
        shallowest = min(item.depth for item in growths)
        for release in holder.releases:
            if release.depth > shallowest:
                continue  # empties an entry, and leaves its key
            reason = self.is_useless(release, holder)
            if reason is None:
                return None
            ignored.append((release, reason))
        best = max((self.weighing.confidence(item, holder) for item in growths), key=_ORDER.index)
        growths.sort(key=lambda item: -_ORDER.index(self.weighing.confidence(item, holder)))
        if best == "low" and holder.lifetime == "instance" and self.unit.language == "python":
            best = "medium" if holder.kind == "list" and self._completions.ends(holder) else best
        if ignored:
            best = min(best, "medium", key=_ORDER.index)
        domain = self.counting.domain(growths[0], holder)
        return Judgement(holder, growths, domain, best, ignored)

    def by_reading(self, item: Growth) -> Growth:
        """Python: the key that `table[key].append(x)` adds to a defaultdict, whatever its entries hold."""
        return msgspec.structs.replace(item, depth=0, key=self.index.subscript(item.effect, first=True))

    def _is_unknown_this(self, holder: Holder) -> bool:
        """JavaScript: `this.rows` in a plain function: of whatever object it is called on."""
        symbol = self.index.symbol(holder.place)
        return symbol is not None and symbol.kind == "global" and symbol.name == "this"

    def _without_emptied(self, growths: list[Growth], holder: Holder) -> list[Growth]:
        """What grows the map itself, where its entries are collections that something empties."""
        if not any(item.depth for item in growths) or all(item.depth for item in growths):
            return growths
        emptied = {
            release.depth
            for release in holder.releases
            if release.depth and self.is_useless(release, holder) is None
        }
        return [item for item in growths if item.depth not in emptied]

    def is_useless(self, release: Release, holder: Holder) -> str | None:
        """Why a release does not stop the growth; None when it does."""
        effect = self.unit.effects[release.effect]
        scope = self.index.function(effect.scope)
        if self.repeats.runs(effect.scope) == "import" and holder.lifetime == "process":
            return "it runs at import only"
        if self._ends_with_owner(release, holder, scope):
            return "the whole object ends"
        if holder.kind == "cache" and release.selector == "some":
            return "it takes out what has changed, not what is no longer asked for"
        if holder.lifetime == "process" and self._exit_handlers.runs_at_exit(effect.scope):
            return "it runs when the program ends only"
        if not self.lifecycle.is_called(scope):
            return f"nothing calls `{self.unit.scopes[scope].name}`"
        if self._uncleared.is_never(release, holder):
            return f"nothing calls `{self.unit.scopes[scope].name}` on the one object there is"
        if self._roll_backs.undoes(release, holder):
            return "it takes out what has failed only"
        if release.selector == "key" and self.expiry.is_on_read(release):
            return "it takes out what has expired only when that is asked for again"
        return None

    def _ends_with_owner(self, release: Release, holder: Holder, scope: int) -> bool:
        """A container that is emptied only when an object that serves long ends."""
        if holder.lifetime != "instance" or release.selector not in ("all", "rebind"):
            return False
        if self.unit.language == "python":
            if all(self.owners.starts(item) for item in holder.growths):
                return False  # what `start()` made, `shutdown()` ends
            return self.unit.scopes[scope].name in _ENDS and (
                self.owners.owner_lives_long(holder)
                or any(self.finishing.keeps_finished(item, holder) for item in holder.growths)
            )
        if not self.lifecycle.in_teardown(scope):
            return False
        if self.unit.language == "javascript" and holder.kind != "bag":
            if all(self.owners.starts(item) for item in holder.growths):
                return False
            return self.owners.owner_lives_long(holder) and any(
                self.finishing.ends_first(item) for item in holder.growths
            )
        return holder.kind == "bag" and (
            self.owners.owner_lives_long(holder) or self.owners.takes_streams(holder)
        )

    def sites(self, judgement: Judgement) -> Iterator[tuple[int, Growth]]:
        """Effect to show and growth, the helper's own line last."""
        for item in judgement.growths:
            yield item.effect, item
            if item.via != NONE:
                yield item.via, item

    def verb(self, effect: int) -> str:
        """How a growth reads in a sentence: `append()`, `[]=`."""
        row = self.unit.effects[effect]
        return f"{row.name}()" if isinstance(row, Call) else "an assignment"
