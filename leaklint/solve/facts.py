"""What the rules read: the solved facts of one unit, and the words to speak of them."""

from __future__ import annotations

import msgspec

from leaklint.evidence import Evidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.acquired import Acquired
from leaklint.solve.aliases import Aliases
from leaklint.solve.capture.inners import Inners
from leaklint.solve.capture.statics import Statics
from leaklint.solve.cycle.ownmethods import OwnMethods
from leaklint.solve.cycle.pycycles import PyCycles
from leaklint.solve.dead import Dead
from leaklint.solve.dom.widgets import Widgets
from leaklint.solve.growth.leftovers import Leftovers
from leaklint.solve.growth.memos import Memos
from leaklint.solve.growth.removals import Removals
from leaklint.solve.growth.siblings import Siblings
from leaklint.solve.growth.undoings import Undoings
from leaklint.solve.growths import Growths
from leaklint.solve.handles import Handles
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth
from leaklint.solve.index import Index
from leaklint.solve.interface import Declared, Interface, Links, foreign_name
from leaklint.solve.keys import Keys
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.names import resolved_name
from leaklint.solve.native.manual import Manual
from leaklint.solve.native.native import Natives
from leaklint.solve.offers import interface
from leaklint.solve.once import solved
from leaklint.solve.outsiders import releases_by_others
from leaklint.solve.pairs import Pairs
from leaklint.solve.repeats import Repeats
from leaklint.solve.roles import Roles
from leaklint.solve.subscription.attachments import Attachments
from leaklint.solve.subscription.mixups import Mixups
from leaklint.solve.thread.pythreads import PyThreads
from leaklint.solve.thread.threads import ThreadLocals
from leaklint.solve.types import Types

_TESTS = ("Test", "Tests", "TestCase", "IT", "ITCase", "Benchmark", "Example", "Demo")


