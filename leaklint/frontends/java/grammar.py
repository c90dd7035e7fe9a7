"""The tree-sitter grammar of Java and the kinds of its nodes that more than one module asks for."""

from __future__ import annotations

import tree_sitter_java
from tree_sitter import Language

LANGUAGE = Language(tree_sitter_java.language())
ERROR = 65535  # kind of the nodes that stand for what the grammar could not read


def kind(name: str, named: bool = True) -> int:
    """The number of a kind of node; fails at import when the grammar does not have it."""
    found = LANGUAGE.id_for_node_kind(name, named)
    if found is None:
        raise LookupError(f"the Java grammar has no {name}")
    return found


def kinds(*names: str) -> frozenset[int]:
    return frozenset(kind(name) for name in names)


COMMENTS = kinds("line_comment", "block_comment")
SKIPPED = COMMENTS | {
    number for number in range(LANGUAGE.node_kind_count) if not LANGUAGE.node_kind_is_named(number)
}
LEFT_OUT = COMMENTS | {ERROR}  # may stand between any two children

IDENTIFIER = kind("identifier")
UNDERSCORE = kind("underscore_pattern")
NAMED = frozenset({IDENTIFIER, UNDERSCORE})  # what may name a variable
MODIFIERS = kind("modifiers")
MARKER_ANNOTATION = kind("marker_annotation")
ANNOTATION = kind("annotation")
DIMENSIONS = kind("dimensions")
TYPE_ARGUMENTS = kind("type_arguments")
DECLARATOR = kind("variable_declarator")
ARGUMENTS = kind("argument_list")
PARAMETERS = kind("formal_parameters")
BLOCK = kind("block")
CLASS_BODY = kind("class_body")
CALL = kind("method_invocation")
FIELD_ACCESS = kind("field_access")
ELEMENT = kind("array_access")
PARENTHESES = kind("parenthesized_expression")
BINARY = kind("binary_expression")
THIS = kind("this")
SUPER = kind("super")
STRING = kind("string_literal")

TYPE_IDENTIFIER = kind("type_identifier")
SCOPED_TYPE = kind("scoped_type_identifier")
GENERIC_TYPE = kind("generic_type")
ARRAY_TYPE = kind("array_type")
ANNOTATED_TYPE = kind("annotated_type")
WILDCARD = kind("wildcard")
TYPES = kinds("integral_type", "floating_point_type", "boolean_type", "void_type") | {
    TYPE_IDENTIFIER,
    SCOPED_TYPE,
    GENERIC_TYPE,
    ARRAY_TYPE,
    ANNOTATED_TYPE,
}
