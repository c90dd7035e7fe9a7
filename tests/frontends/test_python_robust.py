"""Whatever the bytes, the Python front end returns a Unit whose rows point at each other."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaklint.frontends.python import lower
from leaklint.ir import NONE, Bind, Call, Delete, Leave, Unit
from leaklint.ir.dump import dump
from leaklint.source import SourceFile

MANY = 1_000_000

DEEP = {
    "parentheses": b"(" * MANY + b"x" + b")" * MANY,
    "open parentheses": b"(" * MANY,
    "open brackets": b"f([{" * 100_000,
    "calls": b"a" + b".b()" * 200_000,
    "attributes": b"a" + b".b" * 200_000,
    "attributes of a call": b"a()" + b".b" * 50_000,
    "elements": b"a" + b"[0]" * 100_000 + b" = 1",
    "nested elements": b"a[" * 50_000 + b"0" + b"]" * 50_000,
    "arguments": b"f(" * 100_000 + b")" * 100_000,
    "sum": b"a" + b" + a" * 200_000,
    "mixed sum": b"a" + b" + a - a" * 100_000,
    "powers": b"a" + b" ** a" * 50_000,
    "and": b"f()" + b" and f()" * 50_000,
    "ternary": b"a if b else " * 50_000 + b"c",
    "not": b"not " * 100_000 + b"a",
    "minus": b"-" * 100_000 + b"a",
    "lambda": b"lambda: " * 50_000 + b"a",
    "lambda defaults": b"lambda x=" * 20_000 + b"1" + b": 0" * 20_000,
    "assignments": b"a = " * 100_000 + b"b",
    "targets": b"(a, " * 50_000 + b"b" + b")" * 50_000 + b" = c",
    "deletions": b"del " + b"(a, " * 50_000 + b"b" + b")" * 50_000,
    "stars": b"[" + b"*" * 50_000 + b"a]",
    "elif": b"if a:\n pass\n" + b"elif b:\n pass\n" * 50_000,
    "blocks": b"".join(b" " * depth + b"if a:\n" for depth in range(1500)) + b" " * 1500 + b"pass\n",
    "functions": b"".join(b" " * depth + b"def f(self):\n" for depth in range(300)) + b" " * 300 + b"pass\n",
    "classes": b"".join(b" " * depth + b"class C:\n" for depth in range(300)) + b" " * 300 + b"pass\n",
    "decorators": b"@f\n" * 50_000 + b"def f(): pass\n",
    "f-strings": b'f"{' * 20_000 + b"x" + b'}"' * 20_000,
    "format specifiers": b'f"' + b"{a:" * 20_000 + b"}" * 20_000 + b'"',
    "patterns": b"match a:\n case " + b"[" * 20_000 + b"x" + b"]" * 20_000 + b": pass\n",
    "alternatives": b"match a:\n case 1" + b" | 1" * 50_000 + b": pass\n",
    "annotation": b"x: " + b"list[" * 50_000 + b"int" + b"]" * 50_000,
    "called annotation": b"x: " + b"f(" * 50_000 + b")" * 50_000,
    "with": b"with " + b"(" * 50_000 + b"a as b" + b")" * 50_000 + b": pass\n",
    "comprehension": b"[" * 20_000 + b"x" + b" for x in y]" * 20_000,
    "await": b"await " * 50_000 + b"x",
    "yield": b"(yield " * 50_000 + b")" * 50_000,
}

ODD = {
    "nothing": b"",
    "NUL": b"\0",
    "many NULs": b"x = 1\n\0\0\0def f():\n\0return",
    "invalid UTF-8": b"\xff\xfe\x80 = \xc3(\xed\xa0\x80)\n",
    "invalid identifier": b"\xff = 1\nx.\xff = 2\ndef \xff(\xfe): pass\n",
    "every byte": bytes(range(256)) * 200,
    "carriage returns": b"def f():\r  return 1\rx = f()\r",
    "byte order mark": b"\xef\xbb\xbfx = 1\n",
    "only a star": b"*",
    "ends in an operator": b"x = ",
    "ends in a dot": b"x.",
    "ends in a decorator": b"@f",
    "ends in a class": b"class",
    "ends in a def": b"def f(",
    "ends in a for": b"for x in",
    "ends in a try": b"try:\n",
    "ends in a string": b'x = "',
    "ends in an f-string": b'f"{',
    "ends in a lambda": b"lambda",
    "star target": b"*a = b\ndel *a\nfor *a in b: pass\n",
    "keyword target": b"None = 1\nTrue.x = 2\nfor None in x: pass\n",
    "type alias of a call": b"type (x).y = z\ntype (x)[0] = z\ntype () = 1\ntype (x): int = 3\n",
    "nonlocal at top": b"nonlocal x\nglobal x\nx = 1\n",
    "nonlocal in a class": b"class A:\n nonlocal y\n y = 1\n",
    "returns outside": b"return 1\nyield 2\nbreak\nawait x\n",
    "method without parameters": b"class A:\n def f(): self.x = 1\n @classmethod\n def g(*a): a.x = 1\n",
    "leaklint in odd places": b'"leaklint: ignore"\n# leaklint: x leaklint: y\nleaklint: int\n',
}


def check(unit: Unit) -> None:
    """Every reference of a row is an index into the list that it speaks of."""
    scopes, values, places = len(unit.scopes), len(unit.values), len(unit.places)
    for effect in unit.effects:
        assert 0 <= effect.scope < scopes and NONE <= effect.region < len(unit.regions)
        match effect:
            case Bind():
                assert 0 <= effect.target < places and 0 <= effect.value < values and effect.key < values
            case Delete():
                assert 0 <= effect.target < places and NONE <= effect.key < values
            case Call():
                assert NONE <= effect.receiver < places and NONE <= effect.callee < places
                assert (effect.receiver == NONE) != (effect.callee == NONE)
                assert all(0 <= row < values for row in effect.args)
            case Leave():
                assert NONE <= effect.value < values
    for value in unit.values:
        assert NONE <= value.place < places and (value.kind != "place" or value.place >= 0)
        assert all(0 <= part < values for part in value.parts)
        assert len(value.keys) in (0, len(value.parts))
    for region in unit.regions:
        assert 0 <= region.first <= region.last <= len(unit.effects)
        assert NONE <= region.parent < len(unit.regions)
    for index, scope in enumerate(unit.scopes):
        assert NONE <= scope.parent < index or index == 0
    for place in unit.places:
        assert (place.symbol == NONE) or place.symbol < len(unit.symbols)


@pytest.mark.parametrize("name", DEEP)
def test_deep(name: str) -> None:
    check(lower(SourceFile("deep.py", DEEP[name])))


@pytest.mark.parametrize("name", ODD)
def test_odd(name: str) -> None:
    source = SourceFile("odd.py", ODD[name])
    unit = lower(source)
    check(unit)
    dump(unit, source)


def test_little_stack_is_left() -> None:
    def descend(depth: int) -> Unit:
        return descend(depth - 1) if depth else lower(SourceFile("deep.py", b"f(" * 90 + b")" * 90))

    check(descend(900))


_WORDS = """
def f(a, b=1): class A(B): @ x y self . , : ; ( ) [ ] { } = := += == -> * ** / - not and or if else elif
for in while try: except finally: with as lambda yield await async return raise import from global nonlocal
del match case _ : type | f"{ }" 'a' 1 None ... \\ # print >> in is
"""
_PIECES = st.sampled_from([*_WORDS.split(), "\n", "\n ", "\n  ", "\n    "])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=60))
def test_words(words: list[str]) -> None:
    source = SourceFile("words.py", " ".join(words).encode())
    unit = lower(source)
    check(unit)
    dump(unit, source)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged(data: st.DataObject) -> None:
    """A file of the standard library from which a piece is cut, or in which one stands twice."""
    text = (Path(sysconfig.get_path("stdlib")) / "contextlib.py").read_bytes()
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 400)))
    to = data.draw(st.integers(0, len(text)))
    source = SourceFile("damaged.py", text[:at] + text[end:to] + text[at:end] + text[to:])
    unit = lower(source)
    check(unit)
    dump(unit, source)
