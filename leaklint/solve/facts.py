"""What the rules read: the solved facts of one unit, and the words to speak of them."""

from __future__ import annotations

from leaklint.ir import Unit
from leaklint.models import Models
from leaklint.solve.acquired import Acquired
from leaklint.solve.aliases import Aliases
from leaklint.solve.builds import Builds
from leaklint.solve.capture.inners import Inners
from leaklint.solve.capture.statics import Statics
from leaklint.solve.cycle.ownmethods import OwnMethods
from leaklint.solve.cycle.pycycles import PyCycles
from leaklint.solve.dead import Dead
from leaklint.solve.dom.widgets import Widgets
from leaklint.solve.growth.leftovers import Leftovers
from leaklint.solve.growth.memos import Memos
from leaklint.solve.growth.siblings import Siblings
from leaklint.solve.growth.undoings import Undoings
from leaklint.solve.growths import Growths
from leaklint.solve.handles import Handles
from leaklint.solve.holders import Holders
from leaklint.solve.index import Index
from leaklint.solve.interface import Interface, Links
from leaklint.solve.keys import Keys
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.native.manual import Manual
from leaklint.solve.native.native import Natives
from leaklint.solve.offers import interface
from leaklint.solve.once import solved
from leaklint.solve.outsiders import releases_by_others
from leaklint.solve.pairs import Pairs
from leaklint.solve.repeats import Repeats
from leaklint.solve.roles import Roles
from leaklint.solve.subscription.attachments import Attachments
from leaklint.solve.subscription.beforehand import Beforehand
from leaklint.solve.subscription.mixups import Mixups
from leaklint.solve.thread.pythreads import PyThreads
from leaklint.solve.thread.threads import ThreadLocals
from leaklint.solve.types import Types
from leaklint.solve.wording import Wording


class Facts(Wording):
    """Everything that is known of a unit. Each part is solved when a rule first reads it."""

    def __init__(self, unit: Unit, models: Models, links: Links) -> None:
        super().__init__(unit, links)
        self.models = models

    @solved
    def index(self) -> Index:
        return Index(self.unit)

    @solved
    def aliases(self) -> Aliases:
        return Aliases(self.index, self.models)

    @solved
    def repeats(self) -> Repeats:
        return Repeats(self.index, self.models)

    @solved
    def keys(self) -> Keys:
        return Keys(self.index, self.models, self.links.enums)

    @solved
    def lifecycle(self) -> Lifecycle:
        return Lifecycle(self.index, self.repeats, self.models)

    @solved
    def holders(self) -> Holders:
        found = Holders(self.index, self.aliases, self.repeats, self.models, self.links)
        for holder, release in releases_by_others(self.index, self.aliases, found.by_place, self.models):
            holder.releases.append(release)
        return found

    @solved
    def growths(self) -> Growths:
        return Growths(self.holders, self.keys, self.lifecycle)

    @solved
    def pairs(self) -> Pairs:
        return Pairs(self.index, self.aliases, self.models)

    @solved
    def memos(self) -> Memos:
        return Memos(self.index, self.keys, self.repeats, self.models, self.links)

    @solved
    def siblings(self) -> Siblings:
        return Siblings(self.growths)

    @solved
    def leftovers(self) -> Leftovers:
        return Leftovers(self.growths)

    @solved
    def acquired(self) -> Acquired:
        dead = Dead(self.index, self.lifecycle, self.models)
        return Acquired(self.pairs, self.growths, self.lifecycle, self.repeats, dead, self.roles)

    @solved
    def roles(self) -> Roles:
        return Roles(self.index)

    @solved
    def handles(self) -> Handles:
        return Handles(self.roles, self.lifecycle, self.models)

    @solved
    def undoings(self) -> Undoings:
        return Undoings(self.index, self.lifecycle)

    @solved
    def manual(self) -> Manual:
        return Manual(self.index, self.roles, self.repeats)

    @solved
    def widgets(self) -> Widgets:
        return Widgets(self.acquired, self.handles)

    @solved
    def builds(self) -> Builds:
        return Builds(self.unit)

    @solved
    def mixups(self) -> Mixups:
        return Mixups(self.pairs, self.lifecycle)

    @solved
    def beforehand(self) -> Beforehand:
        return Beforehand(self.pairs, self.repeats)

    @solved
    def threads(self) -> ThreadLocals:
        return ThreadLocals(self.index, self.aliases, self.models)

    @solved
    def natives(self) -> Natives:
        return Natives(self.index, self.aliases, self.repeats, self.models.native)

    @solved
    def workers(self) -> Natives:
        return Natives(self.index, self.aliases, self.repeats, self.models.worker)

    @solved
    def resources(self) -> Natives:
        return Natives(self.index, self.aliases, self.repeats, self.models.resource)

    @solved
    def inners(self) -> Inners:
        return Inners(self.index, self.threads, self.models)

    @solved
    def statics(self) -> Statics:
        return Statics(self.index, self.models)

    @solved
    def types(self) -> Types:
        return Types(self.index)

    @solved
    def attachments(self) -> Attachments:
        return Attachments(self.growths, self.pairs)

    @solved
    def py_threads(self) -> PyThreads:
        return PyThreads(self.growths)

    @solved
    def py_cycles(self) -> PyCycles:
        return PyCycles(self.growths)

    @solved
    def own_methods(self) -> OwnMethods:
        return OwnMethods(self.index, self.lifecycle, self.repeats)

    def interface(self) -> Interface:
        """What other files need to know of this one."""
        return interface(self.unit, self.holders, self.growths, self.memos, self.pairs)


def solve(unit: Unit, models: Models, links: Links | None = None) -> Facts:
    """The facts of a unit under the models of its language, and under what the project says of it."""
    return Facts(unit, models, links or Links())
