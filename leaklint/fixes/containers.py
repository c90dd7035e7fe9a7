"""Fixes of containers that only grow."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from leaklint.fixes.module import Module, changed, statement

ENTRIES = 1000
"""Entries that a bounded container keeps: a number to start from, to be adapted by its owner."""

_HARMLESS = frozenset({"append", "extend", "copy", "index", "count", "__len__"})


def default_to_none(module: Module) -> cst.Module | None:
    """`def f(x, acc=[])` becomes `acc=None`, and the call makes the list."""
    function = module.function_at(module.finding.line)
    if function is None or not isinstance(function.body, cst.IndentedBlock):
        return None
    rows = [*function.params.params, *function.params.kwonly_params]
    param = next((row for row in rows if row.name.value == module.name), None)
    if param is None or param.default is None:
        return None
    made = module.tree.code_for_node(param.default)
    bare = param.with_changes(default=cst.Name("None"), annotation=_optional(module, param.annotation))
    guard = statement(f"if {module.name} is None:\n    {module.name} = {made}\n", module.tree)
    body = list(function.body.body)
    at = 1 if body and m.matches(body[0], m.SimpleStatementLine([m.Expr(m.SimpleString())])) else 0
    block = function.body.with_changes(body=[*body[:at], guard, *body[at:]])
    params = function.params.deep_replace(param, bare)
    return changed(module.tree, function, function.with_changes(params=params, body=block))


def _optional(module: Module, annotation: cst.Annotation | None) -> cst.Annotation | None:
    if annotation is None or "None" in module.tree.code_for_node(annotation.annotation):
        return annotation
    union = cst.BinaryOperation(annotation.annotation, cst.BitOr(), cst.Name("None"))
    return annotation.with_changes(annotation=union)


def list_to_deque(module: Module) -> cst.Module | None:
    """A module-level list that is only appended to and walked becomes a deque with a limit."""
    declared = _declaration(module)
    if declared is None or not m.matches(declared.value, m.List([])):  # type: ignore[arg-type]
        return None
    if not _only_appended(module):
        return None
    module.add_import("collections", "deque")
    value = cst.parse_expression(f"deque(maxlen={ENTRIES})")
    new: cst.CSTNode = declared.with_changes(value=value)
    if isinstance(declared, cst.AnnAssign):
        kind = declared.annotation.annotation
        if m.matches(kind, m.Subscript(m.Name("list"))):
            assert isinstance(kind, cst.Subscript)
            renamed = declared.annotation.with_changes(annotation=kind.with_changes(value=cst.Name("deque")))
            new = declared.with_changes(value=value, annotation=renamed)
    return changed(module.tree, declared, new)


def _only_appended(module: Module) -> bool:
    """Whether a name is never indexed, sliced, compared, handed on or given another method."""
    harmless = 0
    for call in module.nodes(cst.Call):
        if m.matches(call.func, m.Attribute(m.Name(module.name))):
            assert isinstance(call.func, cst.Attribute)
            if call.func.attr.value not in _HARMLESS:
                return False
            harmless += 1
        elif m.matches(call, m.Call(m.Name("len"), [m.Arg(m.Name(module.name))])):
            harmless += 1
    walked = [row.iter for row in module.nodes(cst.For)] + [row.iter for row in module.nodes(cst.CompFor)]
    harmless += sum(m.matches(source, m.Name(module.name)) for source in walked)
    uses = sum(node.value == module.name for node in module.nodes(cst.Name))
    return uses == harmless + 1


def bound_dict(module: Module) -> cst.Module | None:
    """A dict that serves as a cache becomes an LRU cache, or drops its oldest entry when it is full."""
    declared = _declaration(module)
    if declared is None or not (
        m.matches(declared.value, m.Dict([])) or m.matches(declared.value, m.Call(m.Name("dict"), []))  # type: ignore[arg-type]
    ):
        return None
    if module.bounded_library and isinstance(declared, cst.Assign):
        module.add_import("cachetools", "LRUCache")
        value = cst.parse_expression(f"LRUCache(maxsize={ENTRIES})")
        return changed(module.tree, declared, declared.with_changes(value=value))
    for line in module.nodes(cst.SimpleStatementLine):
        if module.line(line) == module.finding.line and _stores(line, module.name):
            return _guarded(module, line)
    return None


def _stores(line: cst.SimpleStatementLine, name: str) -> bool:
    """`NAME[key] = value`, and nothing else on the line."""
    target = m.AssignTarget(m.Subscript(m.Name(name)))
    return m.matches(line, m.SimpleStatementLine([m.Assign([target])]))


def _guarded(module: Module, line: cst.SimpleStatementLine) -> cst.Module | None:
    name = module.name
    guard = statement(f"if len({name}) >= {ENTRIES}:\n    {name}.pop(next(iter({name})))\n", module.tree)
    for block in module.nodes(cst.IndentedBlock):
        rows = list(block.body)
        if any(row is line for row in rows):
            at = next(index for index, row in enumerate(rows) if row is line)
            first = guard.with_changes(leading_lines=line.leading_lines)
            rows[at : at + 1] = [first, line.with_changes(leading_lines=[])]
            return changed(module.tree, block, block.with_changes(body=rows))
    return None


def _declaration(module: Module) -> cst.Assign | cst.AnnAssign | None:
    """The one assignment of a module-level name to the holder."""
    found: list[cst.Assign | cst.AnnAssign] = []
    for row in module.tree.body:
        for part in row.body if isinstance(row, cst.SimpleStatementLine) else ():
            if m.matches(part, m.Assign([m.AssignTarget(m.Name(module.name))])) or m.matches(
                part, m.AnnAssign(m.Name(module.name))
            ):
                assert isinstance(part, cst.Assign | cst.AnnAssign)
                found.append(part)
    return found[0] if len(found) == 1 else None
