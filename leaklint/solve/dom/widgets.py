"""Things that run until they are ended (connections, charts, players), made by what comes and goes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.injected import PENDANTS

URL = "object URL"
# what stands for a long-lived box around its value: refs of React and Vue
_BOXES = (".current", ".value")
# runs on its own, with a thread or connection of its own
_RUNS = frozenset(
    {"connection", "worker", "audio context", "database client", "queue client", "worker pool", "device"}
)
_WORKS = regex(
    r"_?(run|execute|process|compute|convert|transcode|generate|parse|encode|decode|compress|analy[sz]e|perform|play|"
    r"upload|download|load|fetch|measure|extract|call|exec|hash|resize|record|capture|transcribe|synthesi[sz]e|"
    r"recogni[sz]e|detect|classify|scan|probe|embed)([A-Z_]|$)"
)
# what is asked of a database or queue for one piece of work
_ASKS = regex(
    r"_?(save|insert|find|get|delete|remove|update|upsert|query|publish|send|enqueue|dispatch|store|read|write|list|"
    r"count|check|add|create|fetch|search|push|notify|lookup|select|record|log)([A-Z_]|$)"
)
# waits for an event of what it is handed, and keeps nothing of it
_WAITS = frozenset({"events.once", "events.default.once", "events.EventEmitter.once", "events.on"})
_ENDS = frozenset({"destroy", "dispose", "close", "remove", "terminate", "disconnect"})
_STORES = frozenset({"database client", "queue client"})
_POOL = "pool of sockets"
# under which a request is handed the pool that its socket comes from, and what takes one
_POOL_KEYS = frozenset({"agent", "httpAgent", "httpsAgent", "dispatcher", "http", "https"})
_REQUESTS = regex(
    r"request|fetch|get|post|put|patch|delete|head|send|axios|got|ky|needle|superagent|stream|call|query|undiciFetch"
)
# what is done with a widget by those that don't own it: `marker.addTo(map)`, `fitBounds(map)`
_BORROWS = regex(
    r"addTo|removeFrom|bindTo|(set|add|update|fit|draw|render|show|get|is|has|log|apply)[A-Z]\w*$"
)


class Widget(msgspec.Struct):
    """Something that nobody ends. `owner`: who made it, for the message."""

    item: Acquisition
    confidence: Confidence
    owner: str
    teardown: str
    place: Place | None


class Widgets:
    """Judges the handles of one unit that are no timers, listeners or subscriptions."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle

    def leaks(self) -> Iterator[Widget]:
        """Widgets and connections that their component never ends, in source order."""
        for item in self.acquired.pairs.acquisitions:
            if item.pair.kind == "handle" and item.pair.name != URL and self._repeats(item):
                found = self._judge(item)
                if found is not None:
                    yield found

    def _repeats(self, item: Acquisition) -> bool:
        return self.acquired.repeats.repeats(item.effect) and not self.acquired.growths.guards.init_guarded(
            item.effect
        )

    def _judge(self, item: Acquisition) -> Widget | None:
        place = item.handle
        if not item.pair.returns_handle:  # what ends it is not called on it, and not in this file
            if item.destination == "returned":
                return None
            handle = Handle("dropped")
        elif (
            item.destination == "kept" and place is not None and place.path[-1:] in [(box,) for box in _BOXES]
        ):
            handle = Handle("field", place, NONE, self.handles.ends(place))  # a ref of a component
            if self._goes_on(place):
                return None
        else:
            handle = self.handles.of(item)
            lent = handle.fate == "given" and self._is_lent(item, handle)
            if lent or (item.pair.name == _POOL and self._is_of_request(item)):
                handle = Handle("local", item.handle, NONE, self.handles.ends(item.handle or Place(NONE)))
        if handle.fate in ("given", "ended") or handle.ends or self._ended_elsewhere(handle):
            return None
        if self._is_kept_twice(item):
            return None
        if item.pair.name == "worker" and self._ends_itself(handle):
            return None
        if self._is_told_to_end(item):
            return None
        scope = self.unit.effects[item.effect].scope
        owner = self.lifecycle.owner_of(scope)
        confidence = self._confidence(scope, owner)
        if confidence in (None, "low") and handle.fate in ("local", "dropped") and self._is_of_call(item):
            confidence = "medium"
        if confidence == "low" and self._is_left_by_pendant(item, owner, handle):
            confidence = "medium"
        if confidence is None:
            return None
        name, teardown = self.acquired.owner(scope, "class" if owner != NONE else "function")
        return Widget(item, confidence, name, teardown, handle.place)

    def _is_left_by_pendant(self, item: Acquisition, owner: int, handle: Handle) -> bool:
        """`open() { this.watcher = watch(root); }` of a class whose `close()` ends other things."""
        row = self.unit.scopes[self.index.function_at(item.effect)]
        if handle.fate != "field" or row.kind != "method" or self._is_behind_test(item.effect):
            return False
        pendants = [
            scope
            for scope in self.unit.owners[owner].methods
            if self.unit.scopes[scope].name in PENDANTS.get(row.name, ())
        ]
        return bool(pendants) and not any(self._asks_base(scope) for scope in pendants)

    def _is_behind_test(self, number: int) -> bool:
        """Whether an effect is skipped at times: there may be one already."""
        effect = self.unit.effects[number]
        function = self.index.function(effect.scope)
        return effect.region != NONE or any(
            region.leaves and region.last <= number and self.index.function(region.scope) == function
            for region in self.unit.regions
        )

    def _asks_base(self, scope: int) -> bool:
        """Whether a method calls one of the class that its own extends: that may end the field."""
        calls = (self.unit.effects[number] for number in self.index.of_function.get(scope, ()))
        roots = (
            self.unit.places[call.receiver].symbol
            for call in calls
            if isinstance(call, Call) and call.receiver != NONE
        )
        return any(root != NONE and self.unit.symbols[root].kind == "super" for root in roots)

    def _is_kept_twice(self, item: Acquisition) -> bool:
        """`client.socket = socket = io.connect()`: whoever has the object may end it."""
        binds = self.unit.effects[item.effect + 1 : item.effect + 4]
        made = [
            bind.target
            for bind in binds
            if isinstance(bind, Bind)
            and bind.value != NONE
            and self.unit.values[bind.value].kind == "call"
            and self.unit.values[bind.value].call == item.effect
        ]
        return len(set(made)) > 1

    def _goes_on(self, place: Place) -> bool:
        """Whether anybody else gets hold of what a ref keeps; a local that reads it ends it or not."""
        for role, number in self.handles.roles.of(place):
            if role == "bound":
                target = self.unit.places[self.unit.effects[number].target]  # type: ignore[union-attr]
                if target.path or self.handles.ends(target) or self.handles.roles.is_given_away(target):
                    return True
            elif role != "read":
                return True
        return False

    def _is_lent(self, item: Acquisition, handle: Handle) -> bool:
        """Whether what was made is only handed to functions of this file that give it back unended."""
        place = item.handle
        if item.destination != "kept" or place is None or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if place.path:
            if symbol.kind != "this" or len(place.path) != 1 or item.pair.name in _RUNS:
                return False
        elif symbol.scope <= 0:
            return False
        for role, number in self.handles.roles.of(place):
            if role == "read":
                continue
            call = self.unit.effects[number] if number != NONE else None
            if role != "argument" or not isinstance(call, Call):
                return False
            if callee_name(self.unit, number) in _WAITS:
                continue
            callee = self.index.callee_scope(number)
            if callee == NONE:
                if item.pair.name in _RUNS or call.new or not _BORROWS.match(call.name):
                    return False
                continue
            for param, argument in zip(self.unit.scopes[callee].params, call.args, strict=False):
                row = self.unit.values[argument]
                if row.kind == "place" and self.unit.places[row.place] == place:
                    there = Place(param)
                    if self.handles.ends(there) or self.handles.roles.is_given_away(there):
                        return False
        return True

    def _is_of_request(self, item: Acquisition) -> bool:
        """`https.get(url, { agent: new https.Agent({ keepAlive: true }) })`: for this one request."""
        roles, place = self.handles.roles, item.handle
        if item.destination == "passed":
            made = [
                n for n, row in enumerate(self.unit.values) if row.kind == "call" and row.call == item.effect
            ]
        elif item.destination == "kept" and place is not None and not place.path:
            made = [n for n in self.index.references.get(place.symbol, ()) if roles.role(n)[0] != "read"]
        else:
            return False
        return bool(made) and all(self._goes_to_request(value) for value in made)

    def _goes_to_request(self, value: int, depth: int = 0) -> bool:
        """Whether a value is an option of a request, in place or by way of a local with the options."""
        roles = self.handles.roles
        inner = self.unit.values[roles.container(value)]
        keys = [key for key, part in zip(inner.keys, inner.parts, strict=False) if part == value]
        role, effect = roles.role(roles.literal(value)) if keys else roles.role(value)
        if (keys and keys[0] not in _POOL_KEYS) or depth > 2:
            return False
        call = self.unit.effects[effect] if role == "argument" else None
        if isinstance(call, Call):
            return bool(keys or depth) and not call.new and _REQUESTS.fullmatch(call.name) is not None
        target = self.unit.places[self.index.bind(effect).target] if role == "bound" else None
        symbol = self.index.symbol(target) if target is not None else None
        if (
            target is None
            or symbol is None
            or symbol.kind not in ("constant", "variable")
            or symbol.scope <= 0
        ):
            return False
        used = [n for n in self.index.references.get(target.symbol, ()) if roles.role(n)[0] != "read"]
        return bool(used) and all(self._goes_to_request(each, depth + 1) for each in used)

    def _ends_itself(self, handle: Handle) -> bool:
        """A worker whose `exit` is waited for comes to its end by itself."""
        return "exit" in {
            self.unit.values[call.args[0]].text
            for name in ("on", "once", "addEventListener", "addListener")
            for number in self.index.calls.get(name, ())
            if isinstance(call := self.unit.effects[number], Call) and call.args
        } | {
            self.unit.values[call.args[1]].text  # `once(worker, "exit")`
            for number in self.index.calls.get("once", ())
            if isinstance(call := self.unit.effects[number], Call) and len(call.args) > 1
        }

    def _is_told_to_end(self, item: Acquisition) -> bool:
        """`tippy(element, { onHidden: (it) => it.destroy() })`: an option ends what it is handed."""
        call = self.unit.effects[item.effect]
        pending = list(call.args) if isinstance(call, Call) else []
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "container":
                pending += row.parts
            if row.kind != "closure" or not self.unit.scopes[row.scope].params:
                continue
            given = Place(self.unit.scopes[row.scope].params[0])
            for number in self.index.of_function.get(row.scope, ()):
                inner = self.unit.effects[number]
                ends = isinstance(inner, Call) and inner.receiver != NONE and inner.name in _ENDS
                if ends and self.unit.places[inner.receiver] == given:  # type: ignore[union-attr]
                    return True
        return False

    def _is_of_call(self, item: Acquisition) -> bool:
        """A connection or thread that nobody but one call of a function knows of."""
        scope = self.unit.effects[item.effect].scope
        if item.pair.name == _POOL:  # the sockets stay open for a next request, which has a pool of its own
            row = self.unit.scopes[self.index.function(scope)]
            starts = row.kind == "constructor" or self.acquired.per_call.is_start(scope)
            often = bool(row.name) or self.acquired.per_call.runs_often(scope)
            return bool(row.params) and often and not starts
        if item.pair.name not in _RUNS:
            return item.pair.kind == "handle" and self.acquired.per_call.runs_often(scope)
        often = self.acquired.per_call.runs_often(scope) or self._works(scope)
        return often or self._asks(item) or self._is_asked_once(item)

    def _is_asked_once(self, item: Acquisition) -> bool:
        """`const worker = new Worker(url); worker.postMessage(task)` in a function that is no start."""
        place, scope = item.handle, self.unit.effects[item.effect].scope
        row = self.unit.scopes[self.index.function(scope)]
        if item.pair.name != "worker" or place is None or not row.params or row.kind == "constructor":
            return False
        if self.acquired.per_call.is_start(scope) or self.lifecycle.is_registrar(scope):
            return False
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == place
            and self.index.function(call.scope) == self.index.function(scope)
            for number in self.index.calls.get("postMessage", ())
        )

    def _works(self, scope: int) -> bool:
        """`run(job)`, `decode(bytes)`: a function that does one piece of work at a time."""
        row = self.unit.scopes[self.index.function(scope)]
        return bool(row.params) and _WORKS.match(row.name) is not None

    def _asks(self, item: Acquisition) -> bool:
        """`saveUser(user)`: connects for one question, instead of taking the connection that is there."""
        row = self.unit.scopes[self.index.function(self.unit.effects[item.effect].scope)]
        return item.pair.name in _STORES and bool(row.params) and _ASKS.match(row.name) is not None

    def _ended_elsewhere(self, handle: Handle) -> bool:
        """Whether anything of the same last name is ended: the same field reached another way."""
        if handle.place is None or not handle.place.path:
            return False
        step = handle.place.path[-1]
        return any(
            place.path[-1:] == (step,) and self.handles.ends(place) for place in self.handles.roles.received
        )

    def _confidence(self, scope: int, owner: int) -> Confidence | None:
        if self.lifecycle.effect_hook(scope) != NONE or self.lifecycle.is_component_script(scope):
            return "medium"
        if owner == NONE:
            return None  # a plain function: its caller may live as long as the page
        ends = {self.unit.scopes[method].name for method in self.unit.owners[owner].methods}
        if plurality.is_injected(self.unit, owner) and "ngOnDestroy" not in ends:
            return None  # a service: there as long as the program
        if self.lifecycle.is_component(owner):
            return "medium"
        if self.acquired.repeats.is_singleton(owner) or plurality.is_one(self.unit, owner):
            return None
        if self.lifecycle.teardown_of(owner) and (
            plurality.comes_and_goes(self.unit, owner) or self.acquired.per_call.makes_many(owner)
        ):
            return "medium"
        names = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if names & plurality.LAST_METHODS and not self.lifecycle.is_short_lived(owner):
            return "medium"  # it has an end, and the widget is none of it
        return "low"
