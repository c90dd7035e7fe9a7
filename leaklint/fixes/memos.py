"""Fixes of memoised functions and methods."""

from __future__ import annotations

import libcst as cst

from leaklint.fixes.module import Module, changed, dotted, statement

LIMIT = 256
"""Entries of a bounded memo: twice the default of functools.lru_cache, to be adapted by its owner."""


def bound_memo(module: Module) -> cst.Module | None:
    """`@cache` and `@lru_cache(maxsize=None)` get a limit."""
    function = module.function_at(module.finding.line)
    decorator = _memo_of(module, function) if function else None
    if decorator is None:
        return None
    return changed(module.tree, decorator.decorator, _bounded(module, decorator.decorator))


def cache_on_instance(module: Module) -> cst.Module | None:
    """The method loses its decorator; the constructor wraps it, so that the cache dies with the object."""
    function = module.function_at(module.finding.line)
    decorator = _memo_of(module, function) if function else None
    owner = module.class_of(function) if function else None
    if function is None or decorator is None or owner is None or len(function.decorators) != 1:
        return None
    if any("__slots__" in _targets(row) for row in module.nodes(cst.Assign, owner.body)):
        return None
    constructor = next(
        (row for row in owner.body.body if isinstance(row, cst.FunctionDef) and row.name.value == "__init__"),
        None,
    )
    wrapper = module.tree.code_for_node(_bounded(module, decorator.decorator))
    this = function.params.params[0].name.value if function.params.params else ""
    bare = function.with_changes(decorators=[], leading_lines=function.leading_lines)
    if (
        constructor is not None
        and isinstance(constructor.body, cst.IndentedBlock)
        and constructor.params.params
    ):
        own = constructor.params.params[0].name.value
        line = statement(f"{own}.{function.name.value} = {wrapper}({own}.{function.name.value})", module.tree)
        body = constructor.body.with_changes(body=[*constructor.body.body, line])
        rows = [
            constructor.with_changes(body=body) if row is constructor else bare if row is function else row
            for row in owner.body.body
        ]
    elif not owner.bases and this and isinstance(owner.body, cst.IndentedBlock):
        name = function.name.value
        made = statement(
            f"def __init__({this}):\n    {this}.{name} = {wrapper}({this}.{name})\n", module.tree
        )
        rows = []
        for row in owner.body.body:
            if row is function:
                rows.append(made)
                bare = bare.with_changes(leading_lines=[cst.EmptyLine(indent=False), *bare.leading_lines])
            rows.append(bare if row is function else row)
    else:
        return None
    return changed(module.tree, owner.body, owner.body.with_changes(body=rows))


def _memo_of(module: Module, function: cst.FunctionDef | None) -> cst.Decorator | None:
    """The decorator that the finding points at."""
    for row in function.decorators if function else ():
        if module.line(row) == module.finding.line:
            return row
    return None


def _bounded(module: Module, decorator: cst.BaseExpression) -> cst.BaseExpression:
    """The bounded form of a memo decorator, in the spelling of the file."""
    limit = cst.Arg(
        cst.Integer(str(LIMIT)),
        cst.Name("maxsize"),
        cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    name = decorator.func if isinstance(decorator, cst.Call) else decorator
    spelt = dotted(name)
    if spelt.rpartition(".")[2] == "cache":
        if isinstance(name, cst.Attribute):
            name = name.with_changes(attr=cst.Name("lru_cache"))
        else:
            module.add_import("functools", "lru_cache")
            module.drop_import("functools", spelt)
            name = cst.Name("lru_cache")
    rest = [
        argument
        for argument in (decorator.args if isinstance(decorator, cst.Call) else ())
        if argument.keyword is not None and argument.keyword.value != "maxsize"
    ]
    return cst.Call(name, [limit, *rest])


def _targets(node: cst.Assign) -> list[str]:
    return [dotted(target.target) for target in node.targets]
