"""JavaScript: object URLs that nobody revokes, in a file that revokes none. For tables: `urlcaches`."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.dom.widgets import URL, Widget
from leaklint.solve.handles import Handles
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.roles import Role

_SHOWN = frozenset({".src", ".href", ".poster", ".backgroundImage", ".srcObject"})
# what reads an address, and leaves revoking it to whoever made it
_LOADS = frozenset(
    {
        "Worker",
        "SharedWorker",
        "ServiceWorker",
        "Audio",
        "Image",
        "FontFace",
        "EventSource",
        "fetch",
        "importScripts",
        "addModule",
    }
)
_LOADS_BY_NAME = frozenset({"window.open", "navigator.serviceWorker.register", "location.assign"})
# what gives back what the function handed to it gives back, or a list of that
_COLLECTS = frozenset({"map", "flatMap", "from", "then", "useMemo", "computed"})
_WAITS = frozenset({"all", "allSettled"})
_TIMERS = ("setTimeout", "setInterval", "setImmediate")
_DEPTH = 4
_REVOKES = regex(r"(?i)revoke\w*|(release|free|dispose|drop|discard)\w*(url|uri|blob)s?")


def revokes(index: Index) -> bool:
    """Whether a file revokes a URL, names the function that does, or calls one that is named so."""
    if any(_REVOKES.fullmatch(name) for name in index.calls):
        return True
    return any(place.path[-1:] == (".revokeObjectURL",) for place in index.unit.places)


class Urls:
    """Judges the object URLs of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.roles = handles.roles
        self.unit: Unit = acquired.unit
        self.index = acquired.index

    def leaks(self) -> Iterator[Widget]:
        """In source order."""
        if "createObjectURL" not in self.index.calls or revokes(self.index):
            return
        for item in self.acquired.pairs.acquisitions:
            if item.pair.name != URL or not self.acquired.repeats.repeats(item.effect):
                continue
            confidence = self._confidence(item)
            if confidence is not None and not self.acquired.growths.guards.init_guarded(item.effect):
                owner, _ = self.acquired.owner(self.unit.effects[item.effect].scope, "function")
                yield Widget(item, confidence, owner, "", None)

    def _confidence(self, item: Acquisition) -> Confidence | None:
        values = self._values(item.effect)
        if any(self._is_shown(value) for value in values):
            return "medium"  # one more with each rendering
        collected = [found for value in values if (found := self._collected(value)) is not None]
        if collected:  # `setPreviews(files.map((file) => ({ file, url: URL.createObjectURL(file) })))`
            return "medium" if all(collected) else None
        if item.destination == "returned":
            return None  # the caller revokes it
        if item.destination == "passed":
            loaded = any(self._is_loaded(*self.roles.role(value), value) for value in values)
            return "medium" if loaded or any(self._goes_into_state(value) for value in values) else None
        if item.destination != "kept" or item.handle is None:
            return None
        if item.handle.path[-1:] and item.handle.path[-1] in _SHOWN:
            return "medium"
        return None if self._is_handed_on(item.handle) else "medium"

    # -- what a function gives back for each of many

    def _collected(self, value: int, depth: int = 0) -> bool | None:
        """Whether what collects a value stays here, or goes into a state; None where nothing collects it."""
        role, effect = self._role(value)
        if role == "returned" and depth < _DEPTH:
            number, _ = self.index.argument_of.get(self.unit.effects[effect].scope, (NONE, 0))
            call = self.unit.effects[number] if number != NONE else None
            if isinstance(call, Call) and self._sets(number):
                return True  # `setPreviews((all) => [...all, …])`
            if isinstance(call, Call) and call.name in _COLLECTS:
                return any(self._collected(result, depth + 1) for result in self._values(number))
        elif role == "argument" and depth:
            call = self.unit.effects[effect]
            if isinstance(call, Call) and call.name in _WAITS:
                return any(self._collected(result, depth + 1) for result in self._values(effect))
            return self._sets(effect)
        elif role == "bound" and depth:
            return not self._is_handed_on(self.unit.places[self.index.bind(effect).target])
        return False if depth else None

    def _role(self, value: int) -> tuple[Role, int]:
        """What a value is used for; where it stands in a literal, what that is used for."""
        found = self.roles.role(value)
        return self.roles.role(self.roles.literal(value)) if found[0] == "kept" else found

    def _values(self, call: int) -> list[int]:
        rows = enumerate(self.unit.values)
        return [number for number, row in rows if row.kind == "call" and row.call == call]

    # -- who gets it

    def _goes_into_state(self, value: int) -> bool:
        """`setPreview(URL.createObjectURL(file))`: a state that the next file replaces."""
        role, effect = self.roles.role(value)
        if role == "kept":  # `setPicked({ file, preview: URL.createObjectURL(file) })`
            role, effect = self.roles.role(self.roles.container(value))
        return role == "argument" and self._sets(effect)

    def _is_handed_on(self, place: Place, depth: int = 0) -> bool:
        """Whether somebody else gets hold of an address, who may revoke it."""
        for value in self.index.references.get(place.symbol, ()):
            if self.unit.places[self.unit.values[value].place] != place:
                continue
            if self._is_shown(value) or self._is_in_update(value):
                continue
            role, effect = self.roles.role(value)
            if role in ("returned", "kept", "element"):
                return True
            if (
                role == "argument"
                and not self._sets(effect)
                and not self._is_loaded(role, effect, value, depth)
            ):
                return True
        return False

    def _is_in_update(self, value: int) -> bool:
        """`setPreviews((all) => [...all, ...added])`: a function that makes the next state of it."""
        at = self.unit.values[value].at
        for scope, (number, _) in self.index.argument_of.items():
            inside = self.unit.scopes[scope].at <= at < self.unit.scopes[scope].end
            if inside and self._sets(number) and self.unit.effects[number].name not in _TIMERS:  # type: ignore[union-attr]
                return True
        return False

    def _is_shown(self, value: int) -> bool:
        """`<img src={url} />`: what shows a picture leaves its address to whoever made it."""
        element, at = self.unit.values[self.roles.container(value)], self.unit.values[value].at
        if element.kind != "container" or element.text != "jsx":
            return False
        given = zip(element.keys, (self.unit.values[part] for part in element.parts), strict=True)
        return any(f".{key}" in _SHOWN and part.at <= at < part.end for key, part in given)

    def _is_loaded(self, role: str, effect: int, value: int, depth: int = 0) -> bool:
        """Whether an address goes to what only reads it, or to a function of this file that does no more."""
        call = self.unit.effects[effect] if role == "argument" else None
        if not isinstance(call, Call) or depth > 2:
            return False
        if call.name in _LOADS or callee_name(self.unit, effect) in _LOADS_BY_NAME:
            return True
        scope = self.index.callee_scope(effect)
        params = self.unit.scopes[scope].params if scope != NONE else ()
        if value not in call.args[: len(params)]:
            return False
        return not self._is_handed_on(Place(params[call.args.index(value)]), depth + 1)

    def _sets(self, effect: int) -> bool:
        call = self.unit.effects[effect]
        if not isinstance(call, Call):
            return False
        return call.name == "setAttribute" or (call.name[:3] == "set" and call.name[3:4].isupper())
