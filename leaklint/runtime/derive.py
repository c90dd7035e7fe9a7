"""Makes suspects out of findings: the solved facts once more, in terms of a running program.

A finding is matched with what its rule read by position and holder, so that rules know nothing of run time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from leaklint.frontends.base import lower
from leaklint.ir import NONE, Bind, Call, Place
from leaklint.models import load
from leaklint.rule import Finding
from leaklint.runtime.behind import behind
from leaklint.runtime.entries import entries
from leaklint.runtime.limits import Limits
from leaklint.runtime.made import callables as kept_callables
from leaklint.runtime.outline import Namer, callables, classes, receiver_span
from leaklint.runtime.parts import BLOCKS, freed, part, partners, runs_out
from leaklint.runtime.paths import holder_path
from leaklint.runtime.singles import single
from leaklint.runtime.suspect import Entry, HolderKind, HolderPath, Outline, Release, Site, Span, Suspect
from leaklint.runtime.ways import ways_out
from leaklint.solve import solve
from leaklint.solve.growth.memos import Memoised
from leaklint.solve.growths import Judgement
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.names import callee_name
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.thread.threads import ThreadLocal
from leaklint.source import SourceFile, to_utf8

_ACQUIRED: dict[str, HolderKind] = {
    "listener": "listener",
    "subscription": "listener",
    "timer": "timer",
    "observer": "observer",
    "registration": "registry",
    "handle": "unknown",
}
_BYPASSED = frozenset({"LK116"})
"""Rules about one way in, which passes by what the other ways in remove: only that one is run."""

_UNENDED = frozenset({"LK206", "LK421", "LK521"}) | _BYPASSED
"""Rules whose removals do not matter: what ends the last one leaves those that were overwritten, nothing
calls what removes the entry of a thread or of an object that is gone, and what keeps a limit is passed by."""

_THREADS = frozenset({"LK403", "LK422"})
"""Rules about threads: the number of living ones tells."""

_ON_OTHERS = frozenset({"LK124", "LK209", "LK221", "LK423"})
"""Rules on what is added to, or waits for, an object that may come from elsewhere."""

_OPENED = {
    "java": frozenset({"LK601", "LK603"}),
    "javascript": frozenset({"LK603"}),
    "python": frozenset({"LK603"}),
}
"""Rules about what is opened. In Java what nobody closed when its calls are over tells, in Python descriptors
and threads; in JavaScript the heap: who lends a connection keeps a record of it, not the object that the
borrower drops."""

_STARTS = re.compile(r"(install|set_?up|init|initiali[sz]e|register|configure|enable)(?![a-z])")
"""Names of functions that a program calls once, as it starts."""

_REGISTERED = frozenset({"LK511"})
"""Rules on what a register of finalizers keeps."""

_VIEWS = frozenset({"LK141"})
"""Rules about what stays behind: in Java the holder is a view that does not grow, and the heap tells."""

_NUMBERS = frozenset({"LK604"})
"""Rules about what is a number to the program: the number of open descriptors tells."""


def outline(file: Path, path: str, findings: Iterable[Finding] = ()) -> Outline:
    """A file with its callables, the suspects of its findings, and its other holders."""
    raw = file.read_bytes()
    source = SourceFile(path, to_utf8(raw, path))
    unit = lower(source)
    facts = solve(unit, load(unit.language))
    maker = _Maker(Namer(facts, source), str(file.resolve()), hashlib.sha256(raw).hexdigest())
    suspects = tuple(
        dict.fromkeys(found for finding in findings if (found := maker.suspect(finding)) is not None)
    )
    known = {suspect.holder for suspect in suspects}
    return Outline(
        path,
        maker.file,
        unit.language,
        maker.digest,
        tuple(dict.fromkeys((*callables(maker.namer), *kept_callables(maker.namer)))),
        maker.classes,
        suspects,
        tuple(found for found in maker.quiet() if found.holder not in known),
        unit.package,
        unit.dialect,
    )


class _Maker:
    """Suspects of one unit."""

    def __init__(self, namer: Namer, file: str, digest: str) -> None:
        self.namer = namer
        self.facts = namer.facts
        self.unit = namer.unit
        self.file = file
        self.digest = digest
        self.classes = tuple(classes(namer))
        self.limits = Limits(namer)
        self._entries: dict[int, tuple[Entry, ...]] = {}

    def suspect(self, finding: Finding) -> Suspect | None:
        """The suspect of a finding; where no container is named, the heap or the threads tell.

        None for a finding about the file itself (LK001) or its suppressions.
        """
        if finding.code.startswith("LK00"):
            return None
        found = self._of_behind(finding)
        if finding.code not in _VIEWS or self.unit.language != "java":
            found = found or self._of_growth(finding) or self._of_memo(finding)
        found = found or self._of_thread_local(finding) or self._of_acquisition(finding)
        found = found or self._of_single(finding) or self._of_position(finding)
        if runs_out(self.namer, finding):
            found = msgspec.structs.replace(found, expires=True)
        if finding.code in _UNENDED:
            found = msgspec.structs.replace(found, releases=())
        others = [self._release(effect, "it ends others only") for effect in partners(self.namer, finding)]
        others += [self._release(effect, why) for effect, why in ways_out(self.namer, finding, found)]
        found = msgspec.structs.replace(found, releases=(*found.releases, *others))
        return msgspec.structs.replace(
            found, code=finding.code, confidence=finding.confidence, fingerprint=finding.fingerprint
        )

    def quiet(self) -> Iterator[Suspect]:
        """Every other holder that something grows."""
        for holder in self.facts.holders.by_place.values():
            weak = holder.container is not None and holder.container.weak
            if holder.growths and not weak:
                yield self._growth(holder, holder.growths, {})
        for memo in self.facts.memos.found:
            yield self._memo(memo)
        for item in self.facts.pairs.acquisitions:
            if item.life == "global" or item.pair.process_wide:
                yield self._acquisition(item, self.facts.scope_name(self.unit.effects[item.effect].scope))

    # -- matching

    def _of_growth(self, finding: Finding) -> Suspect | None:
        """By position; by the holder's name for rules that point at something else than its growth."""
        found = [
            holder
            for holder in self.facts.holders.by_place.values()
            if holder.growths and self.facts.holder_name(holder.place) == finding.holder
        ]
        exact = [
            holder
            for holder in found
            if any(self._position(item.effect) == finding.at for item in holder.growths)
        ]
        for holder in exact or found:
            judged: Judgement | None = self.facts.growths.judge(holder)
            growths = judged.growths if judged is not None else holder.growths
            if finding.code in _BYPASSED:
                growths = [item for item in holder.growths if self._position(item.effect) == finding.at]
            why = {id(release): reason for release, reason in judged.ignored} if judged is not None else {}
            return self._growth(holder, growths, why)
        return None

    def _of_behind(self, finding: Finding) -> Suspect | None:
        found = behind(self.namer, finding)
        if found is None:
            return None
        made = self._growth(found.holder, found.growths, {})
        scope = self._around(finding.at)
        here = Site(self.namer.span(finding.at, finding.end), None, "read", self.namer.function(scope))
        call = self.unit.effects[found.call] if found.call != NONE else None
        given = self._given(call) if isinstance(call, Call) else ""
        holder = msgspec.structs.replace(made.holder, given=given)
        ways = self._make(holder, made.sites or (here,), [scope])
        kept = made.releases if finding.code == "LK124" else ()  # of the others, nothing calls the removal
        return msgspec.structs.replace(
            made, holder=holder, sites=ways.sites, entries=ways.entries, releases=kept
        )

    def _of_memo(self, finding: Finding) -> Suspect | None:
        for memo in self.facts.memos.found:
            if (memo.at, memo.end) == (finding.at, finding.end):
                return self._memo(memo)
        return None

    def _of_thread_local(self, finding: Finding) -> Suspect | None:
        for found in self.facts.threads.by_place.values():
            starts = [
                self.unit.effects[effect].at for effect in (*found.sets, found.declared) if effect != NONE
            ]
            if finding.at in starts and self.facts.holder_name(found.place) == finding.holder:
                return self._thread_local(found)
        return None

    def _of_acquisition(self, finding: Finding) -> Suspect | None:
        for item in self.facts.pairs.acquisitions:
            if self._position(item.effect) == finding.at:
                return self._acquisition(item, finding.holder)
        missed = [
            item
            for item in self.facts.pairs.acquisitions
            for effect, _ in item.missed_by
            if self._position(effect) == finding.at
        ]
        return self._acquisition(missed[0], finding.holder) if missed else None

    def _of_single(self, finding: Finding) -> Suspect | None:
        found = single(self.namer, finding)
        if found is None:
            return None
        holder = msgspec.structs.replace(found.holder, given=self._handed(finding))
        return self._make(holder, found.sites, found.scopes)

    def _of_position(self, finding: Finding) -> Suspect:
        opened = finding.code in _OPENED.get(self.unit.language, ())
        found = part(self.namer, finding) if self.unit.language != "java" and not opened else None
        if found is not None:
            watched = msgspec.structs.replace(found[0], given=self._handed(finding))
            return self._make(watched, (found[1],), [found[2]])
        kind: HolderKind = "thread" if finding.code in _THREADS else "unknown"
        if finding.code in _NUMBERS or opened:
            kind = "resource"
        back = tuple(freed(self.namer, finding))
        if finding.code in BLOCKS:
            kind = "block"
        at, end = self._subject(finding)
        scope = self._around(at)
        where = Site(self._whole(at, end), None, "start", self.namer.function(scope))
        path = HolderPath(kind, finding.holder, given=self._handed(finding))
        made = self._make(path, (where,), [scope])
        return msgspec.structs.replace(made, releases=back, on_field=self._on_field(finding))

    def _on_field(self, finding: Finding) -> bool:
        """Whether a finding on what is registered somewhere is about a register in a field of the object."""
        calls = (row for row in self.unit.effects if isinstance(row, Call) and row.receiver != NONE)
        inside = (row for row in calls if finding.at <= (row.at_name or row.at) and row.end <= finding.end)
        places = (self.unit.places[row.receiver] for row in inside)
        return finding.code in _REGISTERED and any(
            place.path and place.symbol != NONE and self.unit.symbols[place.symbol].kind == "this"
            for place in places
        )

    def _subject(self, finding: Finding) -> tuple[int, int]:
        """Start and end of what a finding points at; of its evidence where that runs once, and this again."""
        runs = self.facts.repeats.runs
        rows = [(row.at, row.end) for row in finding.evidence if row.path == self.unit.path]
        for at, end in ((finding.at, finding.end), *rows):
            if runs(self._around(at)) != "import":
                return at, end
        return finding.at, finding.end

    def _around(self, at: int) -> int:
        """The innermost scope around a position."""
        around = [number for number, row in enumerate(self.unit.scopes) if row.at <= at < row.end]
        return max(around, key=lambda number: self.unit.scopes[number].at)

    def _whole(self, at: int, end: int) -> Span:
        """What a finding points at, with what stands before the name: probes go around all of a call."""
        for number, row in enumerate(self.unit.effects):
            if isinstance(row, Call) and row.at_name == at and row.end == end:
                return self.namer.effect_span(number)
        return self.namer.span(at, end)

    def _position(self, effect: int) -> int:
        row = self.unit.effects[effect]
        return row.at_name if isinstance(row, Call) and row.at_name else row.at

    # -- making

    def _make(self, holder: HolderPath, sites: tuple[Site, ...], scopes: Iterable[int]) -> Suspect:
        scopes = tuple(dict.fromkeys(scopes))
        ways = [self._ways(scope) for scope in scopes]
        found = tuple(dict.fromkeys(entry for way in ways for entry in way))
        return Suspect(
            self.unit.path,
            self.file,
            self.unit.language,
            self.digest,
            holder,
            sites,
            tuple(sorted(found, key=lambda entry: not entry.outermost)),
            classes=self.classes,
            package=self.unit.package,
            dialect=self.unit.dialect,
            registers=any(self._gives_function(scope) or self._is_loading(scope) for scope in scopes),
        )

    def _is_loading(self, scope: int) -> bool:
        """Whether the file calls a function, and only while it is loaded: `command("build", …)`."""
        index = self.facts.index
        callers = index.callers.get(index.function(scope), ())
        return bool(callers) and all(index.function(self.unit.effects[call].scope) == 0 for call in callers)

    def _gives_function(self, scope: int) -> bool:
        """Whether a function returns one, or an object of them: a program calls it once, as it starts."""
        returns = self.facts.index.returns.get(self.facts.index.function(scope), ())
        rows = [self.unit.effects[number].value for number in returns]  # type: ignore[union-attr]
        given = [self.unit.values[value] for value in rows if value != NONE]
        given += [self.unit.values[part] for row in given if row.kind == "container" for part in row.parts]
        return any(
            row.kind == "closure" or (row.kind == "place" and self._is_function(row.place)) for row in given
        )

    def _is_function(self, place: int) -> bool:
        symbol = self.facts.index.symbol(self.unit.places[place])
        return symbol is not None and symbol.kind == "function" and not self.unit.places[place].path

    def _ways(self, scope: int) -> tuple[Entry, ...]:
        start = self.facts.index.function(scope)
        if start not in self._entries:
            self._entries[start] = entries(self.namer, scope)
        return self._entries[start]

    def _growth(self, holder: Holder, growths: list[Growth], why: dict[int, str]) -> Suspect:
        sites = tuple(self._site(item) for item in growths)
        scopes = [self.unit.effects[item.effect].scope for item in growths]
        made = self._make(holder_path(self.namer, holder.place, holder), sites, scopes)
        declared = holder.declared
        initializer = None
        if declared != NONE:
            bind = self.unit.effects[declared]
            assert isinstance(bind, Bind)
            if bind.value != NONE:
                value = self.unit.values[bind.value]
                initializer = self.namer.span(value.at, value.end)
        return msgspec.structs.replace(
            made,
            releases=tuple(
                self._release(item.effect, why.get(id(item), ""), item.via) for item in holder.releases
            ),
            declaration=self.namer.effect_span(declared) if declared != NONE else None,
            initializer=initializer,
            lifetime=holder.lifetime,
            container=holder.kind,
            bound=self.limits.size(holder),
            expires=self.limits.expires(holder),
            registers=made.registers
            or (holder.lifetime == "process" and self.facts.growths.configuration.registers_only(holder)),
        )

    def _site(self, item: Growth) -> Site:
        inner = item.via if item.via != NONE else item.effect
        row = self.unit.effects[inner]
        return Site(
            self.namer.span(row.at, row.end),
            receiver_span(self.namer, inner),
            item.how,
            self.namer.function(row.scope),
            item.depth,
            self.namer.effect_span(item.effect) if item.via != NONE else None,
        )

    def _release(self, effect: int, why: str, via: int = NONE) -> Release:
        inner = via if via != NONE else effect
        scope = self.facts.index.function(self.unit.effects[inner].scope)
        callers = {
            self.namer.function(self.unit.effects[call].scope)
            for call in self.facts.index.callers.get(scope, ())
        }
        return Release(
            self.namer.effect_span(inner),
            self.namer.function(scope),
            tuple(sorted(callers - {""})),
            self.facts.lifecycle.is_called(scope),
            why,
        )

    def _memo(self, memo: Memoised) -> Suspect:
        scope = self.unit.scopes[memo.scope]
        owner = self.namer.owner(scope.owner) if scope.kind == "method" else ""
        holder = HolderPath("memo", memo.name, scope.name, owner, self.namer.function(memo.scope))
        body = self.namer.span(scope.at, scope.end)
        made = self._make(holder, (Site(body, None, "memo", self.namer.function(memo.scope)),), [memo.scope])
        bound = int(memo.bound) if memo.bound and memo.bound.isdigit() else 0
        return msgspec.structs.replace(
            made,
            bound=bound,
            expires=self.limits.memo_expires(memo),
            declaration=self.namer.span(memo.at, memo.end),
        )

    def _thread_local(self, found: ThreadLocal) -> Suspect:
        effects = found.sets or list(self._reads(found.place)) or [found.declared]
        sites = tuple(
            Site(
                self.namer.effect_span(effect),
                receiver_span(self.namer, effect),
                "set",
                self.namer.function(scope),
            )
            for effect in effects
            for scope in (self.unit.effects[effect].scope,)
        )
        path = holder_path(self.namer, found.place, None)
        path = msgspec.structs.replace(path, kind="thread-local")
        made = self._make(path, sites, [self.unit.effects[effect].scope for effect in effects])
        releases = tuple(self._release(effect, "") for effect in found.removes)
        return msgspec.structs.replace(made, releases=releases, lifetime="thread")

    def _reads(self, place: Place) -> Iterator[int]:
        """Where a thread-local that makes its values itself is asked for one."""
        for call in self.facts.index.calls.get("get", ()):
            row = self.unit.effects[call]
            if isinstance(row, Call) and row.receiver != NONE and self.unit.places[row.receiver] == place:
                yield call

    def _given(self, call: Call, target: int = NONE) -> str:
        """The function whose parameter a receiver is, or the constructor that keeps one as a field.

        target: place that is acquired from, where that is an argument.
        """
        receiver = call.receiver if target == NONE else target
        if receiver == NONE:
            return ""
        places = [self.unit.places[receiver]]
        for number in self.facts.index.binds.get(places[0], ()) if places[0].path else ():
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE and self.unit.values[bind.value].place != NONE:
                places.append(self.unit.places[self.unit.values[bind.value].place])
        for place in places:
            symbol = self.unit.symbols[place.symbol] if place.symbol != NONE else None
            if symbol is not None and symbol.kind == "parameter":
                return self.namer.function(symbol.scope)
        return ""

    def _handed(self, finding: Finding) -> str:
        """The function whose parameter the subject of a finding is called on."""
        if finding.code not in _ON_OTHERS:
            return ""
        calls = (row for row in self.unit.effects if isinstance(row, Call))
        inside = (row for row in calls if finding.at <= (row.at_name or row.at) and row.end <= finding.end)
        return next(filter(None, map(self._given, inside)), "")

    def _acquisition(self, item: Acquisition, text: str) -> Suspect:
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        receiver = receiver_span(self.namer, item.effect)
        if 0 <= item.pair.target < len(call.args):
            value = self.unit.values[call.args[item.pair.target]]
            receiver = self.namer.span(value.at, value.end)
        name = callee_name(self.unit, item.effect) or call.name
        event = self.unit.values[item.event] if item.event != NONE else None
        kind = _ACQUIRED[item.pair.kind]
        holder = HolderPath(
            kind,
            text,
            self.namer.source.text(receiver.at, receiver.end) if receiver and kind == "listener" else name,
            event=event.text if event is not None and event.kind == "string" else "",
            given=self._given(call, item.receiver),
        )
        site = Site(self.namer.effect_span(item.effect), receiver, call.name, self.namer.function(call.scope))
        made = self._make(holder, (site,), [call.scope])
        missed = [self._release(effect, f"other {reason}") for effect, reason in item.missed_by]
        found = [self._release(effect, "") for effect in item.released_by]
        started = kind == "listener" and bool(_STARTS.match(site.function.rpartition(".")[2]))
        return msgspec.structs.replace(
            made,
            releases=(*found, *missed),
            container=item.pair.name,
            registers=made.registers or started,
        )
