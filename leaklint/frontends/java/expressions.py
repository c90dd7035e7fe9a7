"""Expressions: every handler returns the index of the value that it made."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import (
    ARGUMENTS,
    BINARY,
    CALL,
    COMMENTS,
    ELEMENT,
    FIELD_ACCESS,
    IDENTIFIER,
    LEFT_OUT,
    PARENTHESES,
    SCOPED_TYPE,
    SKIPPED,
    STRING,
    SUPER,
    THIS,
    TYPE_IDENTIFIER,
    TYPES,
    kind,
)
from leaklint.frontends.java.walk import (
    DEEPEST,
    EXPRESSIONS,
    PLACES,
    Walk,
    expression,
    fragments,
    place_of,
)
from leaklint.ir import NONE

_ASSIGNMENT = kind("assignment_expression")
_DIMENSION = kind("dimensions_expr")
_INITIALIZER = kind("array_initializer")
_HOLE = kind("string_interpolation")
_ANNOTATION_ARGUMENTS = kind("annotation_argument_list")
_PAIR = kind("element_value_pair")
_SCOPED_NAME = kind("scoped_identifier")
NAMES = frozenset({IDENTIFIER, _SCOPED_NAME})
_ASSIGN = kind("=", named=False)
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


@expression("identifier")
def identifier(walk: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    return walk.b.name_value(walk.texts[walk.data[at:end]], at, end)


PLACES[IDENTIFIER] = Walk.name


@expression("this")
def this(walk: Walk, node: Node) -> int:
    return walk.b.place_value(walk.b.this(), node.start_byte, node.end_byte)


@expression("super")
def superclass(walk: Walk, node: Node) -> int:
    return walk.b.place_value(super_place(walk, node), node.start_byte, node.end_byte)


def _this_place(walk: Walk, node: Node) -> int:
    return walk.b.this()


def super_place(walk: Walk, node: Node) -> int:
    """The `super` of the class around; declared there at its first use."""
    b = walk.b
    scope = b.scope
    while scope != NONE and b.scopes[scope].kind != "class":
        scope = b.scopes[scope].parent
    if scope == NONE:
        return b.name("super")
    owner = b.scopes[scope].owner
    symbol = b.declare("super", "super", node.start_byte, node.end_byte, scope=scope, target=owner)
    return b.symbol_place(symbol)


PLACES[THIS] = _this_place
PLACES[SUPER] = super_place


def outer_this(walk: Walk, name: str) -> int:
    """The place of `Name.this`; anonymous classes bear the name of their base and are passed over."""
    b = walk.b
    owner = b.scopes[b.scope].owner
    while owner != NONE:
        row = b.owners[owner]
        if row.name == name and row.kind != "anonymous":
            return b.symbol_place(row.this)
        owner = row.outer
    return b.this()


@expression("field_access")
def field_access(walk: Walk, node: Node) -> int:
    return walk.b.place_value(field_place(walk, node), node.start_byte, node.end_byte)


def field_place(walk: Walk, node: Node) -> int:
    """The place of `a.b.c`; long chains are walked, not recursed into."""
    path = walk.paths[walk.data[node.start_byte : node.end_byte]]
    if path:
        b = walk.b
        place = b.this() if path[0] == "this" else b.name(path[0])
        for name in path[1:]:
            place = b.member(place, name)
        return place
    names: list[Node] = []
    while node.kind_id == FIELD_ACCESS:
        children = node.children
        if len(children) != 3:
            children = walk.without_extras(children)
        if len(children) < 3:
            break
        if children[-1].kind_id == THIS and len(names) < DEEPEST:
            place = outer_this(walk, walk.text(children[0]).rpartition(".")[2])
            return members_of(walk, place, names[::-1])
        names.append(children[-1])
        node = children[0] if len(children) == 3 else children[2]
    if node.kind_id == SUPER:
        return members_of(walk, walk.b.this(), names[::-1])  # inherited fields are fields of this
    if walk.depth + len(names) > DEEPEST or node.kind_id == FIELD_ACCESS:
        walk.too_deep(node)
        return walk.b.nowhere()
    walk.depth += 1
    place = place_of(walk, node)
    walk.depth -= 1
    return members_of(walk, place, names[::-1])


def members_of(walk: Walk, place: int, names: list[Node]) -> int:
    """The place of `place.a.b` for the identifiers a and b."""
    member = walk.b.member
    for name in names:
        place = member(place, walk.text(name))
    return place


PLACES[FIELD_ACCESS] = field_place


@expression("array_access")
def array_access(walk: Walk, node: Node) -> int:
    return walk.b.place_value(element_place(walk, node), node.start_byte, node.end_byte)


def element_place(walk: Walk, node: Node) -> int:
    container, _ = element(walk, node)
    return walk.b.element(container)


def element(walk: Walk, node: Node) -> tuple[int, int]:
    """The place of the container and the value of the index of `a[i]`."""
    children = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
    if len(children) != 2 or walk.depth > DEEPEST:
        return walk.b.nowhere(), walk.too_deep(node)
    walk.depth += 1
    container = place_of(walk, children[0])
    index = EXPRESSIONS[children[1].kind_id](walk, children[1])
    walk.depth -= 1
    return container, index


PLACES[ELEMENT] = element_place


def _inside(node: Node) -> Node:
    """What stands in parentheses, however many; the node itself where nothing is understood."""
    while node.kind_id == PARENTHESES:
        children = node.children
        if len(children) == 3:
            node = children[1]
            continue
        inner = node
        for child in children:
            if child.is_named and child.kind_id not in LEFT_OUT:
                inner = child
        if inner is node:
            break
        node = inner
    return node


@expression("parenthesized_expression")
def parentheses(walk: Walk, node: Node) -> int:
    inner = _inside(node)
    if walk.depth > DEEPEST or inner.kind_id == PARENTHESES:
        return walk.too_deep(node)
    walk.depth += 1
    value = EXPRESSIONS[inner.kind_id](walk, inner)
    walk.depth -= 1
    return value


def _parentheses_place(walk: Walk, node: Node) -> int:
    return walk.b.place_of(parentheses(walk, node))


PLACES[PARENTHESES] = _parentheses_place


@expression("cast_expression", nests=True)
def cast(walk: Walk, node: Node) -> int:
    children = walk.without_extras(node.named_children)
    if not children or children[-1].kind_id in TYPES:
        return walk.opaque(node, "cast_expression")
    return EXPRESSIONS[children[-1].kind_id](walk, children[-1])


@expression("method_invocation")
def call(walk: Walk, node: Node) -> int:
    return walk.b.call_value(invoke(walk, node), node.start_byte, node.end_byte)


def _call_place(walk: Walk, node: Node) -> int:
    return walk.b.result(invoke(walk, node))


PLACES[CALL] = _call_place


def invoke(walk: Walk, node: Node) -> int:
    """Lower a call to its effect."""
    children = node.children
    first = children[0]
    number = first.kind_id
    if number == CALL:
        return _chain(walk, node, children)
    if walk.depth > DEEPEST:
        walk.too_deep(node)
        return walk.b.call("", node.start_byte, node.end_byte, receiver=walk.b.nowhere())
    walk.depth += 1
    if len(children) == 4 and children[2].kind_id == IDENTIFIER:
        if number == IDENTIFIER:
            receiver = walk.b.name(walk.texts[walk.data[first.start_byte : first.end_byte]])
        else:
            receiver = place_of(walk, first)
        effect = _call(walk, node, children, receiver)
    elif len(children) == 2:
        effect = _call(walk, node, children, NONE)
        walk.unqualified.append(effect)
    else:
        effect = _unusual(walk, node, children)
    walk.depth -= 1
    return effect


def _chain(walk: Walk, node: Node, children: list[Node]) -> int:
    """`a.b().c()`, from the innermost call outwards and without recursion."""
    outer: list[tuple[Node, list[Node]]] = []
    while children[0].kind_id == CALL:
        outer.append((node, children))
        node = children[0]
        children = node.children
    effect = invoke(walk, node)
    walk.depth += 1
    while outer:
        node, children = outer.pop()
        effect = _call(walk, node, children, walk.b.result(effect))
    walk.depth -= 1
    return effect


def _unusual(walk: Walk, node: Node, children: list[Node]) -> int:
    """A call with type arguments, `Outer.super`, comments or errors."""
    children = walk.without_extras(children)
    if len(children) == 2:
        effect = _call(walk, node, children, NONE)
        walk.unqualified.append(effect)
        return effect
    supers = [child for child in children if child.kind_id == SUPER]
    receiver = place_of(walk, supers[0] if supers else children[0]) if children else walk.b.nowhere()
    return _call(walk, node, children, receiver)


def _call(walk: Walk, node: Node, children: list[Node], receiver: int) -> int:
    name, given = children[-2], children[-1]
    if name.kind_id != IDENTIFIER or given.kind_id != ARGUMENTS:
        name, given = _name_and_arguments(walk, node, children)
    at = name.start_byte
    values = arguments(walk, given)
    return walk.b.call(
        walk.texts[walk.data[at : name.end_byte]],
        node.start_byte,
        node.end_byte,
        receiver=receiver,
        args=values,
        at_name=at,
    )


def _name_and_arguments(walk: Walk, node: Node, children: list[Node]) -> tuple[Node, Node]:
    """Where comments or errors stand between them; a node without arguments where there are none."""
    children = walk.without_extras(children)
    name = next((child for child in reversed(children) if child.kind_id == IDENTIFIER), node)
    return name, children[-1] if children and children[-1].kind_id == ARGUMENTS else name


def arguments(walk: Walk, node: Node) -> tuple[int, ...]:
    """The values of what stands in parentheses or braces."""
    if node.end_byte - node.start_byte == 2:
        return ()
    b = walk.b
    values: list[int] = []
    for child in node.children:
        number = child.kind_id
        if number == IDENTIFIER:
            at, end = child.start_byte, child.end_byte
            values.append(b.name_value(walk.texts[walk.data[at:end]], at, end))
        elif number not in SKIPPED:
            values.append(EXPRESSIONS[number](walk, child))
    return tuple(values)


def split_type(node: Node) -> list[Node]:
    """The names of a written type without its arguments and dimensions: `java`, `util`, `Map`."""
    names: list[Node] = []
    while True:
        inner = [child for child in node.named_children if child.kind_id in TYPES]
        if not inner:
            break
        if node.kind_id == SCOPED_TYPE and len(inner) > 1:
            names.append(inner[-1])
        node = inner[0]
    names.append(node)
    names.reverse()
    return names


def type_place(walk: Walk, node: Node) -> int:
    """The place of a type as a value: what `Foo` of `Foo.class`, `instanceof Foo` or `new Foo()` reads."""
    if node.kind_id == TYPE_IDENTIFIER:
        return walk.name(node)
    first, *rest = split_type(node)
    return members_of(walk, walk.name(first), rest)


def type_value(walk: Walk, node: Node) -> int:
    return walk.b.place_value(type_place(walk, node), node.start_byte, node.end_byte)


@expression("class_literal")
def class_literal(walk: Walk, node: Node) -> int:
    written = [child for child in node.named_children if child.kind_id in TYPES]
    if not written:
        return walk.opaque(node, node.type)
    place = walk.b.member(type_place(walk, written[0]), "class")
    return walk.b.place_value(place, node.start_byte, node.end_byte)


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


@expression("assignment_expression", nests=True)
def assignment(walk: Walk, node: Node) -> int:
    target, _ = assign(walk, node)
    return walk.b.place_value(target, node.start_byte, node.end_byte)


def assign(walk: Walk, node: Node) -> tuple[int, int]:
    """Bind what is assigned; returns the place of the target and the value. `a = b = v` binds v twice."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = node.children
    if len(children) != 3:
        children = walk.without_extras(children)
        if len(children) != 3:
            fragments(walk, node)
            return b.nowhere(), walk.opaque(node, node.type)
    left, sign, right = children
    container = key = NONE
    if left.kind_id == ELEMENT:
        container, key = element(walk, left)
        target = b.element(container)
    else:
        target = place_of(walk, left)
    if right.kind_id == _ASSIGNMENT and walk.depth <= DEEPEST:
        walk.depth += 1
        value = assign(walk, right)[1]
        walk.depth -= 1
    else:
        value = EXPRESSIONS[right.kind_id](walk, right)
    if sign.kind_id != _ASSIGN:
        b.bind(target, value, "augment", at, end, op=walk.text(sign)[:-1])
    elif key != NONE:
        b.bind(container, value, "element", at, end, key=key)
    else:
        b.bind(target, value, "assign", at, end)
    return target, value