class Facts:
    """Everything that is known of a unit. Each part is solved when a rule first reads it."""

    def __init__(self, unit: Unit, models: Models, links: Links) -> None:
        self.unit = unit
        self.models = models
        self.links = links

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
        return Keys(self.index, self.models)

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
        return Memos(self.index, self.keys, self.repeats, self.models)

    @solved
    def siblings(self) -> Siblings:
        return Siblings(self.growths)

    @solved
    def leftovers(self) -> Leftovers:
        return Leftovers(self.growths)

    @solved
    def acquired(self) -> Acquired:
        dead = Dead(self.index, self.lifecycle, self.models)
        return Acquired(self.pairs, self.growths, self.lifecycle, self.repeats, dead)

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
    def mixups(self) -> Mixups:
        return Mixups(self.pairs, self.lifecycle)

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
    def removals(self) -> Removals:
        return Removals(self.growths, self.types)

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

    def within(self, at: int, message: str) -> Evidence:
        """Evidence at a place that is no effect: the head of a function or class."""
        return Evidence(self.unit.path, at, at + 1, message)

    def is_test(self, effect: int) -> bool:
        """Whether an effect stands in a test: its process ends soon."""
        scopes = self.unit.scopes
        scope = self.unit.effects[effect].scope
        while scope != NONE:
            row = scopes[scope]
            name = self.unit.owners[row.owner].name if row.owner != NONE else ""
            if name.endswith(_TESTS) or (name.startswith("Test") and name[4:5].isupper()):
                return True
            scope = row.parent
        if self.stem.endswith(_TESTS) or self.stem.startswith("Test") or self.stem in ("test", "tests"):
            return True
        return any(folder in ("test", "tests") for folder in self.unit.path.split("/")[:-1])

    def is_per_call_value(self, effect: int) -> bool:
        """Whether a thread-local is set to something of the call, not filled where it was empty."""
        if not self.repeats.repeats(effect):
            return False
        row = self.unit.effects[effect]
        for index in self.index.regions(row.region):
            region = self.unit.regions[index]
            if region.kind == "except" or (region.kind == "branch" and self._tests_missing(region.test)):
                return False
        return True

    def _tests_missing(self, test: int) -> bool:
        """`x is None`, `x == null`, `not x`, `not hasattr(…)`: the value is made where there is none."""
        if test == NONE:
            return False
        value = self.unit.values[test]
        if value.kind != "operation":
            return False
        if value.text == "not":
            return True
        return value.text in ("is", "==") and any(
            self.unit.values[part].kind == "null" for part in value.parts
        )

    def captured(self, item: Growth) -> str:
        """What the closure stored by a growth captures of its call; "" when it captures nothing."""
        kinds = self.models.kind.values()
        if any("c" in kind.grow.get(item.how, "") + kind.loads.get(item.how, "") for kind in kinds):
            return ""  # the closure makes the value, and goes
        for value in item.values:
            row = self.unit.values[value]
            if row.kind != "closure":
                continue
            for symbol in self.unit.scopes[row.scope].captures:
                if self.unit.symbols[symbol].kind in ("variable", "constant", "parameter", "this"):
                    return self.place_text(Place(symbol))
        return ""

    def outer_of(self, item: Growth) -> str:
        """Name of the outer class whose instance an inner object stored by a growth refers to."""
        for value in item.values:
            row = self.unit.values[value]
            if row.kind != "call":
                continue
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            inner = self._inner_owner(call)
            if inner == NONE or not call.new or self._in_static(call.scope):
                continue
            outer = self.unit.owners[inner].outer
            if outer != NONE:
                return self.unit.owners[outer].name
        return ""

    def _inner_owner(self, call: Call) -> int:
        if call.args and self.unit.values[call.args[-1]].kind == "class":
            return self.unit.values[call.args[-1]].owner
        if call.callee == NONE:
            return NONE
        place = self.unit.places[call.callee]
        if place.symbol == NONE or place.path:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "class" or symbol.target == NONE:
            return NONE
        owner = self.unit.owners[symbol.target]
        return NONE if "static" in owner.flags or owner.kind != "class" else symbol.target

    def _in_static(self, scope: int) -> bool:
        return any("static" in self.unit.scopes[number].flags for number in self.index.enclosing(scope))

    # -- words

    @property
    def stem(self) -> str:
        return self.unit.path.rpartition("/")[2].partition(".")[0]

    def holder_name(self, place: Place) -> str:
        """The stable name of a holder: `stem.NAME`, `Class.field`, or bare for globals."""
        if place.symbol == NONE:
            return "?"
        symbol = self.unit.symbols[place.symbol]
        elsewhere = self.declared_elsewhere(place)
        if elsewhere is not None:
            stem = elsewhere.path.rpartition("/")[2].partition(".")[0]
            return elsewhere.name if "." in elsewhere.name else f"{stem}.{elsewhere.name}"
        path = "".join(step for step in place.path if step != "[]").lstrip(".")
        match symbol.kind:
            case "this":
                owner = self.unit.owners[symbol.target]
                name = owner.name or "this"
                return f"{name}.{path}" if path else name
            case "class" | "static":
                return f"{symbol.name}.{path}" if path else symbol.name
            case "global":
                return resolved_name(self.unit, place) or symbol.name
            case "import":
                return f"{symbol.name}.{path}" if path else symbol.name
            case "parameter":
                return f"{self.scope_name(symbol.scope)}.{symbol.name}"
        if symbol.scope == 0:
            return f"{self.stem}.{symbol.name}" + (f".{path}" if path else "")
        return f"{self.scope_name(symbol.scope)}.{symbol.name}" + (f".{path}" if path else "")

    def declared_elsewhere(self, place: Place) -> Declared | None:
        """The declaration in another file of a holder that this file imports."""
        target = foreign_name(self.unit, place) if self.links.declared else None
        return self.links.declared.get(":".join(target)) if target else None

    def interface(self) -> Interface:
        """What other files need to know of this one."""
        return interface(self.unit, self.holders, self.growths)

    def scope_name(self, scope: int) -> str:
        """`Class.method`, `function`, or the nearest named function around a lambda."""
        scopes = self.unit.scopes
        while scope != NONE and (not scopes[scope].name or scopes[scope].kind in ("block", "class")):
            scope = scopes[scope].parent
        if scope == NONE:
            return self.stem
        row = scopes[scope]
        if row.kind in ("method", "constructor") and row.owner != NONE:
            owner = self.unit.owners[row.owner]
            if owner.name:
                return f"{owner.name}.{row.name}"
        return row.name

    def text(self, value: int) -> str:
        """A value in a few words, for messages: its name, or what it is."""
        if value == NONE:
            return "value"
        row = self.unit.values[value]
        if row.kind == "place":
            return self.place_text(self.unit.places[row.place])
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return f"{call.name}()" if isinstance(call, Call) and call.name else "result"
        if row.kind == "string":
            return repr(row.text[:30])
        return {"closure": "function", "class": "object", "container": row.text, "template": "string"}.get(
            row.kind, "value"
        )

    def place_text(self, place: Place) -> str:
        """A place as it is written in the source."""
        if place.symbol == NONE:
            call = self.unit.effects[place.call] if place.call != NONE else None
            root = f"{call.name}({self._only_argument(call)})" if isinstance(call, Call) else "…"
        else:
            symbol = self.unit.symbols[place.symbol]
            root = symbol.name
            if symbol.kind == "this":
                root = "self" if self.unit.language == "python" else "this"
        return root + "".join(place.path)

    def _only_argument(self, call: Call) -> str:
        """`window` of `$(window)`; empty where there are more arguments, or anything but a name."""
        row = self.unit.values[call.args[0]] if len(call.args) == 1 else None
        if row is None or row.kind != "place" or self.unit.places[row.place].symbol == NONE:
            return repr(row.text) if row is not None and row.kind == "string" and len(row.text) < 20 else ""
        return self.place_text(self.unit.places[row.place])

    def evidence(self, effect: int, message: str) -> Evidence:
        """Evidence at an effect; calls point at the name that is called."""
        row = self.unit.effects[effect]
        at = row.at_name if isinstance(row, Call) and row.at_name else row.at
        return Evidence(self.unit.path, at, row.end, message)

    def declaration(self, place: Place, bind: int, message: str) -> Evidence | None:
        """Evidence at the bind that makes a holder, else at the declaration of its symbol."""
        elsewhere = self.declared_elsewhere(place)
        if elsewhere is not None:
            return msgspec.structs.replace(elsewhere.offered.declared, message=message)
        if bind != NONE:
            return self.evidence(bind, message)
        if place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if place.path:
            for other in self.unit.symbols:
                if other.kind in ("field", "static") and "." + other.name == place.path[0]:
                    owner = self.unit.owners[self.unit.scopes[other.scope].owner]
                    if place.symbol in (owner.symbol, owner.this):
                        symbol = other
                        break
            else:
                return None
        if symbol.end <= symbol.at:
            return None
        return Evidence(self.unit.path, symbol.at, symbol.end, message)

    def bind(self, effect: int) -> Bind:
        row = self.unit.effects[effect]
        assert isinstance(row, Bind)
        return row

    def call(self, effect: int) -> Call:
        row = self.unit.effects[effect]
        assert isinstance(row, Call)
        return row


def solve(unit: Unit, models: Models, links: Links | None = None) -> Facts:
    """The facts of a unit under the models of its language, and under what the project says of it."""
    return Facts(unit, models, links or Links())
