"""Code fences of Markdown, with where they stand. Reads no other Markdown than fences and `#` headings."""

from __future__ import annotations

import re

import msgspec

SUFFIXES = {
    "python": ".py",
    "py": ".py",
    "js": ".js",
    "javascript": ".js",
    "jsx": ".jsx",
    "ts": ".ts",
    "typescript": ".ts",
    "tsx": ".tsx",
    "java": ".java",
}
"""Languages of fences that leaklint checks, and the suffix that their text would have as a file."""

_OPEN = re.compile(r"^(?P<sign>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_HEADING = re.compile(r"^(#+)\s+(.*?)\s*#*$")


class Fence(msgspec.Struct, frozen=True):
    """A code fence. `line` is the 1-based line of its first line of text in the Markdown."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int
    headings: tuple[str, ...]

    @property
    def options(self) -> dict[str, str]:
        """Words of the form `name=value` behind the language."""
        return dict(word.split("=", 1) for word in self.words if "=" in word)

    @property
    def checked(self) -> bool:
        return self.language in SUFFIXES


def fences(markdown: str) -> list[Fence]:
    """Every fence, in order. One that is never closed reaches to the end."""
    found: list[Fence] = []
    headings: list[tuple[int, str]] = []
    lines = markdown.splitlines()
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if heading := _HEADING.match(line):
            level = len(heading[1])
            headings = [row for row in headings if row[0] < level] + [(level, heading[2])]
        if not (opening := _OPEN.match(line)):
            continue
        start = index
        while index < len(lines) and not _closes(lines[index], opening["sign"]):
            index += 1
        words = opening["info"].split()
        found.append(
            Fence(
                words[0].lower() if words else "",
                tuple(words[1:]),
                "".join(f"{row}\n" for row in lines[start:index]),
                start + 1,
                tuple(title for _, title in headings),
            )
        )
        index += 1
    return found


def _closes(line: str, sign: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(sign) and not bare.strip(sign[0])
