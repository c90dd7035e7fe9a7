"""What short stretches of source text mean, remembered across files: names, dotted names, callees, types.

Reading a plain shape from its text spares the nodes inside it. Nothing here depends on a file, so
one process keeps one set of caches, which starts afresh when it has grown large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Callee = tuple[bytes, str, int]  # text of the receiver, name, length of the name in bytes
Type = tuple[str, tuple[str, ...]]  # outer raw name, outer raw names of the arguments
NO_TYPE: Type = ("", ())

LONGEST_CHAIN = 160  # longer texts are never plain dotted names worth a cache entry
_LARGE = 50_000

_WORD = rb"[\w$\x80-\xff]+"
_CHAIN = re.compile(_WORD + rb"(?:\.#?" + _WORD + rb")+")
_NAME = re.compile(rb"[\w$\\\x80-\xff]+(?:\{\w+\}[\w$\\\x80-\xff]*)*")
_PARAMETER = re.compile(rb"(" + _WORD + rb")(\?)?\s*(?::\s*(" + _WORD + rb"(?:\[\])?))?\s*")
_PARAMETERS = re.compile(
    rb"\(\s*(?:%b(?:,\s*%b)*(?:,\s*)?)?\)" % (_PARAMETER.pattern, _PARAMETER.pattern), re.ASCII
)
_SPECIFIER = re.compile(rb"(?:(type)\s+)?(?:(" + _WORD + rb")\s+as\s+)?(" + _WORD + rb")\s*(?:,\s*|\Z)")
_IMPORT = re.compile(
    rb"import\s+(?:(type)\s+)?(?:(%b)\s*(?:,\s*|(?=from)))?(?:\*\s*as\s+(%b)\s*|\{\s*([^{}/\"']*)\}\s*)?"
    rb"from\s*[\"']([^\"'\\]*)[\"'];?" % (_WORD, _WORD)
)


class Texts:
    """The caches: bytes of source -> what they mean."""

    def __init__(self) -> None:
        self.strings: dict[bytes, str] = {}
        self.chains: dict[bytes, tuple[bytes, tuple[str, ...]]] = {}  # first name, steps
        self.callees: dict[bytes, Callee] = {}
        self.types: dict[bytes, Type] = {}

    def decode(self, raw: bytes) -> str:
        known = self.strings.get(raw)
        if known is None:
            known = self.strings[raw] = raw.decode("utf-8", "replace")
        return known

    def chain(self, text: bytes) -> tuple[bytes, tuple[str, ...]]:
        """First name and steps of `a.b.c`; an empty first name if the text is nothing so plain."""
        made: tuple[bytes, tuple[str, ...]] = (text, ())
        if b"." in text:
            if not _CHAIN.fullmatch(text):
                return b"", ()
            head, *steps = text.split(b".")
            made = head, tuple(["." + self.decode(step) for step in steps])
        self.chains[text] = made
        return made

    def callee(self, text: bytes) -> Callee | None:
        """Receiver and name of a callee that is a plain dotted name."""
        head, dot, last = text.rpartition(b".")
        if text == b"await":  # the grammars take some `await (x)` for calls
            return None
        if (_CHAIN if dot else _NAME).fullmatch(text) and len(text) <= LONGEST_CHAIN:
            made: Callee = (head, self.decode(last), len(last))
            self.callees[text] = made
            return made
        return None


_texts = Texts()


def shared() -> Texts:
    """The caches of this process."""
    global _texts
    if len(_texts.strings) + len(_texts.chains) + len(_texts.callees) + len(_texts.types) > _LARGE:
        _texts = Texts()
    return _texts


def plain_parameters(data: bytes, at: int, end: int) -> Iterator[re.Match[bytes]] | None:
    """Name, `?` and simple type of each parameter of a list without patterns, defaults or modifiers."""
    if _PARAMETERS.fullmatch(data, at, end):
        return _PARAMETER.finditer(data, at + 1, end)
    return None


def plain_import(data: bytes, at: int, end: int) -> re.Match[bytes] | None:
    """An import without comments or strings inside: `type`, default, namespace, names, module."""
    return _IMPORT.fullmatch(data, at, end)


def specifiers(data: bytes, at: int, end: int) -> list[re.Match[bytes]] | None:
    """`type`, imported name and local name of each specifier; None if there is more than that."""
    found: list[re.Match[bytes]] = []
    while at < end:
        match = _SPECIFIER.match(data, at, end)
        if match is None:
            return None
        found.append(match)
        at = match.end()
    return found
