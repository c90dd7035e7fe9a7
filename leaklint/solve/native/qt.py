"""Qt objects whose parent keeps them: made again and again as a child, and never deleted.

A child belongs to its parent in C++. Dropping the Python name, hiding the widget or taking it out of a
layout frees nothing; `deleteLater()`, `setParent(None)` and `WA_DeleteOnClose` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.native.qtdialogs import QtDialogs
from leaklint.solve.native.qtentries import QtEntries

How = Literal["local", "field", "tab", "entry", "dialog"]

_MODULES = regex(r"(^|\.)(PyQt\d|PySide\d?|qtpy|QtCore|QtGui|QtWidgets|QtNetwork|Qt|qt|AnyQt|aqt)(\.|$)|\.Qt")
# what is made for one occasion, and hidden or left when it has passed
_PASSING = regex(
    r"Q?\w*(Dialog|MessageBox|Timer|Menu|EventLoop|Process|Animation|Popup|Tooltip|ToolTip|TextDocument|"
    r"NetworkReply|Wizard|Completer|Thread|Reply|Preview|Window|Notification)$"
)
_WIDGET = regex(r"\w*(Dialog|MessageBox|Menu|Popup|Tooltip|ToolTip|Wizard|Window|Preview)")
_FREES = frozenset({"deleteLater", "setParent", "delete", "sip.delete", "deleteOnClose", "take", "free"})
_SETUP = frozenset(
    {
        *(
            "setup",
            "init",
            "initialize",
            "create",
            "build",
            "make",
            "set",
            "add",
            "configure",
            "register",
            "install",
        ),
        *(
            "connect",
            "populate",
            "load",
            "ui",
            "define",
            "layout",
            "new",
            "prepare",
            "enable",
            "start",
        ),
    }
)
_ONCE = frozenset({"main", "run", "__enter__", "event", "initUI", "setupUi", "initUi", "retranslateUi"})


class QtChild(msgspec.Struct):
    """`effect` makes a child (or takes one out); place: where it goes. made: what stored an entry."""

    effect: int
    place: Place
    name: str
    how: How
    made: int = NONE


class Qt:
    """Children of Qt objects that one unit leaves to their parents."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats

    def found(self) -> Iterator[QtChild]:
        imports = [symbol for symbol in self.unit.symbols if symbol.kind == "import"]
        if not any(_MODULES.search(row.module) or row.name.startswith("Qt") for row in imports):
            return
        for name, numbers in self.index.calls.items():
            if name[:1].isupper():
                for number in numbers:
                    item = self._child(number, name)
                    if item is not None:
                        yield item
        yield from self._tabs()
        for holder, growth, release, name in QtEntries(self.growths).found():
            yield QtChild(release.effect, holder.place, name, "entry", growth.effect)
        for number, owner in QtDialogs(self.growths).found():
            this = Place(self.unit.owners[owner].this)
            yield QtChild(number, this, self.unit.owners[owner].name, "dialog")

    def _child(self, number: int, name: str) -> QtChild | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        scope = self.index.function(call.scope)
        if not self._has_parent(call) or not self._repeats(number, scope):
            return None
        if self._frees_itself(name) or self._keeps_parent_off(call):
            return None
        destination, place = self.index.destinations.of(number)
        if destination == "dropped" or destination == "chained":
            return None  # `QTimer(self).start()` says nothing of what else holds it
        if destination != "kept" or place is None or place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and len(place.path) == 1 and name.startswith("Q"):
            if self._is_freed(place, scope) or self._is_asked(place, scope, number):
                return None
            if self._is_missing(place, call.region) or self._is_replaced(place, scope):
                return None
            return QtChild(number, place, name, "field")
        if place.path or symbol.kind != "variable" or symbol.scope == 0 or not self._passes(name):
            return None
        if self._is_freed(place, scope) or self._is_given(place):
            return None
        return QtChild(number, place, name, "local")

    def _frees_itself(self, name: str) -> bool:
        """Whether a class of this file has its objects deleted when they close."""
        owner = next((number for number, row in enumerate(self.unit.owners) if row.name == name), NONE)
        if owner == NONE:
            return False
        scopes = set(self.unit.owners[owner].methods)
        for each in ("setAttribute", "deleteLater"):
            for number in self.index.calls.get(each, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                own = place is not None and place == Place(self.unit.owners[owner].this)
                if own and self.index.function(call.scope) in scopes:
                    return True
        later = (".deleteLater",)
        return any(
            self.unit.places[self.unit.values[value].place].path == later
            for value in self.index.references.get(self.unit.owners[owner].this, ())
        )

    def _passes(self, name: str) -> bool:
        """Whether a class, or a base of it in this file, is one of things made for one occasion."""
        if _PASSING.fullmatch(name):
            return True
        for owner in self.unit.owners:
            if owner.name == name:
                values = [self.unit.values[base] for base in owner.bases]
                places = [self.unit.places[value.place] for value in values if value.kind == "place"]
                return any(
                    _PASSING.fullmatch(self.index.last_name(place))
                    for place in places
                    if place.symbol != NONE
                )
        return False

    def _has_parent(self, call: Call) -> bool:
        """Whether `self`, a main window or the application is handed over as the parent."""
        keywords = dict(call.keywords)
        given = [keywords["parent"]] if "parent" in keywords else list(call.args[-1:])
        for value in given:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind == "this" and not place.path:
                return True
            last = self.index.last_name(place).lstrip("_").lower()
            if last == "app" and _WIDGET.fullmatch(call.name):
                continue  # an application is no widget
            if last in ("app", "parent", "window", "main", "mainwindow", "main_window", "iface"):
                return True
        return False

    def _keeps_parent_off(self, call: Call) -> bool:
        """Whether the constructor of a class of this file gives its base none of what it is handed."""
        owner = self.index.class_made(call)
        made = self.index.method_names.get(owner, {}).get("__init__", NONE) if owner != NONE else NONE
        if made == NONE:
            return False
        given: list[int] = []
        for number in self.index.calls.get("__init__", ()):
            base = self.unit.effects[number]
            if isinstance(base, Call) and self.index.function(base.scope) == made:
                given += (*base.args, *(value for _, value in base.keywords))
        if any(self.index.function_at(number) == made for number in self.index.calls.get("setParent", ())):
            return False
        params = self.unit.scopes[made].params
        rows = [self.unit.values[value] for value in given]
        places = [self.unit.places[row.place] for row in rows if row.place != NONE]
        return bool(given) and not any(place.symbol in params for place in places)

    def _repeats(self, number: int, scope: int) -> bool:
        row = self.unit.scopes[scope]
        if row.kind not in ("method", "function") or not self.repeats.repeats(number):
            return False
        if first_word(row.name) in _SETUP or row.name in _ONCE or "setup" in row.name.lower():
            return False
        return not self.growths.guards.init_guarded(number)

    def _names_policy(self, call: Call) -> bool:
        """`animation.start(QAbstractAnimation.DeleteWhenStopped)`"""
        rows = (self.unit.values[value] for value in call.args)
        return any(
            row.kind == "place" and self.unit.places[row.place].path[-1:] == (".DeleteWhenStopped",)
            for row in rows
        )

    def _is_freed(self, place: Place, scope: int) -> bool:
        """Whether the function deletes it, gives it another parent, or has it deleted when it closes."""
        for name in ("deleteLater", "setParent", "setAttribute", "delete", "finished", "start"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if self.index.function(call.scope) != scope and place.path == ():
                    continue
                on = call.receiver != NONE and self.unit.places[call.receiver] == place
                if name == "start" and not self._names_policy(call):
                    continue
                if (on or name == "delete") and self.index.function(call.scope) == scope:
                    return True
        step = (*place.path, ".deleteLater")
        return any(
            self.unit.places[self.unit.values[value].place].path == step
            for value in self.index.references.get(place.symbol, ())
        )

    def _is_asked(self, place: Place, scope: int, number: int) -> bool:
        """Whether the function tests the field before, or calls something that may tidy it up."""
        for region in self.unit.regions:
            if region.test == NONE or self.index.function(region.scope) != scope:
                continue
            if region.at < self.unit.effects[number].at and self._mentions(region.test, place):
                return True
        frees = {
            self.index.function(self.unit.effects[other].scope)
            for other in self.index.calls.get("deleteLater", ())
        }
        return any(
            number > other and self.index.callee_scope(other) in frees
            for other in self.index.of_function[scope]
            if isinstance(self.unit.effects[other], Call)
        )

    def _is_missing(self, place: Place, region: int) -> bool:
        """`except AttributeError:` behind a read of the field: made at its first use."""
        absent = self.growths.holders.rebinds.tests_absence
        return any(absent(each, place) for each in self.index.regions(region))

    def _is_replaced(self, place: Place, scope: int) -> bool:
        """Whether a view takes it, which deletes the one before, or the function deletes what it gets."""
        for name in ("setCellWidget", "setItemWidget", "setIndexWidget"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                rows = [self.unit.values[value] for value in call.args]  # type: ignore[union-attr]
                if any(row.kind == "place" and self.unit.places[row.place] == place for row in rows):
                    return True
        return any(
            self.index.function_at(number) == scope for number in self.index.calls.get("deleteLater", ())
        )

    def _mentions(self, test: int, place: Place, depth: int = 0) -> bool:
        row = self.unit.values[test]
        if row.kind == "place":
            return self.unit.places[row.place].path[: len(place.path)] == place.path
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            return any(self._mentions(part, place, depth + 1) for part in call.args) or (
                call.receiver != NONE
                and self.unit.places[call.receiver].path[: len(place.path)] == place.path
            )
        return depth < 4 and any(self._mentions(part, place, depth + 1) for part in row.parts)

    def _is_given(self, place: Place) -> bool:
        """Whether a local goes on: returned, stored, or handed to something other than its own methods."""
        for leaves in self.index.returns.values():
            for number in leaves:
                row = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
                if row.kind == "place" and self.unit.places[row.place] == place:
                    return True
        for value in self.index.references.get(place.symbol, ()):
            if self.unit.places[self.unit.values[value].place].path:
                continue
            for effect in self.unit.effects:
                if isinstance(effect, Bind) and effect.value == value:
                    return True
                if (
                    isinstance(effect, Call)
                    and value in effect.args
                    and effect.name
                    in (
                        *(
                            "append",
                            "add",
                            "setCentralWidget",
                            "setMenu",
                            "addMenu",
                            "addWidget",
                            "insert",
                            "setCompleter",
                        ),
                        *(
                            "setWidget",
                            "addAction",
                            "setLayout",
                            "setModel",
                            "moveToThread",
                            "addTab",
                            "register",
                        ),
                    )
                ):
                    return True
        return False

    def _is_bar(self, place: Place) -> bool:
        """Whether tabs are those of a `QTabBar`, by its name or its class."""
        symbol = self.index.symbol(place)
        if symbol is not None and symbol.kind == "this" and not place.path and symbol.target != NONE:
            bases = [self.unit.values[base] for base in self.unit.owners[symbol.target].bases]
            named = [self.unit.places[row.place] for row in bases if row.kind == "place"]
            return any(self.index.last_name(base).endswith("TabBar") for base in named)
        return self.index.last_name(place).lower().endswith(("tabbar", "tab_bar"))

    def _tabs(self) -> Iterator[QtChild]:
        """`removeTab(i)` in a method that closes a tab, and leaves its page to the tab widget."""
        for number in self.index.calls.get("removeTab", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            scope = self.index.function(call.scope)
            row = self.unit.scopes[scope]
            if (
                row.kind != "method"
                or not re.search(r"(?i)clos|remov|delet", row.name)
                or row.name == "removeTab"
            ):
                continue
            names = {
                self.unit.effects[other].name  # type: ignore[union-attr]
                for other in self.index.of_function[scope]
                if isinstance(self.unit.effects[other], Call)
            }
            if names & {"deleteLater", "setParent", "delete", "close", "destroy", "insertTab", "addTab"}:
                continue
            receiver = self.unit.places[call.receiver] if call.receiver != NONE else None
            if receiver is None or self._is_bar(receiver):
                continue  # has titles, and no pages
            if receiver.symbol != NONE and not self.index.returns.get(scope):
                yield QtChild(number, receiver, "page", "tab")
