"""A parsed module together with the finding that is to be fixed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor

from leaklint.rule import Finding

Node = TypeVar("Node", bound=cst.CSTNode)


class Module:
    """What a rewriter works on. positions: code ranges by node, 1-based lines."""

    def __init__(
        self,
        tree: cst.Module,
        positions: Mapping[cst.CSTNode, Any],
        finding: Finding,
        context: CodemodContext,
        bounded_library: bool,
    ) -> None:
        self.tree = tree
        self.positions = positions
        self.finding = finding
        self.context = context
        self.bounded_library = bounded_library

    @property
    def name(self) -> str:
        """Last part of the holder's name: `CACHE` of `app.CACHE`."""
        return self.finding.holder.rpartition(".")[2]

    def nodes(self, kind: type[Node], root: cst.CSTNode | None = None) -> Iterator[Node]:
        """Every node of a kind, in no fixed order."""
        pending: list[cst.CSTNode] = [root or self.tree]
        while pending:
            node = pending.pop()
            if isinstance(node, kind):
                yield node
            pending += node.children

    def line(self, node: cst.CSTNode) -> int:
        return int(self.positions[node].start.line)

    def spans(self, node: cst.CSTNode, line: int) -> bool:
        place = self.positions[node]
        return bool(place.start.line <= line <= place.end.line)

    def function_at(self, line: int) -> cst.FunctionDef | None:
        """The innermost function around a line; its decorators count as inside."""
        found = [node for node in self.nodes(cst.FunctionDef) if self._around(node, line)]
        return max(found, key=self.line, default=None)

    def _around(self, node: cst.FunctionDef, line: int) -> bool:
        first = min([self.line(node), *(self.line(row) for row in node.decorators)])
        return bool(first <= line <= self.positions[node].end.line)

    def class_of(self, function: cst.FunctionDef) -> cst.ClassDef | None:
        """The class in whose body a function stands."""
        for node in self.nodes(cst.ClassDef):
            if any(row is function for row in node.body.body):
                return node
        return None

    def add_import(self, module: str, name: str | None = None) -> None:
        AddImportsVisitor.add_needed_import(self.context, module, name)

    def drop_import(self, module: str, name: str | None = None) -> None:
        """Remove an import if nothing uses it any longer."""
        RemoveImportsVisitor.remove_unused_import(self.context, module, name)


def changed(tree: cst.Module, old: cst.CSTNode, new: cst.CSTNode) -> cst.Module:
    """A module with one node replaced."""
    result = tree.deep_replace(old, new)
    assert isinstance(result, cst.Module)
    return result


def dotted(node: cst.BaseExpression) -> str:
    """`functools.cache` of a name or an attribute; "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr.value}" if left else ""
    return ""


def statement(text: str, indent: cst.Module) -> cst.BaseStatement:
    """One statement, in the indentation of a module."""
    return cst.parse_statement(text, config=indent.config_for_parsing)
