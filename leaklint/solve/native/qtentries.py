"""Qt children that an object takes out of a table of its own, while their parent goes on to keep them.

Only single entries: what is emptied at the end of the object ends with it. Whoever hands the entry to
anything but a layout that it leaves is believed to see to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# how a child gets its parent behind its construction
_ADOPTS = frozenset({"setParentItem", "setParent"})
_LAYS_OUT = frozenset({"addWidget", "insertWidget"})
# calls on an entry, or with it, that end nothing
_IDLE = frozenset(
    {
        *(
            "hide",
            "removeWidget",
            "setVisible",
            "setEnabled",
            "blockSignals",
            "disconnect",
            "update",
            "repaint",
        ),
        *("clearFocus", "setHidden", "setText", "objectName", "isVisible", "stop", "clear", "removeAction"),
        *("removeToolBar", "removeDockWidget"),
    }
)
_ENDS = frozenset(
    {
        "deleteLater",
        "setParent",
        "setParentItem",
        "WA_DeleteOnClose",
        "DeleteWhenStopped",
        "delete",
        "destroy",
    }
)
# methods that run when the child has gone already
_GONE = regex(r"(?i)\w*(destroyed|deleted|closed|finished|forget|unregister|stopped|released|done)\w*")
_WIDGET = regex(
    r"Q(?!Timer|Thread|Settings|Action|Color|Pen|Brush|Font|Size|Point|Rect|Url|Date|File|Dir|Icon|Pixmap|Image)"
    r"\w*(Widget|Item|Label|Button|Frame|Dialog|Box|Edit|Bar|View|Area|Menu|Window|Slider|Splitter|Animation)"
)


class QtEntries:
    """Such entries of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[tuple[Holder, Growth, Release, str]]:
        """Each table that loses a child, once, with what it is called where it is stored."""
        for holder in self.growths.holders.by_place.values():
            if holder.lifetime != "instance" or not holder.releases or holder.emptied_elsewhere:
                continue
            children = [row for row in holder.growths if not row.depth and self._adds_child(row)]
            release = next((row for row in holder.releases if children and self._drops(row, holder)), None)
            if release is not None:
                yield holder, children[0], release, self._adds_child(children[0])

    # -- what is stored is a child

    def _adds_child(self, growth: Growth) -> str:
        """The name of what a function stores after it has made it as a child of its own object; else ""."""
        for value in growth.values:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.path or place.symbol == NONE:
                continue
            made = [self._made(number) for number in self.index.binds.get(place, ())]
            if made and all(call is not None for call in made):
                scope = self.index.function_at(growth.effect)
                named = all(call is not None and self._is_widget(call) for call in made)
                if named and (any(map(self._has_parent, made)) or self._is_adopted(place, scope)):
                    ended = self._is_deleted_later(place) or any(map(self._ends_itself, made))
                    return "" if ended else self.unit.symbols[place.symbol].name
        return ""

    def _made(self, number: int) -> Call | None:
        bind = self.unit.effects[number]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return call if isinstance(call, Call) and call.name[:1].isupper() else None

    def _is_widget(self, call: Call) -> bool:
        """A widget or item of Qt, or of a class of this file that is one."""
        if _WIDGET.match(call.name):
            return True
        owner = next((row for row in self.unit.owners if row.name == call.name), None)
        for base in owner.bases if owner is not None else ():
            row = self.unit.values[base]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE:
                continue
            if _WIDGET.match(self.index.last_name(place)):
                return True
        return False

    def _has_parent(self, call: Call | None) -> bool:
        if call is None:
            return False
        keywords = dict(call.keywords)
        for value in [keywords["parent"]] if "parent" in keywords else list(call.args[-1:]):
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and self._is_this(place) and not place.path:
                return True
        return False

    def _is_adopted(self, place: Place, scope: int) -> bool:
        """`child.setParentItem(self)`, `self.layout.addWidget(child)`."""
        for number in self.index.of_function[scope]:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE:
                continue
            receiver = self.unit.places[call.receiver]
            rows = [self.unit.values[value] for value in call.args]
            given = [self.unit.places[row.place] for row in rows if row.kind == "place"]
            if call.name in _ADOPTS and receiver == place and any(self._is_this(each) for each in given):
                return True
            if call.name in _LAYS_OUT and place in given and self._is_this(receiver) and receiver.path:
                return True
        return False

    def _is_this(self, place: Place) -> bool:
        return place.symbol != NONE and self.unit.symbols[place.symbol].kind == "this"

    def _is_deleted_later(self, place: Place) -> bool:
        """`thread.finished.connect(child.deleteLater)`."""
        return any(
            self.unit.places[self.unit.values[value].place].path[-1:] == (".deleteLater",)
            for value in self.index.references.get(place.symbol, ())
        )

    def _ends_itself(self, made: Call | None) -> bool:
        """Whether a class of the file deletes its own objects: `self.deleteLater()` of a row with a cross."""
        owner = next((row for row in self.unit.owners if made is not None and row.name == made.name), None)
        return owner is not None and any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == Place(owner.this)
            for name in ("deleteLater", "setParent")
            for number in self.index.calls.get(name, ())
        )

    # -- and nothing deletes it where it is taken out

    def _drops(self, release: Release, holder: Holder) -> bool:
        scope = self.index.function_at(release.effect)
        row = self.unit.scopes[scope]
        if release.depth or release.via != NONE or release.selector not in ("key", "value", "one"):
            return False
        if row.kind != "method" or _GONE.fullmatch(row.name) or self.growths.lifecycle.in_teardown(scope):
            return False
        if not _ENDS.isdisjoint(self._names(scope)) or self.index.argument_of.get(scope) is not None:
            return False
        around = [self.index.function_at(number) for number in self.index.callers.get(scope, ())]
        around += [self.index.callee_scope(number) for number in self._calls(scope)]
        if any(not _ENDS.isdisjoint(self._names(each)) for each in around) or self._is_slot(scope):
            return False
        entries = self._entries(release, holder, scope)
        return not any(
            self._hands_on(number, entries, release, holder) for number in self.index.of_function[scope]
        )

    def _calls(self, scope: int) -> Iterator[int]:
        for number in self.index.of_function.get(scope, ()):
            if isinstance(self.unit.effects[number], Call):
                yield number

    def _names(self, scope: int) -> set[str]:
        """What a function calls and asks for by name."""
        names = set()
        for number in self.index.of_function.get(scope, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Call):
                names.add(effect.name)
                for value in effect.args:
                    row = self.unit.values[value]
                    if row.kind == "place":
                        names |= {step[1:] for step in self.unit.places[row.place].path[-1:]}
        return names

    def _is_slot(self, scope: int) -> bool:
        """Whether the method is handed to a signal: `child.destroyed.connect(self.forget)`."""
        row = self.unit.scopes[scope]
        this = self.unit.owners[row.owner].this if row.owner != NONE else NONE
        return any(
            self.unit.places[self.unit.values[value].place].path == ("." + row.name,)
            for value in self.index.references.get(this, ())
        )

    def _entries(self, release: Release, holder: Holder, scope: int) -> set[Place]:
        """What the entry is called in the function that takes it out."""
        inside = holder.element
        found = {inside}
        for number in self.index.of_function[scope]:
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE:
                row = self.unit.values[bind.value]
                taken = row.kind == "call" and row.call == release.effect
                if taken or inside in self.growths.holders.aliases.of_value(bind.value):
                    found.add(self.unit.places[bind.target])
        if release.selector == "value" and release.key != NONE:
            row = self.unit.values[release.key]
            if row.kind == "place":
                found.add(self.unit.places[row.place])
        return found

    def _hands_on(self, number: int, entries: set[Place], release: Release, holder: Holder) -> bool:
        """Whether an effect does anything with an entry but hide it, or take it out of a layout."""
        effect = self.unit.effects[number]
        if isinstance(effect, Call) and number != release.effect:
            receiver = self.unit.places[effect.receiver] if effect.receiver != NONE else None
            if receiver is not None and receiver.symbol == NONE and receiver.call == release.effect:
                return effect.name not in _IDLE  # `self.rows.pop(key).hide()`
            rows = [
                self.unit.values[value] for value in (*effect.args, *(value for _, value in effect.keywords))
            ]
            given = any(row.kind == "place" and self.unit.places[row.place] in entries for row in rows)
            given = given or any(row.kind == "call" and row.call == release.effect for row in rows)
            return (given or receiver in entries) and effect.name not in _IDLE
        value = getattr(effect, "value", NONE)
        row = self.unit.values[value] if value != NONE else None
        if row is None:
            return False
        means = row.kind == "call" and row.call == release.effect
        means = means or (row.kind == "place" and self.unit.places[row.place] in entries)
        if isinstance(effect, Bind):
            target = self.unit.places[effect.target]
            stored = bool(target.path) or effect.how == "element"
            return stored and means
        return means  # returned