@expression("update_expression")
def update(walk: Walk, node: Node) -> int:
    return walk.b.place_value(step(walk, node), node.start_byte, node.end_byte)


def step(walk: Walk, node: Node) -> int:
    """Bind `x++` and its like as `x += 1`; returns the place of x."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    operands = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
    if not operands or walk.depth > DEEPEST:
        walk.too_deep(node)
        return b.nowhere()
    walk.depth += 1
    target = place_of(walk, operands[0])
    walk.depth -= 1
    sign = node.children[0 if walk.data[at : at + 1] in b"+-" else -1]
    b.bind(target, b.value("number", at, end, "1"), "augment", at, end, op=walk.text(sign)[:1])
    return target


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


@expression("marker_annotation", "annotation", nests=True)
def annotation(walk: Walk, node: Node) -> int:
    """`@A` reads A; `@A(x)` and `@A(k = x)` call it."""
    at, end = node.start_byte, node.end_byte
    names = [child for child in node.named_children if child.kind_id in NAMES]
    if not names:
        return walk.opaque(node, node.type)
    *path, last = dotted(names[0])
    place = members_of(walk, walk.name(path[0]), path[1:]) if path else NONE
    given = node.named_children[-1]
    if given.kind_id != _ANNOTATION_ARGUMENTS:
        return walk.b.place_value(walk.b.member(place, walk.text(last)) if path else walk.name(last), at, end)
    values: list[int] = []
    keywords: list[tuple[str, int]] = []
    for child in given.named_children:
        if child.kind_id == _PAIR:
            key, *_, value = child.named_children
            keywords.append((walk.text(key), EXPRESSIONS[value.kind_id](walk, value)))
        elif child.kind_id not in COMMENTS:
            values.append(EXPRESSIONS[child.kind_id](walk, child))
    effect = walk.b.call(
        walk.text(last),
        at,
        end,
        receiver=place,
        callee=NONE if path else walk.name(last),
        args=tuple(values),
        keywords=tuple(keywords),
        at_name=last.start_byte,
    )
    return walk.b.call_value(effect, at, end)


def dotted(node: Node) -> list[Node]:
    """The identifiers of `a.b.c`, from left to right."""
    names: list[Node] = []
    while node.kind_id == _SCOPED_NAME:
        children = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
        if len(children) < 2:
            break
        names.append(children[-1])
        node = children[0]
    names.append(node)
    names.reverse()
    return names
