"""`try` with its resources, handlers and last rites."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import BLOCK, COMMENTS, MODIFIERS, NAMED, TYPES, kind
from leaklint.frontends.java.modifiers import NO_MODIFIERS, modifiers_of
from leaklint.frontends.java.types import Type
from leaklint.frontends.java.variables import declared, header, local_kind, variable_place
from leaklint.frontends.java.walk import EXPRESSIONS, STATEMENTS, Walk, statement

_EQUALS = kind("=", named=False)
_RESOURCES = kind("resource_specification")
_RESOURCE = kind("resource")
_CATCH = kind("catch_clause")
_CATCH_PARAMETER = kind("catch_formal_parameter")
_CATCH_TYPE = kind("catch_type")
_FINALLY = kind("finally_clause")


@statement("try_statement", "try_with_resources_statement", nests=True)
def try_statement(walk: Walk, node: Node) -> str:
    """A `try` with resources and nothing else has no `try` region: it handles no failure."""
    b = walk.b
    children = walk.without_extras(node.named_children)
    handlers = [child for child in children if child.kind_id == _CATCH or child.kind_id == _FINALLY]
    body = [child for child in children if child.kind_id == BLOCK]
    resources = [
        resource
        for child in children
        if child.kind_id == _RESOURCES
        for resource in child.named_children
        if resource.kind_id == _RESOURCE
    ]
    if handlers:
        b.open_region("try", node.start_byte)
    leaves = _with(walk, resources, body) if resources else _blocks(walk, body)
    if handlers:
        b.close_region(body[-1].end_byte if body else node.end_byte, leaves)
    for handler in handlers:
        if handler.kind_id == _CATCH:
            _catch(walk, handler)
        else:
            b.open_region("finally", handler.start_byte)
            left = _blocks(walk, handler.named_children)
            b.close_region(handler.end_byte, left)
    return "" if handlers else leaves


def _blocks(walk: Walk, nodes: list[Node]) -> str:
    leaves = ""
    for node in nodes:
        if node.kind_id not in COMMENTS:
            leaves = STATEMENTS[node.kind_id](walk, node)
    return leaves


def _with(walk: Walk, resources: list[Node], body: list[Node]) -> str:
    """Enter the resources; the block of the variables holds the body too."""
    b = walk.b
    scope = b.scope
    end = body[-1].end_byte if body else resources[-1].end_byte
    if any(child.kind_id == _EQUALS for resource in resources for child in resource.children):
        b.open_scope("block", "", resources[0].start_byte, end)
    for resource in resources:
        _enter(walk, resource)
    b.open_region("with", body[0].start_byte if body else end)
    leaves = _blocks(walk, body)
    b.close_region(end, leaves)
    if b.scope != scope:
        walk.close_to(scope, end)
    return leaves


def _enter(walk: Walk, node: Node) -> None:
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = walk.without_extras(node.children)
    if not any(child.kind_id == _EQUALS for child in children):
        for child in children:
            if child.is_named:
                b.bind(b.nowhere(), EXPRESSIONS[child.kind_id](walk, child), "enter", at, end)
        return
    modifiers, written = header(walk, children)
    names = [index for index, child in enumerate(children) if child.kind_id in NAMED]
    value = EXPRESSIONS[children[-1].kind_id](walk, children[-1])
    if not names:
        return
    symbol = declared(
        walk, children[names[0] :], local_kind(modifiers), written, modifiers.local, modifiers.decorators
    )
    b.bind(variable_place(walk, symbol), value, "enter", at, end)


def _catch(walk: Walk, node: Node) -> None:
    """The caught exception comes from nowhere: its value is opaque."""
    b = walk.b
    leaves = ""
    b.open_region("except", node.start_byte)
    b.open_scope("block", "", node.start_byte, node.end_byte)
    for child in node.named_children:
        if child.kind_id == _CATCH_PARAMETER:
            _caught(walk, child)
        elif child.kind_id not in COMMENTS:
            leaves = STATEMENTS[child.kind_id](walk, child)
    b.close_scope()
    b.close_region(node.end_byte, leaves)


def _caught(walk: Walk, node: Node) -> None:
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = walk.without_extras(node.named_children)
    modifiers = NO_MODIFIERS
    written: Type = ("", ())
    for index, child in enumerate(children):
        number = child.kind_id
        if number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif number == _CATCH_TYPE:
            alternatives = [kind_ for kind_ in child.named_children if kind_.kind_id in TYPES]
            written = walk.type(alternatives[0]) if alternatives else written
        elif number in NAMED:
            symbol = declared(walk, children[index:], local_kind(modifiers), written, modifiers.local)
            b.bind(variable_place(walk, symbol), b.value("opaque", at, end), "catch", at, end)
            return
