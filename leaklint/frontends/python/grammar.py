"""Kind ids of the Python grammar, looked up once by name.

The numbers change with the grammar's version; nothing but this module may depend on them.
"""

from __future__ import annotations

import tree_sitter_python
from tree_sitter import Language

LANGUAGE = Language(tree_sitter_python.language())

_IDS: dict[str | None, list[int]] = {}
for _index in range(LANGUAGE.node_kind_count):
    if LANGUAGE.node_kind_is_named(_index):
        _IDS.setdefault(LANGUAGE.node_kind_for_id(_index), []).append(_index)


def kinds(*names: str) -> frozenset[int]:
    """Every id of the named kinds (an aliased rule has more than one)."""
    missing = [name for name in names if name not in _IDS]
    if missing:
        raise LookupError(f"kinds missing from the grammar: {missing}")
    return frozenset(index for name in names for index in _IDS[name])


def kind(name: str) -> int:
    """The id that nodes of a kind carry."""
    index = LANGUAGE.id_for_node_kind(name, True)
    if index is None:
        raise LookupError(f"kind missing from the grammar: {name}")
    return index


ERROR = 65535

IDENTIFIER = kind("identifier")
ATTRIBUTE = kind("attribute")
CALL = kind("call")
SUBSCRIPT = kind("subscript")
PARENTHESIZED = kind("parenthesized_expression")
NAMES = frozenset({IDENTIFIER, ATTRIBUTE})
AWAIT = kind("await")
STRING = kind("string")
INTEGER = kind("integer")
ASSIGNMENT = kind("assignment")
AUGMENTED = kind("augmented_assignment")
BOOLEAN = kind("boolean_operator")
BINARY = kind("binary_operator")
COMMENT = kind("comment")
KEYWORD_ARGUMENT = kind("keyword_argument")
LIST_SPLAT = kind("list_splat")
DICTIONARY_SPLAT = kind("dictionary_splat")
GENERATOR = kind("generator_expression")
TYPE = kind("type")
PAIR = kind("pair")
DECORATOR = kind("decorator")
FUNCTION = kind("function_definition")
CLASS = kind("class_definition")
ARGUMENTS = kind("argument_list")
PARAMETERS = kind("parameters")
TYPE_PARAMETER = kind("type_parameter")
DEFAULT_PARAMETER = kind("default_parameter")
TYPED_PARAMETER = kind("typed_parameter")
TYPED_DEFAULT_PARAMETER = kind("typed_default_parameter")
LIST_SPLAT_PATTERN = kind("list_splat_pattern")
DICTIONARY_SPLAT_PATTERN = kind("dictionary_splat_pattern")
FOR_CLAUSE = kind("for_in_clause")
IF_CLAUSE = kind("if_clause")
ELIF = kind("elif_clause")
ELSE = kind("else_clause")
EXCEPT = kind("except_clause")
FINALLY = kind("finally_clause")
CASE = kind("case_clause")
WITH_CLAUSE = kind("with_clause")
WITH_ITEM = kind("with_item")
INTERPOLATION = kind("interpolation")
FORMAT_SPECIFIER = kind("format_specifier")
FORMAT_EXPRESSION = kind("format_expression")
DOTTED_NAME = kind("dotted_name")
ALIASED_IMPORT = kind("aliased_import")
WILDCARD = kind("wildcard_import")
SLICE = kind("slice")
CONCATENATED = kind("concatenated_string")

CASE_PATTERN = kind("case_pattern")
UNION_PATTERN = kind("union_pattern")
DICT_PATTERN = kind("dict_pattern")
CLASS_PATTERN = kind("class_pattern")
COMPLEX_PATTERN = kind("complex_pattern")
KEYWORD_PATTERN = kind("keyword_pattern")
SPLAT_PATTERN = kind("splat_pattern")

AS_PATTERNS = kinds("as_pattern")
AS_TARGET = kind("as_pattern_target")
LAMBDAS = kinds("lambda")
BLOCKS = kinds("block")
SEQUENCE_TARGETS = kinds("pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list")
SPLATS = kinds("list_splat_pattern", "list_splat")
STARRED = SPLATS | kinds(
    "parenthesized_list_splat",
    "dictionary_splat",
    "dictionary_splat_pattern",
    "expression_list",
    "pattern_list",
    "splat_pattern",
    "splat_type",
)
"""Kinds that begin with a star by right."""
DELIMITED = kinds("parenthesized_expression", "tuple", "generator_expression")
CHAINED = frozenset({ATTRIBUTE, CALL, SUBSCRIPT})
WRAPPERS = frozenset({PARENTHESIZED, AWAIT})
NAME_OR_LITERAL = frozenset({IDENTIFIER}) | kinds("integer", "float", "true", "false", "none", "ellipsis")

TYPES = kinds("type", "constrained_type")
EXTRAS = kinds("comment", "line_continuation")
TOKENS = EXTRAS | frozenset(
    index for index in range(LANGUAGE.node_kind_count) if not LANGUAGE.node_kind_is_named(index)
)
"""Kinds that say nothing by themselves: punctuation, keywords, comments."""

SEPARATORS = kinds("positional_separator", "keyword_separator")
STRING_PIECES = TOKENS | kinds(
    "string_start",
    "string_content",
    "string_end",
    "type_conversion",
    "escape_interpolation",
    "escape_sequence",
)
