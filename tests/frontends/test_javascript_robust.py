"""Any bytes become a Unit whose indices are sound: nothing raises, nothing recurses too deep."""

from __future__ import annotations

import random
from collections.abc import Iterator

import dumps
import pytest

from leaklint.frontends.javascript import lower
from leaklint.ir import NONE, Bind, Call, Delete, Leave, Unit
from leaklint.ir.dump import dump
from leaklint.source import SourceFile

_SUFFIXES = (".js", ".jsx", ".ts", ".tsx")
_MILLION = 1_000_000
_MANY = 30_000

_DEEP = {
    "brackets": b"[" * _MILLION,
    "closed brackets": b"[" * _MILLION + b"]" * _MILLION,
    "parentheses": b"(" * _MILLION,
    "braces": b"{" * _MILLION,
    "closed braces": b"{" * _MILLION + b"}" * _MILLION,
    "NULs": b"\0" * _MILLION,
    "less-than signs": b"<" * _MANY,
    "calls in calls": b"f(" * _MANY + b")" * _MANY,
    "chain of calls": b"a" + b".b()" * _MANY,
    "chain of members": b"a" + b".b" * _MANY,
    "optional chain": b"a" + b"?.b()" * _MANY,
    "sum": b"a" + b"+f()" * _MANY,
    "conjunction": b"a" + b"&&f()" * _MANY,
    "functions": b"function f(){" * _MANY + b"}" * _MANY,
    "arrows": b"a=>" * _MANY + b"1",
    "ternaries": b"a?b:" * _MANY + b"c",
    "else if": b"if(a)b();else " * _MANY + b"c()",
    "if": b"if(a)" * _MANY + b"b()",
    "not": b"!" * _MANY + b"a",
    "new": b"new " * _MANY + b"a",
    "templates": b"`${" * _MANY,
    "elements": b"<a>" * _MANY,
    "classes": b"class A{a(){" * _MANY,
    "assignments": b"a=" * _MANY + b"1",
    "array patterns": b"var " + b"[" * _MANY + b"a" + b"]" * _MANY + b"=b",
    "object patterns": b"({" + b"a:{" * _MANY,
    "type arguments": b"let a:A" + b"<A" * _MANY,
    "casts": b"a" + b" as B" * _MANY,
    "namespaces": b"namespace A{" * _MANY,
    "immediate functions": b"(function(){" * _MANY + b"})()" * _MANY,
    "awaits": b"await (" * _MANY + b"x" + b")" * _MANY,
}


@pytest.mark.parametrize("suffix", [".js", ".ts"])
@pytest.mark.parametrize("name", _DEEP)
def test_depth(name: str, suffix: str) -> None:
    check(_DEEP[name], suffix)


def test_depth_is_reported_as_opaque_and_the_rest_is_read() -> None:
    unit = check(b"before();" + b"[" * 5000 + b"f()" + b"]" * 5000 + b";after();", ".js")
    names = [effect.name for effect in unit.effects if isinstance(effect, Call)]
    assert names == ["before", "after"]
    assert any("too deeply nested" in getattr(effect, "what", "") for effect in unit.effects)


@pytest.mark.parametrize("suffix", _SUFFIXES)
def test_bytes_that_are_no_source(suffix: str) -> None:
    chance = random.Random(1)
    noise = bytes(chance.randrange(256) for _ in range(20_000))
    packets = b"".join(
        b"\x47\x40\x11\x10" + bytes(chance.randrange(256) for _ in range(184)) for _ in range(50)
    )
    for data in (b"", b"\xff\xfe", b"\xef\xbb\xbf", b"a\xff.b\xc3(\x80)", b"'\xed\xa0\x80'", noise, packets):
        check(data, suffix)


_CASES = dumps.cases("javascript")


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_damaged_source(case: dumps.Case) -> None:
    """Every case cut short, and with a stretch taken out, at many places."""
    data = case.source.encode()
    for suffix in {"js": (".js", ".ts"), "jsx": (".jsx", ".tsx")}.get(case.language, (f".{case.language}",)):
        for at in range(0, len(data), 7):
            check(data[:at], suffix)
            check(data[:at] + data[at + 5 :], suffix)


def check(data: bytes, suffix: str) -> Unit:
    """Lower, and look at every index of the result."""
    source = SourceFile("x" + suffix, data)
    unit = lower(source)
    sizes = {
        "scope": len(unit.scopes),
        "region": len(unit.regions),
        "place": len(unit.places),
        "value": len(unit.values),
        "symbol": len(unit.symbols),
        "owner": len(unit.owners),
        "effect": len(unit.effects),
    }
    for what, index in _indices(unit):
        assert NONE <= index < sizes[what], (what, index)
    for region in unit.regions:
        assert region.first <= region.last <= len(unit.effects)
    for rows in (unit.effects, unit.values, unit.scopes, unit.problems):
        for row in rows:
            assert 0 <= row.at <= row.end <= len(data)
    if len(data) < 10_000:
        dump(unit, source)
    return unit


def _indices(unit: Unit) -> Iterator[tuple[str, int]]:
    for effect in unit.effects:
        yield "scope", effect.scope
        yield "region", effect.region
        if isinstance(effect, Bind):
            yield from (("place", effect.target), ("value", effect.value), ("value", effect.key))
        elif isinstance(effect, Call):
            yield from (("place", effect.receiver), ("place", effect.callee))
            yield from (("value", value) for value in effect.args)
            yield from (("value", value) for _, value in effect.keywords)
        elif isinstance(effect, Delete):
            yield from (("place", effect.target), ("value", effect.key))
        elif isinstance(effect, Leave):
            yield "value", effect.value
    for value in unit.values:
        yield from (("place", value.place), ("effect", value.call), ("scope", value.scope))
        yield "owner", value.owner
        yield from (("value", part) for part in value.parts)
        assert len(value.keys) in (0, len(value.parts))
    for scope in unit.scopes:
        yield from (("scope", scope.parent), ("owner", scope.owner), ("symbol", scope.symbol))
        yield from (("symbol", symbol) for symbol in scope.params)
    for owner in unit.owners:
        yield from (("scope", owner.scope), ("symbol", owner.this), ("symbol", owner.symbol))
        yield from (("value", base) for base in owner.bases)
        yield from (("scope", method) for method in owner.methods)
    for place in unit.places:
        yield from (("symbol", place.symbol), ("effect", place.call))
    for symbol in unit.exports.values():
        yield "symbol", symbol
