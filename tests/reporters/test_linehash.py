"""GitHub's line hash, by vectors that its own implementation gives."""

from __future__ import annotations

import pytest

from leaklint.reporters.linehash import line_hashes

CACHE = "d1079ae81db6e59a:1"
EMPTY = "c129715d7a2bc9a3:1"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"cache = {}\n", [CACHE, EMPTY]),
        (b"\tcache={}\n", [CACHE, EMPTY]),
        (b"cache = {}\r\n", [CACHE, EMPTY]),
        ("\ufeffcache = {}\n".encode(), ["a6e5bd7e0b7dd3b5:1", EMPTY]),
        ("name = '😀'\n".encode(), ["5387ec09c1a0766e:1", EMPTY]),
        (b"", [EMPTY]),
        (
            b"a\n\n\nb",
            ["5e40531c7cbeff04:1", "fe63cb8286b0b2c5:1", "cc4c43d77869440f:1", "8ee5a81e681643c1:1"],
        ),
    ],
)
def test_vectors(data: bytes, expected: list[str]) -> None:
    assert line_hashes(data) == expected


def test_equal_lines_are_numbered() -> None:
    hashes = line_hashes(b"x = 1\n" * 60)
    assert hashes[0].endswith(":1") and hashes[1] == hashes[0].replace(":1", ":2")


def test_line_breaks_of_every_kind_give_the_same() -> None:
    text = "a = 1\nb = 2\n\nc = 3\n"
    hashes = {tuple(line_hashes(text.replace("\n", sign).encode())) for sign in ("\n", "\r\n", "\r")}
    assert len(hashes) == 1


def test_invalid_utf8_is_hashed_too() -> None:
    assert len(line_hashes(b"\xff\xfe = 1\nb\n")) == 3
