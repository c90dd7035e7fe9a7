"""Whatever the bytes, `lower` returns a unit whose rows fit together."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaklint.frontends.java import lower
from leaklint.ir import NONE, Bind, Call, Delete, Leave, Opaque, Unit
from leaklint.source import SourceFile
from leaklint.testing.markdown import fences

_HERE = Path(__file__).parent
_CASES = [
    fence.text.encode()
    for file in sorted((_HERE / "java").glob("*.md"))
    for fence in fences(file.read_text(encoding="utf-8"))
    if fence.language == "java"
]
_MANY = 20_000
_WORDS = [
    "class",
    "A",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    ";",
    ",",
    ".",
    "::",
    "->",
    "=",
    "+=",
    "++",
    "!",
    "a",
    "b()",
    "this",
    "super",
    "new",
    "int",
    "final",
    "static",
    "@A",
    "@Override",
    "if",
    "else",
    "for",
    "while",
    "do",
    "try",
    "catch",
    "finally",
    "switch",
    "case",
    "default",
    "return",
    "yield",
    "throw",
    "instanceof",
    "R(int",
    "void",
    "m()",
    "enum",
    "interface",
    "record",
    "import",
    "a.b.*;",
    "package",
    '"s"',
    "'c'",
    "1",
    "null",
    "/*",
    "*/",
    "//",
    "?",
    ":",
    "+",
    "&&",
    "|",
]
_DAMAGE = [b"", b"(", b")", b"{", b"}", b";", b"\0", b"\xff", b"->", b"new ", b"case", b"/*", b"@"]
_EXPRESSION = "class A { Object m(int x) { return %s; } }"
_STATEMENT = "class A { void m(int x) { %s } }"


def check(data: bytes) -> Unit:
    """Lower, and follow every index of the unit."""
    unit = lower(SourceFile("folder/Case.java", data))
    lengths = {
        "scope": len(unit.scopes),
        "symbol": len(unit.symbols),
        "owner": len(unit.owners),
        "place": len(unit.places),
        "value": len(unit.values),
        "region": len(unit.regions),
        "effect": len(unit.effects),
    }

    def valid(kind: str, *indexes: int) -> None:
        assert all(NONE <= index < lengths[kind] for index in indexes), (kind, indexes)

    for scope in unit.scopes:
        valid("scope", scope.parent)
        valid("owner", scope.owner)
        valid("symbol", scope.symbol, *scope.params, *scope.captures)
        valid("region", scope.region)
        valid("value", *scope.decorators)
        assert 0 <= scope.at <= scope.end <= len(data)
    for symbol in unit.symbols:
        valid("scope", symbol.scope)
        valid("region", symbol.region)
        valid("value", *symbol.decorators)
        valid("owner" if symbol.kind in ("class", "this", "super") else "scope", symbol.target)
    for owner in unit.owners:
        valid("scope", owner.scope, *owner.methods)
        valid("symbol", owner.this, owner.symbol)
        valid("value", *owner.bases, *owner.decorators)
        valid("owner", owner.outer)
    for place in unit.places:
        valid("symbol", place.symbol)
        valid("effect", place.call)
    for value in unit.values:
        valid("place", value.place)
        valid("effect", value.call)
        valid("scope", value.scope)
        valid("owner", value.owner)
        valid("value", *value.parts)
        assert 0 <= value.at <= value.end <= len(data)
    for index, region in enumerate(unit.regions):
        assert region.parent < index
        valid("scope", region.scope)
        valid("value", region.test, region.iterates)
        assert 0 <= region.first <= region.last <= len(unit.effects)
    for effect in unit.effects:
        valid("scope", effect.scope)
        valid("region", effect.region)
        assert 0 <= effect.at <= effect.end <= len(data)
        match effect:
            case Bind():
                valid("place", effect.target)
                valid("value", effect.value, effect.key)
                assert effect.value != NONE
            case Call():
                valid("place", effect.receiver, effect.callee)
                valid("value", *effect.args, *(value for _, value in effect.keywords))
                assert (effect.receiver == NONE) != (effect.callee == NONE)
            case Leave():
                valid("value", effect.value)
            case Delete() | Opaque():
                pass
    return unit


@pytest.mark.parametrize("data", _CASES)
def test_cut_anywhere(data: bytes) -> None:
    for end in range(0, len(data), 3):
        check(data[:end])
        check(data[end:])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(_CASES),
    st.lists(
        st.tuples(
            st.integers(0, 2000),
            st.integers(0, 30),
            st.sampled_from(_DAMAGE),
        ),
        max_size=6,
    ),
)
def test_damaged(data: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for at, length, text in edits:
        at %= len(data) + 1
        data = data[:at] + text + data[at + length :]
    check(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(data)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(_WORDS),
        max_size=40,
    )
)
def test_any_words(words: list[str]) -> None:
    check(" ".join(words).encode())


@pytest.mark.parametrize(
    "text",
    [
        _EXPRESSION % ("(" * _MANY + "x" + ")" * _MANY),
        "(" * _MANY,
        _EXPRESSION % ("f(" * _MANY + "x" + ")" * _MANY),
        _EXPRESSION % ("x" + ".f()" * _MANY),
        _EXPRESSION % ("x" + ".f" * _MANY),
        _EXPRESSION % ("x" + "[0]" * _MANY),
        _EXPRESSION % ("x" + " + x" * _MANY),
        _EXPRESSION % ("f()" + " && f()" * _MANY),
        _EXPRESSION % ("x + (" * _MANY + "x" + ")" * _MANY),
        _EXPRESSION % ("x ? y : " * _MANY + "z"),
        _EXPRESSION % ("!" * _MANY + "x"),
        _EXPRESSION % ("(T) " * _MANY + "x"),
        _EXPRESSION % ("x -> " * _MANY + "x"),
        _EXPRESSION % ("() -> { return " * _MANY + "x" + "; }" * _MANY),
        _EXPRESSION % ("new A() { Object m() { return " * _MANY + "x" + "; } }" * _MANY),
        _EXPRESSION % ("new A() { Object m = " * _MANY + "x" + "; }" * _MANY),
        _EXPRESSION % ("new int[] " + "{" * _MANY + "1" + "}" * _MANY),
        _EXPRESSION % ("switch (x) { case 1 -> " * _MANY + "x" + "; }" * _MANY),
        _EXPRESSION % ("o instanceof " + "R(" * _MANY + "int x" + ")" * _MANY),
        _EXPRESSION % ("new " + "List<" * _MANY + "X" + ">" * _MANY + "()"),
        _EXPRESSION % ("x" + ".new A()" * _MANY),
        _STATEMENT % ("x = " * _MANY + "x;"),
        _STATEMENT % ("int y = " + "x = " * _MANY + "x;"),
        _STATEMENT % ("{" * _MANY + "}" * _MANY),
        _STATEMENT % ("if (x) " * _MANY + ";"),
        _STATEMENT % ("if (x) { f(x); } else " * _MANY + "{}"),
        _STATEMENT % ("if (o instanceof F f) { f.g(); } else " * _MANY + "{}"),
        _STATEMENT % ("for (int i : x) " * _MANY + ";"),
        _STATEMENT % ("try {" * _MANY + "} finally {}" * _MANY),
        _STATEMENT % ("try (var x = y) {" * _MANY + "}" * _MANY),
        _STATEMENT % ("a: " * _MANY + ";"),
        _STATEMENT % ("class A { void f() {" * _MANY + "} }" * _MANY),
        _STATEMENT % ("x.f(() -> { " * _MANY + ";" + " });" * _MANY),
        "class A {" * _MANY + "}" * _MANY,
        "enum E { A { Object x = 1; " * _MANY + "} }" * _MANY,
        "record R(int x) { R { " * _MANY + "} }" * _MANY,
        "@A(" * _MANY + "1" + ")" * _MANY + " class X {}",
        "class A { " + "List<" * _MANY + "X" + ">" * _MANY + " x; }",
        "class A { int" + "[]" * _MANY + " x; }",
        "import a" + ".b" * _MANY + ";",
        "class A {" * _MANY,
        "{" * _MANY,
        ")" * _MANY + "}" * _MANY,
        "class A { void f( { " * _MANY,
    ],
    ids=lambda text: text[:40],
)
def test_deep_nesting(text: str) -> None:
    check(text.encode())


def test_a_million_parentheses() -> None:
    before = time.process_time()
    unit = check(("class A { Object x = " + "(" * 1_000_000 + "y" + ")" * 1_000_000 + "; }").encode())
    assert not unit.problems
    check(b"(" * 1_000_000)
    assert time.process_time() - before < 60


def test_invalid_utf8_is_replaced() -> None:
    unit = check("class Übung { int größe; } // ".encode() + b'\xff\n class B { String s = "\xfe"; }')
    assert {"Übung", "größe", "B"} <= {symbol.name for symbol in unit.symbols}
    assert [value.text for value in unit.values if value.kind == "string"] == ["\ufffd"]


@pytest.mark.parametrize("text", [r'"\uu00e9t\uuu00e9"', "'\0'", '"a\0b"'])
def test_valid_characters_are_read(text: str) -> None:
    unit = check(f"class A {{ Object x = {text}; void f() {{}} }} class B {{}}".encode())
    assert not unit.problems
    assert {"A", "B", "f"} <= {symbol.name for symbol in unit.symbols} | {row.name for row in unit.scopes}
