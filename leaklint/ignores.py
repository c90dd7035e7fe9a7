"""Patterns of .gitignore syntax, and the .gitignore files that hold for a folder.

pathspec is imported when the first pattern is met: most single-file runs never need it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Patterns:
    """Patterns that start from one folder."""

    def __init__(self, root: str, lines: tuple[str, ...]) -> None:
        self.root = root
        self._spec = _spec(lines)

    def verdict(self, path: str, folder: bool) -> bool | None:
        """True: a pattern takes the path; False: a pattern with `!` hands it back; None: none speaks."""
        if self._spec is None:
            return None
        inside = os.path.relpath(path, self.root).replace(os.sep, "/")
        if inside == "." or inside.startswith("../"):
            return None
        return self._spec.check_file(inside + "/" if folder else inside).include

    def match(self, path: str, folder: bool = False) -> bool:
        return bool(self.verdict(path, folder))


class Ignores:
    """The ignore file of a folder, and those above it. A deeper one speaks first."""

    def __init__(self, patterns: Patterns, above: Ignores | None) -> None:
        self._patterns = patterns
        self._above = above

    @classmethod
    def of_repository(cls, top: Path) -> Ignores | None:
        """The patterns that a repository keeps outside its work tree."""
        return cls._read(top / ".git" / "info" / "exclude", str(top), None)

    @classmethod
    def below(cls, above: Ignores | None, folder: str) -> Ignores | None:
        """`above` with the .gitignore of `folder` laid over it."""
        return cls._read(Path(folder, ".gitignore"), folder, above)

    @classmethod
    def _read(cls, file: Path, folder: str, above: Ignores | None) -> Ignores | None:
        try:
            lines = file.read_bytes().decode("utf-8", "replace").splitlines()
        except OSError:
            return above
        wanted = tuple(line for line in lines if line.strip() and not line.startswith("#"))
        return cls(Patterns(folder, wanted), above) if wanted else above

    def covers(self, path: str, *, folder: bool) -> bool:
        """Whether git would ignore `path`. Asked from the top down, so folders above were not ignored."""
        ignores: Ignores | None = self
        while ignores is not None:
            verdict = ignores._patterns.verdict(path, folder)
            if verdict is not None:
                return verdict
            ignores = ignores._above
        return False


def _spec(lines: tuple[str, ...]) -> GitIgnoreSpec | None:
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)
