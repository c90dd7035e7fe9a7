"""The `match` statement: each case is a branch, each captured name a binding."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.control import all_leave, balance
from leaklint.frontends.python.dispatch import DEPTH, block, expression, statements, value
from leaklint.frontends.python.grammar import (
    AS_PATTERNS,
    BLOCKS,
    CASE,
    CASE_PATTERN,
    CLASS_PATTERN,
    DICT_PATTERN,
    DOTTED_NAME,
    EXTRAS,
    IDENTIFIER,
    IF_CLAUSE,
    KEYWORD_PATTERN,
    SEQUENCE_TARGETS,
    SPLAT_PATTERN,
    TOKENS,
    UNION_PATTERN,
)
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE

Captures = list[tuple[Node, int]]
"""Names that a pattern binds, with the value that each takes."""


@statements("match_statement")
def _match(walk: Walk, node: Node) -> str:
    subjects: list[int] = []
    arms: list[str] = []
    exhaustive = False
    for child in node.children:
        kind = child.kind_id
        if kind in BLOCKS:
            subject = _subject(walk, node, subjects)
            for part in walk.parts(child):
                if part.kind_id == CASE:
                    leaves, always = _case(walk, part, subject)
                    arms.append(leaves)
                    exhaustive = exhaustive or always
        elif kind not in TOKENS:
            subjects.append(value(walk, child))
    return all_leave(arms) if exhaustive else ""


def _subject(walk: Walk, node: Node, subjects: list[int]) -> int:
    if len(subjects) == 1:
        return subjects[0]
    return walk.builder.value("container", node.start_byte, node.end_byte, "tuple", tuple(subjects))


def _case(walk: Walk, node: Node, subject: int) -> tuple[str, bool]:
    """Lower one case: how it leaves, and whether it always matches."""
    builder = walk.builder
    outside = builder.region
    patterns: list[Node] = []
    leaves, always, end = "", False, node.end_byte
    for child in node.children:
        kind = child.kind_id
        if kind in BLOCKS:
            if builder.region == outside:
                always = _open(walk, node, patterns, subject)
            leaves = block(walk, child)
        elif kind == IF_CLAUSE:
            _open(walk, node, patterns, subject)
            test = NONE
            for part in walk.parts(child):
                if part.kind_id not in TOKENS:
                    test = value(walk, part)
            builder.open_region("branch", child.start_byte, test=test)
        elif kind not in EXTRAS and (kind == CASE_PATTERN or kind not in TOKENS):
            patterns.append(child)
    balance(walk, outside, end, leaves)
    return leaves, always


def _open(walk: Walk, node: Node, patterns: list[Node], subject: int) -> bool:
    """Open the region of a case and bind what its patterns capture; whether it always matches."""
    builder = walk.builder
    captures: Captures = []
    at = node.start_byte
    end = patterns[-1].end_byte if patterns else at
    if len(patterns) == 1 and walk.data[patterns[0].end_byte : patterns[0].end_byte + 1] != b",":
        matched = _pattern(walk, patterns[0], subject, captures)
    else:
        matched = _sequence(walk, patterns, subject, captures, at, end)
    alternatives: tuple[int, ...] = (matched,)
    if matched == NONE:
        alternatives = ()
    elif walk.values[matched].text == "|":
        alternatives = walk.values[matched].parts
    test = builder.value("operation", at, end, "case", (subject, *alternatives))
    builder.open_region("branch", at, test=test)
    for name, taken in captures:
        name_at, name_end = name.start_byte, name.end_byte
        walk.bind_name(walk.data[name_at:name_end], taken, "assign", name_at, name_end, name_end)
    return matched == NONE


def _pattern(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    """The value that a pattern compares with; NONE when it matches anything."""
    if walk.depth > DEPTH:
        return walk.too_deep(node)
    walk.depth += 1
    matched = _dispatch(walk, node, source, captures)
    walk.depth -= 1
    return matched


def _dispatch(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    kind = node.kind_id
    if kind == CASE_PATTERN:
        return _wrapped(walk, node, source, captures)
    if kind == DOTTED_NAME or kind == IDENTIFIER:
        raw = walk.source(node)
        if b"." in raw:
            return walk.place_value(walk.place(raw), node.start_byte, node.end_byte)
        captures.append((node, source))
        return NONE
    if kind in AS_PATTERNS:
        return _as(walk, node, source, captures)
    if kind == UNION_PATTERN:
        return _union(walk, node, source, captures)
    if kind in SEQUENCE_TARGETS:
        return _brackets(walk, node, source, captures)
    if kind == DICT_PATTERN:
        return _mapping(walk, node, source, captures)
    if kind == CLASS_PATTERN:
        return _class(walk, node, source, captures)
    if kind == SPLAT_PATTERN:
        return _splat(walk, node, source, captures)
    if kind in TOKENS:
        return NONE
    return value(walk, node)


def _wrapped(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    """A pattern proper: `_`, `-1` or one inner pattern."""
    inner = walk.parts(node)
    if len(inner) == 2 and inner[0].type == "-":
        part = value(walk, inner[1])
        return walk.builder.value("operation", node.start_byte, node.end_byte, "-", (part,))
    return _pattern(walk, inner[0], source, captures) if inner else NONE


@expression("complex_pattern")
def _complex(walk: Walk, node: Node) -> int:
    return walk.builder.value("number", node.start_byte, node.end_byte, walk.texts[walk.source(node)])


def _as(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    inner, *_, name = walk.parts(node)
    matched = _pattern(walk, inner, source, captures)
    captures.append((name, source))
    return matched


def _union(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    matched, negative = [], False
    always = False
    for child in walk.parts(node):
        if child.kind_id in TOKENS and child.type in "|-":
            negative = child.type == "-"
            continue
        part = _pattern(walk, child, source, captures)
        if negative and part != NONE:
            part = walk.builder.value("operation", child.start_byte - 1, child.end_byte, "-", (part,))
        negative = False
        always = always or part == NONE
        matched.append(part)
    if always:
        return NONE
    return walk.builder.value("operation", node.start_byte, node.end_byte, "|", tuple(matched))


def _brackets(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    children = walk.parts(node)
    patterns = [child for child in children if child.kind_id not in TOKENS]
    if len(patterns) == 1 and len(children) == 3 and children[0].type == "(":
        return _pattern(walk, patterns[0], source, captures)
    return _sequence(walk, patterns, source, captures, node.start_byte, node.end_byte)


def _sequence(walk: Walk, patterns: list[Node], source: int, captures: Captures, at: int, end: int) -> int:
    pieces = _pieces(walk, patterns, source)
    parts = [
        _pattern(walk, pattern, piece, captures) for pattern, piece in zip(patterns, pieces, strict=True)
    ]
    filled = tuple(part if part != NONE else walk.builder.value("opaque", at, at) for part in parts)
    return walk.builder.value("container", at, end, "list", filled)


def _pieces(walk: Walk, patterns: list[Node], source: int) -> list[int]:
    """What each pattern of a sequence looks at."""
    row = walk.values[source]
    if row.kind == "container" and len(row.parts) == len(patterns) and row.text in ("tuple", "list"):
        return list(row.parts)
    return [_inside(walk, source, "")] * len(patterns)


def _inside(walk: Walk, source: int, attribute: str) -> int:
    """One step into the subject: an element, or an attribute."""
    builder = walk.builder
    row = builder.values[source]
    if row.kind != "place" and row.kind != "call":
        return builder.value("opaque", row.at, row.end)
    place = builder.place_of(source)
    place = builder.member(place, attribute) if attribute else builder.element(place)
    return walk.place_value(place, row.at, row.end)


def _splat(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    """`*rest` and `**rest` take what is left in a fresh container."""
    *_, name = walk.parts(node)
    if name.kind_id == IDENTIFIER:
        at, end = node.start_byte, node.end_byte
        text = "dict" if walk.data[at : at + 2] == b"**" else "list"
        spread = walk.builder.value("spread", at, end, "", (source,))
        captures.append((name, walk.builder.value("container", at, end, text, (spread,))))
    return NONE


def _mapping(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    builder = walk.builder
    keys: list[str] = []
    parts: list[int] = []
    key = NONE
    inside = _inside(walk, source, "")
    for child in walk.parts(node):
        kind = child.kind_id
        if kind == SPLAT_PATTERN:
            _splat(walk, child, source, captures)
        elif kind in TOKENS:
            continue
        elif kind != CASE_PATTERN or key == NONE:
            key = _pattern(walk, child, source, [])
            keys.append(walk.values[key].text if key != NONE else "")
        else:
            part = _pattern(walk, child, inside, captures)
            parts.append(part if part != NONE else builder.value("opaque", child.start_byte, child.end_byte))
            key = NONE
    if len(keys) != len(parts):
        keys = [""] * len(parts)
    return builder.value("container", node.start_byte, node.end_byte, "dict", tuple(parts), tuple(keys))


def _class(walk: Walk, node: Node, source: int, captures: Captures) -> int:
    """The class decides; which attributes positional patterns look at is not known here."""
    name, *rest = walk.parts(node)
    for child in rest:
        if child.kind_id in TOKENS:
            continue
        inner = walk.parts(child)[0] if child.kind_id == CASE_PATTERN and walk.parts(child) else child
        if inner.kind_id == KEYWORD_PATTERN:
            attribute, *_, pattern = walk.parts(inner)
            taken = _inside(walk, source, walk.texts[walk.source(attribute)])
            _pattern(walk, pattern, taken, captures)
        else:
            _pattern(walk, child, walk.opaque_value(child), captures)
    return walk.place_value(walk.place(walk.source(name)), name.start_byte, name.end_byte)
