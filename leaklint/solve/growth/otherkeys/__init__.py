"""Removals that remove nothing: under another key than those that were stored under.

Each solver knows one reason why the keys differ.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.solve.growth.otherkeys.attributes import Attributes
from leaklint.solve.growth.otherkeys.base import OtherKey
from leaklint.solve.growth.otherkeys.forms import Forms
from leaklint.solve.growth.otherkeys.kinds import Kinds
from leaklint.solve.growth.otherkeys.swaps import Swaps
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Holder
from leaklint.solve.types import Types


class OtherKeys:
    """Such removals, and such look-ups before a store, of one unit."""

    def __init__(self, growths: Growths, types: Types) -> None:
        self.growths = growths
        self.kinds = Kinds(growths, types)
        self.swaps = Swaps(growths)
        self.forms = Forms(growths)
        self.attributes = Attributes(growths)

    def found(self) -> Iterator[OtherKey]:
        """Each holder that is asked to remove under a key of another sort than it stores, once."""
        for holder in self.growths.holders.by_place.values():
            if not holder.growths or holder.lifetime not in ("instance", "process"):
                continue
            found = self.kinds.found(holder) or self._made_otherwise(holder)
            if found is not None:
                yield found

    def _made_otherwise(self, holder: Holder) -> OtherKey | None:
        """A removal whose key is made otherwise than those of all stores, or of the store before it."""
        if not holder.releases or not self.growths.repeats.repeats(holder.growths[0].effect):
            return None
        found = self.swaps.by_value(holder)
        if found is not None:
            return OtherKey(holder, found[0], found[1].effect, found[1].key, "value", "", "")
        found = self.forms.by_text(holder) or self.attributes.by_getter(holder) or self.swaps.by_arm(holder)
        found = found or self.forms.by_form(holder) or self.forms.by_maker(holder)
        found = found or self.attributes.by_attribute(holder)
        if found is not None:
            return OtherKey(holder, found[0], found[1].effect, found[1].key, "made", "", "")
        return None
