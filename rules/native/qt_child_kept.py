"""qt-child-kept (LK621): a Qt parent keeps every child that is made for one occasion.

## What it does
Reports dialogs, menus, timers and the like that a method makes as children of its object and then drops
or overwrites, pages taken out of a tab widget, and children taken out of a table of the object (and out of
the layout: `removeWidget()` deletes nothing), without anything that deletes them. Also dialogs that open
themselves in their constructor, as a child of a window that they are given.

## Why is this bad?
A child belongs to its parent in C++: it lives until the parent is destroyed, most often when the
application ends. Dropping the Python name, hiding it, or taking it out of a layout frees nothing.

## Example
```python bad
from PySide6.QtWidgets import QDialog, QMainWindow

class Details(QDialog):
    pass

class Window(QMainWindow):
    def show_details(self, item):
        dialog = Details(self)
        dialog.setWindowTitle(item.text())
        dialog.show()
```

## Use instead
```python good
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMainWindow

class Details(QDialog):
    pass

class Window(QMainWindow):
    def show_details(self, item):
        dialog = Details(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(item.text())
        dialog.show()
```

## When it stays silent
`deleteLater`, `setParent`, an attribute set on it; the field is tested first; constructors, and methods
named as ones that set something up; what is returned or stored; children of a class that deletes its objects
itself. A dialog that opens itself: its window makes it once, in its own constructor or into a field that it
tests first.

## Runtime check
Calls the method; confirmed if the number of the parent's children grows with the number of calls.

## References
- [Object trees and ownership](https://doc.qt.io/qt-6/objecttrees.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.native.qt import Qt

_STATES = {
    "local": "Each run of {where} leaves one more `{name}` with its Qt parent, which keeps it.",
    "field": "{where} puts the next `{name}` into `{holder}`, and the Qt parent keeps the one before.",
    "tab": "{where} takes a page out of `{holder}`, which stays its Qt parent and keeps it.",
    "entry": "{where} takes a `{name}` out of `{holder}` and deletes it nowhere: its Qt parent keeps it.",
    "dialog": "Each `{name}` opens itself as a child of a window, which keeps it after it is closed.",
}


class QtChildKept(Rule):
    code = "LK621"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = "The Qt parent keeps `{holder}`."
    advice = "Call `deleteLater()` when it is done with, or set WA_DeleteOnClose."

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen = set()
        for found in Qt(facts.growths).found():
            effect = facts.unit.effects[found.effect]
            where = facts.scope_name(effect.scope)
            holder = f"{where}.{found.name}" if found.how == "local" else facts.holder_name(found.place)
            if holder in seen:
                continue
            seen.add(holder)
            evidence = [facts.evidence(found.effect, "nothing deletes it")]
            if found.made != NONE:
                evidence.insert(0, facts.evidence(found.made, "a child of the object is stored here"))
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=holder,
                confidence="medium",
                evidence=evidence,
                message=_STATES[found.how],
                where=f"`{where}()`",
                name=found.name,
            )
