"""Fixes of Python source, by rule, through libcst: formatting and comments stay as they are.

Each rewriter gets the module and the finding and gives back a changed module, or None where the code has a
shape that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor
from libcst.metadata import MetadataWrapper, PositionProvider

from leaklint.fixes import containers, memos
from leaklint.fixes.module import Module
from leaklint.rule import Finding

_REWRITERS: dict[str, tuple[str, Callable[[Module], cst.Module | None]]] = {
    "LK101": ("Bound the cache", containers.bound_dict),
    "LK102": ("Keep the last entries only", containers.list_to_deque),
    "LK103": ("Give the memo a limit", memos.bound_memo),
    "LK104": ("Keep the cache on the instance", memos.cache_on_instance),
    "LK105": ("Make the container in the call", containers.default_to_none),
}


def rewrite(finding: Finding, data: bytes, bounded_library: bool) -> tuple[str, bytes] | None:
    """Title and new text of the fix for a finding, or None."""
    known = _REWRITERS.get(finding.code)
    if known is None:
        return None
    title, rewriter = known
    try:
        wrapper = MetadataWrapper(cst.parse_module(data), unsafe_skip_copy=True)
    except cst.ParserSyntaxError:
        return None
    module = Module(
        wrapper.module, wrapper.resolve(PositionProvider), finding, CodemodContext(), bounded_library
    )
    changed = rewriter(module)
    if changed is None:
        return None
    changed = RemoveImportsVisitor(module.context).transform_module(changed)
    changed = AddImportsVisitor(module.context).transform_module(changed)
    return title, changed.bytes
