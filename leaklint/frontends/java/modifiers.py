"""What stands before a declaration: words that become flags, and annotations."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tree_sitter import Node

from leaklint.frontends.java.grammar import ANNOTATION, MARKER_ANNOTATION, kind
from leaklint.frontends.java.walk import EXPRESSIONS, Walk


class Modifiers(NamedTuple):
    """The words before a declaration, sorted by what they may be a flag of, and its annotations."""

    words: frozenset[str]
    method: frozenset[str]
    owner: frozenset[str]
    field: frozenset[str]
    local: frozenset[str]
    decorators: tuple[int, ...]


_METHOD_WORDS = frozenset(
    {"abstract", "override", "private", "protected", "public", "static", "synchronized"}
)
_OWNER_WORDS = frozenset({"abstract", "final", "public", "static"})
_FIELD_WORDS = frozenset({"final", "private", "protected", "public", "volatile"})
_LOCAL_WORDS = frozenset({"final"})


@cache
def _sorted(words: frozenset[str], decorators: tuple[int, ...] = ()) -> Modifiers:
    return Modifiers(
        words,
        words & _METHOD_WORDS,
        words & _OWNER_WORDS,
        words & _FIELD_WORDS,
        words & _LOCAL_WORDS,
        decorators,
    )


NO_MODIFIERS = _sorted(frozenset())
_ANNOTATIONS = frozenset({MARKER_ANNOTATION, ANNOTATION})
_WORDS = {
    kind(word, named=False): word
    for word in (
        "abstract",
        "default",
        "final",
        "native",
        "non-sealed",
        "private",
        "protected",
        "public",
        "sealed",
        "static",
        "strictfp",
        "synchronized",
        "transient",
        "volatile",
    )
}


def modifiers_of(walk: Walk, node: Node) -> Modifiers:
    """The words of a `modifiers` node, `override` for `@Override`, and the values of its annotations."""
    raw = walk.data[node.start_byte : node.end_byte]
    known = walk.modifiers.get(raw)
    if known is None:
        if b"@" in raw or b"/" in raw:
            return _annotated(walk, node)
        known = walk.modifiers[raw] = _sorted(frozenset(raw.decode("ascii", "replace").split()))
    return known


def _annotated(walk: Walk, node: Node) -> Modifiers:
    words: list[str] = []
    decorators: list[int] = []
    for child in node.children:
        number = child.kind_id
        if number in _WORDS:
            words.append(_WORDS[number])
        elif number in _ANNOTATIONS:
            at, end = child.start_byte, child.end_byte
            name = walk.data[at + 1 : end]
            if name == b"Override":
                words.append("override")
            if name.isalnum():  # only a name, which needs no look at its tree
                decorators.append(walk.b.name_value(walk.texts[name], at, end))
            else:
                decorators.append(EXPRESSIONS[number](walk, child))
    return _sorted(frozenset(words))._replace(decorators=tuple(decorators))
