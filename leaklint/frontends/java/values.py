"""Literals, and what operators, arrays and templates make of other values."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.calls import arguments
from leaklint.frontends.java.grammar import BINARY, IDENTIFIER, STRING, THIS, kind
from leaklint.frontends.java.walk import EXPRESSIONS, Walk, expression, fragments
from leaklint.ir import NONE

_DIMENSION = kind("dimensions_expr")
_INITIALIZER = kind("array_initializer")
_HOLE = kind("string_interpolation")
_NUMBERS = (
    "decimal_integer_literal",
    "hex_integer_literal",
    "octal_integer_literal",
    "binary_integer_literal",
    "decimal_floating_point_literal",
    "hex_floating_point_literal",
)
_BINARY_OPERATORS = "> < >= <= == != && || + - * / & | ^ % << >> >>>"
_UNARY_OPERATORS = "+ - ! ~"
_SPELT = {"&&": "and", "||": "or"}
_BINARY = {kind(text, named=False): _SPELT.get(text, text) for text in _BINARY_OPERATORS.split()}
_UNARY = {kind(text, named=False): text.replace("!", "not") for text in _UNARY_OPERATORS.split()}
# operands in which nothing can happen: they need no region of their own
_STILL = frozenset({IDENTIFIER, THIS, STRING, *map(kind, (*_NUMBERS, "true", "false", "null_literal"))})


@expression(*_NUMBERS)
def number(walk: Walk, node: Node) -> int:
    return walk.b.value("number", node.start_byte, node.end_byte, walk.text(node))


@expression("true", "false")
def boolean(walk: Walk, node: Node) -> int:
    return walk.b.value("boolean", node.start_byte, node.end_byte, walk.text(node))


@expression("null_literal")
def null(walk: Walk, node: Node) -> int:
    return walk.b.value("null", node.start_byte, node.end_byte)


@expression("string_literal", "character_literal")
def string(walk: Walk, node: Node) -> int:
    """The content as it is written: escapes and the indentation of text blocks stay."""
    at, end = node.start_byte, node.end_byte
    raw = walk.data[at:end]
    quotes = 3 if raw[:3] == b'"""' and len(raw) >= 6 else 1
    return walk.b.value("string", at, end, raw[quotes:-quotes].decode("utf-8", "replace"))


@expression("binary_expression", nests=True)
def binary(walk: Walk, node: Node) -> int:
    """Chains are read from their leftmost operand; `a + b + c` is one operation with three parts."""
    chain: list[list[Node]] = []
    while node.kind_id == BINARY:
        children = node.children
        if len(children) != 3:
            children = walk.without_extras(children)
            if len(children) != 3:
                break
        chain.append(children)
        node = children[0]
    at = node.start_byte
    if node.kind_id == BINARY:
        fragments(walk, node)
        value = walk.opaque(node, node.type)
    else:
        value = EXPRESSIONS[node.kind_id](walk, node)
    sum_: list[int] = []  # operands of the `+` being read
    make = walk.b.value
    while chain:
        left, sign, right = chain.pop()
        operator = _BINARY.get(sign.kind_id, "?")
        if operator == "+":
            if not sum_:
                sum_ = [value]
            sum_.append(EXPRESSIONS[right.kind_id](walk, right))
            end = right.end_byte
            continue
        if sum_:
            value, sum_ = make("operation", at, left.end_byte, "+", tuple(sum_)), []
        if operator == "and" or operator == "or":
            other = perhaps(walk, right, value, operator == "or")
        else:
            other = EXPRESSIONS[right.kind_id](walk, right)
        value = make("operation", at, right.end_byte, operator, (value, other))
    if sum_:
        value = make("operation", at, end, "+", tuple(sum_))
    return value


def perhaps(walk: Walk, node: Node, test: int, negated: bool) -> int:
    """An operand that is evaluated only if `test` holds: in a region, if anything happens in it."""
    if node.kind_id in _STILL:
        return EXPRESSIONS[node.kind_id](walk, node)
    b = walk.b
    before = len(b.effects), len(b.scopes)
    region = b.open_region("branch", node.start_byte, test=test, negated=negated)
    value = EXPRESSIONS[node.kind_id](walk, node)
    if (len(b.effects), len(b.scopes)) == before and len(b.regions) == region + 1:
        b.region = b.regions.pop().parent
    else:
        b.close_region(node.end_byte)
    return value


@expression("unary_expression", nests=True)
def unary(walk: Walk, node: Node) -> int:
    children = walk.without_extras(node.children)
    if len(children) != 2:
        fragments(walk, node)
        return walk.opaque(node, node.type)
    sign, operand = children
    operator = _UNARY.get(sign.kind_id, "?")
    walk.negations += operator == "not"
    value = EXPRESSIONS[operand.kind_id](walk, operand)
    walk.negations -= operator == "not"
    return walk.b.value("operation", node.start_byte, node.end_byte, operator, (value,))


@expression("ternary_expression", nests=True)
def ternary(walk: Walk, node: Node) -> int:
    children = walk.without_extras(node.named_children)
    if len(children) != 3:
        fragments(walk, node)
        return walk.opaque(node, node.type)
    condition, then, otherwise = children
    test = EXPRESSIONS[condition.kind_id](walk, condition)
    parts = perhaps(walk, then, test, False), perhaps(walk, otherwise, test, True)
    return walk.b.value("conditional", node.start_byte, node.end_byte, "", parts)


@expression("array_creation_expression", nests=True)
def array_creation(walk: Walk, node: Node) -> int:
    value = NONE
    for child in node.named_children:
        if child.kind_id == _DIMENSION:
            for size in child.named_children:
                EXPRESSIONS[size.kind_id](walk, size)
        elif child.kind_id == _INITIALIZER:
            value = EXPRESSIONS[_INITIALIZER](walk, child)
    if value == NONE:
        return walk.b.value("container", node.start_byte, node.end_byte, "array")
    return value


@expression("array_initializer", "element_value_array_initializer", nests=True)
def array_initializer(walk: Walk, node: Node) -> int:
    return walk.b.value("container", node.start_byte, node.end_byte, "array", arguments(walk, node))


@expression("template_expression", nests=True)
def template(walk: Walk, node: Node) -> int:
    """`STR."a \\{b}"`, a preview that came and went: the processor's name is not kept."""
    parts: list[int] = []
    for child in node.named_children:
        if child.kind_id != STRING:
            EXPRESSIONS[child.kind_id](walk, child)
            continue
        for hole in child.named_children:
            if hole.kind_id == _HOLE:
                parts.extend(arguments(walk, hole))
    return walk.b.value("template", node.start_byte, node.end_byte, "", tuple(parts))
