"""Calls and displays of nothing but names, numbers and short strings, read from the text.

Six calls in ten are like `self.items.append(x)` or `f(1, key="a")`, and a third of all nodes of a tree stand
in them. A regular expression is exact here: the tree says that the text is a call, and without brackets,
operators, comments and escapes there is only one way to read it.
"""

from __future__ import annotations

import re

from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE, Call, Value

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_DOTTED = rb"%s(?:\.%s)*+" % (_NAME, _NAME)
_ITEM = rb"""(?:%s=)?+(?:%s|\d\w*+(?:\.\d*+)?+|"[^"\\\n,]*+"|'[^'\\\n,]*+')""" % (_NAME, _DOTTED)
_ITEMS = rb"\s*+(?:%s\s*+(?:,\s*+%s\s*+)*+,?\s*+)?+" % (_ITEM, _ITEM)
_CALL = re.compile(rb"(%s)\((%s)\)" % (_DOTTED, _ITEMS))
_DISPLAY = re.compile(rb"[(\[{](%s)[)\]}]" % _ITEMS.replace(b"(?:%s=)?+" % _NAME, b""))
_NAMES = re.compile(rb"\(\s*+(%s\s*+(?:,\s*+%s\s*+)*+)\)" % (_NAME, _NAME))

_LONGEST = 300
"""Longer texts are seldom plain, and dear to try."""

_QUOTES = b"\"'"
_DIGITS = b"0123456789"


def plain_call(walk: Walk, at: int, end: int) -> int:
    """The effect of a plain call; NONE if it is not plain."""
    if end - at > _LONGEST:
        return NONE
    found = _CALL.fullmatch(walk.data, at, end)
    if found is None:
        return NONE
    function, text = found.groups()
    places = walk.places
    receiver = callee = NONE
    dot = function.rfind(b".")
    if dot < 0:
        name, at_name = function, at
        callee = places[function]
    else:
        name, at_name = function[dot + 1 :], at + dot + 1
        receiver = places[function[:dot]]
    args: list[int] = []
    keywords: list[tuple[str, int]] = []
    if text:
        _items(walk, text, found.start(2), args, keywords)
    builder = walk.builder
    effects = walk.effects
    effects.append(
        Call(
            builder.scope,
            builder.region,
            at,
            end,
            walk.texts[name],
            receiver,
            callee,
            tuple(args),
            tuple(keywords),
            False,
            at_name,
        )
    )
    return len(effects) - 1


def plain_items(walk: Walk, at: int, end: int) -> list[int] | None:
    """The values in a plain list, tuple or set display; None if it is not plain."""
    if end - at > _LONGEST:
        return None
    found = _DISPLAY.fullmatch(walk.data, at, end)
    if found is None:
        return None
    parts: list[int] = []
    _items(walk, found.group(1), at + 1, parts, [])
    return parts


def plain_names(walk: Walk, at: int, end: int) -> list[tuple[bytes, int]] | None:
    """The names in `(self, a, b)` with their offsets; None if there is more than names."""
    found = _NAMES.fullmatch(walk.data, at, end)
    if found is None:
        return None
    names = []
    at = found.start(1)
    for item in found.group(1).split(b","):
        name = item.strip()
        names.append((name, at + item.find(name)))
        at += len(item) + 1
    return names


def _items(walk: Walk, text: bytes, at: int, args: list[int], keywords: list[tuple[str, int]]) -> None:
    """Lower items separated by commas; `at` is the offset of the first."""
    values = walk.values
    for item in text.split(b","):
        start = at
        at += len(item) + 1
        raw = item.strip()
        if not raw:
            continue
        if raw != item:
            start += item.find(raw)
        first = raw[0]
        keyword = b""
        if first not in _QUOTES and b"=" in raw:
            keyword, _, raw = raw.partition(b"=")
            start += len(keyword) + 1
            first = raw[0]
        end = start + len(raw)
        if first in _QUOTES:
            row = Value("string", start, end, raw[1:-1].decode("utf-8", "replace"))
        elif first in _DIGITS:
            row = Value("number", start, end, walk.texts[raw])
        elif raw == b"None":
            row = Value("null", start, end)
        elif raw == b"True" or raw == b"False":
            row = Value("boolean", start, end, "true" if raw == b"True" else "false")
        else:
            row = Value("place", start, end, "", walk.places[raw])
        if keyword:
            keywords.append((walk.texts[keyword], len(values)))
        else:
            args.append(len(values))
        values.append(row)
