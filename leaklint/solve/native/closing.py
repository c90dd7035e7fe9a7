"""Whether users close the objects of a class, by a method of its own or one that it inherits."""

from __future__ import annotations

from leaklint.ir import NONE
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import Lifecycle

_CLOSES = ("close", "shutdown", "dispose", "destroy", "stop")
# bases with a `close()` or `dispose()` that everybody calls, and that ends no field of who extends them
_CLOSED = frozenset(
    {"InputStream", "OutputStream", "Composite", "Canvas", "LabelProvider", "ColumnLabelProvider"}
    | {"StyledCellLabelProvider", "CellLabelProvider", "BaseLabelProvider", "OwnerDrawLabelProvider"}
)


def is_closed(index: Index, lifecycle: Lifecycle, owner: int) -> bool:
    """Whether a class has a method that ends its objects, inherits one, or is a control of SWT."""
    row = index.unit.owners[owner]
    names = {index.unit.scopes[scope].name for scope in lifecycle.teardown_of(owner)}
    if not names.isdisjoint(_CLOSES):
        return True
    if index.unit.language != "java":
        return False
    bases = {index.name_of(base) for base in row.bases}
    return not bases.isdisjoint(_CLOSED) or _is_control(index, owner)


def _is_control(index: Index, owner: int) -> bool:
    """SWT: `Preview(Composite parent) { super(parent); }`: it is disposed of with its parent."""
    for number in index.calls.get("super", ()):
        call = index.unit.effects[number]
        scope = index.unit.scopes[call.scope]
        if scope.owner != owner or scope.kind != "constructor" or not getattr(call, "args", ()):
            continue
        row = index.unit.values[call.args[0]]  # type: ignore[union-attr]
        symbol = index.symbol(index.unit.places[row.place]) if row.place != NONE else None
        if symbol is not None and symbol.kind == "parameter" and symbol.type == "Composite":
            return True
    return False
