"""Releases that stand in the source and never run, or not when it matters.

Each shape was seen in real fixes: a guard whose flag only the guarded code could set, and a release
that runs while a component reacts, but not when it goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Region, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.names import patterns
from leaklint.solve.subscription.cleanups import Cleanups
from leaklint.solve.subscription.rendering import WHY, Rendering

# events that come only where all went well
_SUCCESS = frozenset(
    {"complete", "success", "done", "finish", "load", "loaded", "end", "resolve", "fulfilled"}
)
_TIDIES = frozenset({"cleanup", "cleanUp", "clean", "teardown", "off", "remove"})
_ERROR = regex(r"_?(err|error|e|ex|exception|failure|reason)\d?")


class Dead:
    """Answers about releases of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self._rendering = Rendering(index, lifecycle)
        self._cleanups = Cleanups(index, lifecycle)
        self._reacts = patterns((*models.effects, *models.watchers))

    def why(self, acquired: int, release: int) -> str:
        """Why a release does not end an acquisition, as a clause; "" when it may."""
        effect = self.unit.effects[release]
        function = self.index.function(effect.scope)
        if self._is_shut_out(release, function):
            return "it never runs: only the code behind its guard could open it"
        argument = self.index.argument_of.get(function)
        if (
            argument is not None
            and function == self.index.function(self.unit.effects[acquired].scope)
            and self._reacts.match(self.unit, argument[0])
        ):
            return "it runs while the component lives, not when it goes"
        if self.unit.language != "javascript":
            return ""
        if self._rendering.is_undone_late(acquired, release):
            return WHY
        unheard = self._cleanups.why(acquired, release)
        if unheard:
            return unheard
        shut = self._shut(acquired, release, function) if effect.region != NONE else ""
        return (
            shut
            or self._only_on_success(acquired, function)
            or self._left_before(acquired, release, function)
        )

    def _only_on_success(self, acquired: int, function: int) -> str:
        """`work.once("complete", cleanup)` and no word of `error`: the function that cleans up."""
        if (
            self.unit.scopes[function].name
            in (self.lifecycle.teardown_names | self.lifecycle.setup_names) - _TIDIES
        ):
            return ""
        symbol = self.unit.scopes[function].symbol
        if symbol == NONE or self.index.callers.get(function):
            return ""
        events, others = set(), 0
        handed = set(self.index.references.get(symbol, ()))
        for name in ("on", "once", "addEventListener", "addListener"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if len(call.args) > 1 and call.args[1] in handed:
                    events.add(self.unit.values[call.args[0]].text)
                    others += 1
        if not events or len(handed) != others or not events <= _SUCCESS:
            return ""
        return f"it waits for `{min(events)}`, which does not come when the work fails"

    def _left_before(self, acquired: int, release: int, function: int) -> str:
        """`load(id, (err) => { if (err) return done(err); … source.off("data", f) })`."""
        made = self.index.function(self.unit.effects[acquired].scope)
        if function == made or function not in self.index.argument_of:
            return ""
        if self.index.function(self.unit.scopes[function].parent) != made:
            return ""
        for region in self.unit.regions:
            if region.kind != "branch" or region.leaves != "return" or region.last > release:
                continue
            if region.parent != NONE or self.index.function(region.scope) != function or region.test == NONE:
                continue
            if self._asks_for_error(region.test, function):
                return "it is skipped where the work fails"
        return ""

    def _asks_for_error(self, test: int, function: int) -> bool:
        pending = [test]
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "operation" and row.text in ("or", "!=", "instanceof"):
                pending += row.parts
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.symbol in self.unit.scopes[function].params[:1] and not place.path:
                    return _ERROR.fullmatch(self.unit.symbols[place.symbol].name) is not None
        return False

    def _shut(self, acquired: int, release: int, function: int) -> str:
        """Guards that hold only where there is nothing to release, or not any more."""
        effect, made = self.unit.effects[release], self.unit.effects[acquired]
        if not isinstance(effect, Call) or not isinstance(made, Call):
            return ""
        named = set(self._named(effect))
        for index in self.index.regions(effect.region):
            region = self.unit.regions[index]
            if region.kind != "branch" or region.test == NONE:
                continue
            tested, absent = self._asked(region)
            if tested is None:
                continue
            if absent and tested in named and tested.path:
                return f"it runs only where `{tested.path[-1][1:]}` is missing"
            if (
                not absent
                and tested.path == (".current",)
                and tested not in {*named, *self._named(made)}
                and self._is_clean_up(function)
            ):
                return "React has emptied the ref in its guard by then"
        return ""

    def _asked(self, region: Region) -> tuple[Place | None, bool]:
        """What a branch asks for, and whether it is taken where that is missing."""
        row, absent = self.unit.values[region.test], region.negated
        if row.kind == "operation" and row.text == "not" and row.parts:
            row, absent = self.unit.values[row.parts[0]], not absent
        return (self.unit.places[row.place] if row.kind == "place" else None), absent

    def _named(self, call: Call) -> Iterator[Place]:
        """The receiver of a call and its arguments."""
        if call.receiver != NONE:
            yield self.unit.places[call.receiver]
        for argument in call.args:
            row = self.unit.values[argument]
            if row.kind == "place":
                yield self.unit.places[row.place]

    def _is_clean_up(self, function: int) -> bool:
        """Whether a function is what an effect of a component returns."""
        around = self.index.function(self.unit.scopes[function].parent)
        argument = self.index.argument_of.get(around)
        return argument is not None and self._reacts.match(self.unit, argument[0])

    def _is_shut_out(self, release: int, function: int) -> bool:
        """`let done = false; … if (!done) return; done = true; release()`: the guard never opens."""
        for region in self.unit.regions:
            if (
                region.kind == "branch"
                and region.leaves in ("return", "raise")
                and region.last <= release
                and region.parent == NONE
                and self.index.function(region.scope) == function
            ):
                flag = self._missing_flag(region)
                if flag is not None and self._opens_only_behind(flag, region, function):
                    return True
        return False

    def _missing_flag(self, region: Region) -> Place | None:
        """The place whose absence makes a region leave: `if (!flag) return`."""
        if region.test == NONE or region.negated:
            return None
        row = self.unit.values[region.test]
        if row.kind != "operation" or row.text != "not" or not row.parts:
            return None
        inner = self.unit.values[row.parts[0]]
        return self.unit.places[inner.place] if inner.kind == "place" else None

    def _opens_only_behind(self, flag: Place, region: Region, function: int) -> bool:
        if flag.symbol == NONE or flag.path or self.unit.symbols[flag.symbol].kind != "variable":
            return False  # fields may be set from other files
        binds = [self.unit.effects[number] for number in self.index.binds.get(flag, ())]
        opens = 0
        for number, bind in zip(self.index.binds.get(flag, ()), binds, strict=True):
            assert isinstance(bind, Bind)
            if bind.value == NONE:
                continue
            row = self.unit.values[bind.value]
            if row.kind == "null" or (row.kind == "boolean" and row.text == "false"):
                continue
            if self.index.function(bind.scope) != function or number < region.last:
                return False
            opens += 1
        return opens > 0 and self.index.function(self.unit.symbols[flag.symbol].scope) != function
