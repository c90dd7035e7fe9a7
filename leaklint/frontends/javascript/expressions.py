"""Lowers expressions that are neither calls, functions, classes nor JSX to `Value` rows."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript.texts import LONGEST_CHAIN
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, Value


def identifier(w: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    text = w.data[at:end]
    place = w.names.get(text)
    if place is None:
        place = w.root(text)
    values = w.values
    values.append(Value("place", at, end, "", place))
    return len(values) - 1


def member(w: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    text = w.data[at:end]
    place = w.names.get(text)
    if place is None:
        place = w.chain(text) if end - at <= LONGEST_CHAIN else NONE
        if place == NONE:
            place = w.tables.spine(w, node)
    values = w.values
    values.append(Value("place", at, end, "", place))
    return len(values) - 1


def chained(w: Walk, node: Node) -> int:
    """Subscripts and optional chains: anything that is a place but no plain dotted name."""
    children = node.children
    if len(children) == 4 and children[0].kind_id in w.plain:  # `a.b[k]`
        holder = w.simple_place(children[0].start_byte, children[0].end_byte)
        if holder != NONE:
            name = literal_name(w, children[2])
            if not name:
                w.operands[children[2].kind_id](w, children[2])
            read = w.b.member(holder, name) if name else w.b.element(holder)
            return w.value_place(read, node.start_byte, node.end_byte)
    return w.value_place(w.tables.spine(w, node), node.start_byte, node.end_byte)


def place(w: Walk, node: Node) -> int:
    """The place that an expression reads, without a value row when it is a plain name."""
    if node.type in PLAIN:
        found = w.simple_place(node.start_byte, node.end_byte)
        if found != NONE:
            return found
    return w.tables.spine(w, node)


PLAIN = frozenset({"identifier", "this", "super", "member_expression"})


def meta_property(w: Walk, node: Node) -> int:
    """`new.target` and `import.meta` read as members of the names `new` and `import`."""
    head, _, last = w.text(node).partition(".")
    found = w.b.member(w.b.name(head.strip()), last.strip())
    return w.value_place(found, node.start_byte, node.end_byte)


def string(w: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    w.values.append(Value("string", at, end, w.decode(w.data[at + 1 : end - 1])))
    return len(w.values) - 1


def number(w: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    w.values.append(Value("number", at, end, w.decode(w.data[at:end])))
    return len(w.values) - 1


def boolean(w: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    w.values.append(Value("boolean", at, end, "true" if w.data[at : at + 1] == b"t" else "false"))
    return len(w.values) - 1


def null(w: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    w.values.append(Value("null", at, end, w.decode(w.data[at:end])))
    return len(w.values) - 1


def opaque(w: Walk, node: Node) -> int:
    """A value that holds nothing worth knowing: a regular expression, a hole."""
    return w.opaque_value(node)


def template(w: Walk, node: Node) -> int:
    if not any(child.type == "template_substitution" for child in node.children):
        return string(w, node)
    parts: list[int] = []
    for child in node.children:
        if child.type == "template_substitution":
            parts.extend(operands(w, child))
        elif child.type == "string_fragment":
            at, end = child.start_byte, child.end_byte
            parts.append(w.b.value("string", at, end, w.decode(w.data[at:end])))
    return w.b.value("template", node.start_byte, node.end_byte, parts=tuple(parts))


def operands(w: Walk, node: Node) -> list[int]:
    """Values of every expression directly inside a node; tokens and comments are none."""
    table = w.expressions
    found: list[int] = []
    for child in node.children:
        handler = table[child.kind_id]
        if handler is not None:
            found.append(handler(w, child))
    return found


def inner(w: Walk, node: Node) -> int:
    """Wrappers vanish: parentheses, `await`, `as`, `satisfies`, `!`, type arguments, type assertions."""
    handlers = w.expressions
    children = node.children
    value = NONE
    if len(children) == 3:
        handler = handlers[children[1].kind_id]
        if handler is not None:  # `( … )`
            return handler(w, children[1])
    for child in children:
        handler = handlers[child.kind_id]
        if handler is not None:
            found = handler(w, child)
            if value == NONE or not child.is_error:
                value = found
    return value if value != NONE else w.opaque_value(node)


def awaited(w: Walk, node: Node) -> int:
    value = inner(w, node)
    w.b.leave("await", node.start_byte, node.end_byte)
    return value


def sequence(w: Walk, node: Node) -> int:
    """`a, b`: every operand is walked, the last is the value; the tree nests to the left or right."""
    found = operands(w, node)
    return found[-1] if found else w.opaque_value(node)


def array(w: Walk, node: Node) -> int:
    parts = tuple(operands(w, node))
    return w.b.value("container", node.start_byte, node.end_byte, "array", parts)


def spread(w: Walk, node: Node) -> int:
    return w.b.value("spread", node.start_byte, node.end_byte, parts=tuple(operands(w, node)))


def yield_(w: Walk, node: Node) -> int:
    found = operands(w, node)
    value = found[-1] if found else NONE
    if value != NONE and any(child.type == "*" for child in node.children):
        value = w.b.value("spread", node.start_byte, node.end_byte, parts=(value,))
    w.b.leave("yield", node.start_byte, node.end_byte, value)
    return w.opaque_value(node)


def expression(w: Walk, node: Node) -> int:
    """The value of any node; what is no expression is an opaque value."""
    return w.operands[node.kind_id](w, node)


def named(w: Walk, node: Node, name: str, symbol: int) -> int:
    """An expression that is bound to a name at once: functions, classes and objects learn it."""
    kind = node.kind_id
    handler = w.named.get(kind)
    return w.operands[kind](w, node) if handler is None else handler(w, node, name, symbol)


def significant(w: Walk, node: Node) -> list[Node]:
    """Children without comments and errors, for nodes whose shape is a sequence; errors are walked first."""
    found: list[Node] = []
    for child in node.children:
        if child.is_error:
            broken(w, child)
        elif not child.is_extra:
            found.append(child)
    return found


def unwrapped(w: Walk, node: Node) -> Node:
    """What stands inside parentheses, `!`, `as` and the like."""
    while node.type in WRAPPERS:
        for child in node.children:
            if w.expressions[child.kind_id] is not None:
                node = child
                break
        else:
            return node
    return node


WRAPPERS = frozenset(
    {
        "parenthesized_expression",
        "non_null_expression",
        "as_expression",
        "satisfies_expression",
        "type_assertion",
        "instantiation_expression",
        "await_expression",
    }
)


def subscript(w: Walk, node: Node) -> tuple[int, int, str]:
    """Container, key value and, for `a["name"]`, the name, in evaluation order."""
    index = node.child_by_field_name("index")
    holder_node = node.child_by_field_name("object")
    holder = place(w, holder_node) if holder_node is not None else w.b.nowhere()
    if index is None:
        return holder, w.opaque_value(node), ""
    name = literal_name(w, index)
    return holder, NONE if name else expression(w, index), name


def literal_name(w: Walk, node: Node) -> str:
    """The content of a string literal that could have been written as `.name`, else ""."""
    if node.type != "string":
        return ""
    text = w.decode(w.data[node.start_byte + 1 : node.end_byte - 1])
    return text if text.isidentifier() or (text and text.replace("$", "_").isidentifier()) else ""


def broken(w: Walk, node: Node) -> int:
    """An ERROR, or a node that error recovery left without its usual shape: its parts are still walked."""
    w.b.opaque("syntax error", node.start_byte, node.end_byte)
    for child in node.children:
        run = w.statements[child.kind_id]
        if run is not None:
            run(w, child)
        else:
            handler = w.expressions[child.kind_id]
            if handler is not None:
                handler(w, child)
    return w.opaque_value(node)
