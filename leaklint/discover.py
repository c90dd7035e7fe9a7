"""Paths to files in sorted order, with a reason for every skip.

Links are not followed while walking, so a loop cannot be entered; a link given as an argument is.
Reading a file is the pipeline's work: `unwanted` says what it should not check for its content.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from leaklint.config import Project, git_top
from leaklint.frontends.base import language_of
from leaklint.ignores import Ignores, Patterns
from leaklint.report import OTHER, Skip

HARD_LIMIT = 20_000_000
"""Bytes past which even a file named on the command line is left alone."""

_TOOLING = {
    **dict.fromkeys((".git", ".hg", ".svn"), "version control"),
    **dict.fromkeys((".venv", "venv", "virtualenv", ".tox", ".nox"), "virtual environment"),
    **dict.fromkeys(
        ("site-packages", "node_modules", "bower_components", "jspm_packages"), "installed packages"
    ),
    **dict.fromkeys((".yarn", ".pnpm-store", ".eggs", "__pypackages__"), "installed packages"),
    **dict.fromkeys(("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"), "cache"),
    **dict.fromkeys((".leaklint_cache", ".gradle", ".angular"), "cache"),
    **dict.fromkeys((".next", ".nuxt", ".svelte-kit"), "build output"),
    **dict.fromkeys((".idea", ".vscode"), "editor settings"),
}
_OUTPUT = {
    "build": (),
    "dist": (),
    "target": ("pom.xml", "build.sbt", "Cargo.toml"),
    "out": ("package.json",),
}
_GENERATED = rb"""^[ \t]*(?:\#|//|/?\*+|--|<!--)[^\n]*?(?:
      @generated\b
    | \bcode\ generated\ .*\bdo\ not\ edit\b
    | generated\ by\ the\ protocol\ buffer\ compiler
    | generated\ by\ .*\bdo\ not\ (?:edit|modify)\b
    | (?:this\ file|this\ code|file)\ (?:is|was|has\ been)\ (?:auto[- ]?|automatically[ ])generated
    | \bautomatically\ generated\b.*\bdo\ not\ (?:edit|modify)\b
    )|webpackBootstrap|^[ \t]*@(?:javax\.annotation\.(?:processing\.)?)?Generated\("""
# where projects keep what others wrote; how a library begins: `Name v1.2.3`, its page, its licence
_SHIPPED = frozenset(
    {
        *("vendor", "vendors", "vendored", "third_party", "third-party", "thirdparty", "3rdparty"),
        *("doc", "docs", "static", "public", "assets", "www", "wwwroot"),
    }
)
_RELEASE = rb"""(?xi)\A\s*(?://[ \t]*@[^\n]*\n\s*)*(?:/\*|//)[!*\s]*
    [a-z][^\n]*?\bv?\d+\.\d+(?P<rest>[^\n]*(?:\n[ \t]*(?:\*(?!/)|//)[^\n]*){1,12})"""
_HEADER = 2048
_LONG_LINE = 500
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Target(msgspec.Struct, frozen=True):
    """A file to check. `path` is how the user sees it; `explicit` if it was named on the command line.

    data: its content, where that is not what is on disk: standard input, or an older revision.
    """

    file: str
    path: str
    size: int
    explicit: bool
    data: bytes | None = None


_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


class Search(msgspec.Struct):
    """What a search found; `troubles` are arguments that could not be searched."""

    targets: list[Target] = []
    skipped: list[Skip] = []
    troubles: list[str] = []
    roots: list[str] = []  # the arguments, as absolute paths


def search(
    paths: tuple[str, ...], project: Project, *, gitignore: bool = True, force_exclude: bool = False
) -> Search:
    """Every file below `paths` that has a front end, sorted, each once."""
    walk = _Walk(project, gitignore, force_exclude)
    for path in paths:
        walk.argument(path)
    found = walk.found
    found.roots = [os.path.abspath(path) for path in paths]
    found.targets = sorted({target.path: target for target in found.targets}.values(), key=_order)
    found.skipped = sorted(set(found.skipped))
    return found


def text_of(path: str, data: bytes, project: Project, *, force_exclude: bool = False) -> Search:
    """A text that stands for a file, whether there is such a file or not."""
    walk = _Walk(project, gitignore=True, force_exclude=force_exclude)
    file = os.path.abspath(path)
    if force_exclude and (reason := walk.excluded_above(file, walk.ignores_above(Path(file).parent))):
        walk.skip(file, reason)
    elif not language_of(path):
        walk.skip(file, OTHER)
    else:
        walk.found.targets.append(Target(file, shown(file), len(data), True, data))
    walk.found.roots = [file]
    return walk.found


def shown(file: str) -> str:
    """A path as users see it: relative where it lies below the working directory, with slashes."""
    path = os.path.abspath(file)
    here = os.getcwd().rstrip(os.sep) + os.sep
    return path.removeprefix(here).replace(os.sep, "/")


def too_large(size: int, limit: int) -> str:
    """The reason for a file of `size` bytes, or nothing."""
    if size <= limit:
        return ""
    return f"over {limit / 1_000_000:g} MB" if limit >= 100_000 else f"over {limit} bytes"


def unwanted(raw: bytes, explicit: bool, path: str = "") -> str:
    """Why content is not worth checking, or nothing: binary data, minified, generated or borrowed code."""
    if b"\0" in raw[:8192] and not raw.startswith(_UTF16):
        return "binary"
    if explicit:
        return ""
    if _minified(raw):
        return "minified"
    if _generated(raw[:_HEADER]):
        return "generated"
    return "copy of a library" if _borrowed(raw[:_HEADER], path) else ""


def _borrowed(head: bytes, path: str) -> bool:
    """Whether a file is a release of a library that lies among what a project ships: `docs/js/jquery.js`."""
    if _SHIPPED.isdisjoint(path.split("/")[:-1]):
        return False
    found = re.match(_RELEASE, head)
    told = found["rest"].lower() if found else b""
    return b"http" in told and (b"licen" in told or b"copyright" in told or b"(c)" in told)


def _generated(head: bytes) -> bool:
    """Whether the head of a file says in a comment that a program wrote it."""
    words = head.lower()
    if b"generated" not in words and b"webpackbootstrap" not in words:
        return False  # compiling the pattern would cost more than checking a small file
    return re.search(_GENERATED, head, re.IGNORECASE | re.MULTILINE | re.VERBOSE) is not None


def _minified(raw: bytes) -> bool:
    """Most of the bytes stand in very long lines; one long literal in a readable file does not count."""
    size = len(raw)
    if size < 2 * _LONG_LINE or size < 60 * raw.count(b"\n"):
        return False
    long = sum(len(line) for line in raw.split(b"\n") if len(line) > _LONG_LINE)
    return long * 2 > size


def _order(target: Target) -> list[str]:
    return target.path.split("/")


class _Walk:
    def __init__(self, project: Project, gitignore: bool, force_exclude: bool) -> None:
        settings = project.settings
        self.limit = settings.max_file_size
        self.defaults = settings.exclude is None
        self.excludes = Patterns(project.root, (*(settings.exclude or ()), *settings.extend_exclude))
        self.gitignore = gitignore
        self.force_exclude = force_exclude
        self.found = Search()

    def argument(self, path: str) -> None:
        """One path of the command line: taken as it is unless `--force-exclude` says otherwise."""
        try:
            info = os.stat(path)
        except (OSError, ValueError) as error:
            self.trouble(path, error)
            return
        file = os.path.abspath(path)
        folder = Path(file) if os.path.isdir(file) else Path(file).parent
        ignores = self.ignores_above(folder)
        if self.force_exclude and (reason := self.excluded_above(file, ignores)):
            self.skip(file, reason)
        elif os.path.isdir(file):
            if ignores and ignores.covers(file, folder=True):
                ignores = None  # an ignored folder that the user named: its own contents are wanted
            self.folder(file, ignores)
        elif not os.path.isfile(file):
            self.skip(file, "not a regular file")
        else:
            self.file(file, info.st_size, explicit=True)

    def ignores_above(self, folder: Path) -> Ignores | None:
        """The .gitignore files between the git top level and `folder`, that folder's own left out."""
        top = git_top(folder) if self.gitignore else None
        if top is None or top == folder:
            return None
        ignores: Ignores | None = Ignores.of_repository(top)
        for up in reversed([up for up in folder.parents if up.is_relative_to(top)]):
            ignores = Ignores.below(ignores, str(up))
        return ignores

    def excluded_above(self, file: str, ignores: Ignores | None) -> str:
        """The reason that holds for a path or for one of the folders above it, up to the project's root."""
        root = self.excludes.root
        steps = [Path(file), *Path(file).parents]
        inside = [step for step in steps if step.is_relative_to(root) and str(step) != root]
        for step in reversed(inside):
            reason = self.excluded(str(step), step.name, step.is_dir(), ignores)
            if reason:
                return reason
        return ""

    def excluded(self, file: str, name: str, folder: bool, ignores: Ignores | None) -> str:
        if self.excludes.match(file, folder):
            return "excluded by settings"
        if folder and self.defaults and (reason := _unwanted_folder(file, name)):
            return reason
        if ignores and ignores.covers(file, folder=folder):
            return "ignored by .gitignore"
        return ""

    def folder(self, path: str, above: Ignores | None) -> None:
        """Walk a folder; an explicit stack, for trees deeper than Python's."""
        pending = [(path, above)]
        while pending:
            here, above = pending.pop()
            ignores = above
            if self.gitignore:
                if above is None and os.path.exists(os.path.join(here, ".git")):
                    above = Ignores.of_repository(Path(here))
                ignores = Ignores.below(above, here)
            try:
                with os.scandir(here) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self.trouble(here, error)
                continue
            for entry in listed:
                if self.entry(entry, ignores):
                    pending.append((entry.path, ignores))

    def entry(self, entry: os.DirEntry[str], ignores: Ignores | None) -> bool:
        """Sort one entry of a folder in; true if it is a folder to walk."""
        if entry.is_symlink():
            if language_of(entry.name) or os.path.isdir(entry.path):
                self.skip(entry.path, "link" if os.path.exists(entry.path) else "dangling link")
            return False
        folder = entry.is_dir(follow_symlinks=False)
        if not folder and not language_of(entry.name):
            self.skip(entry.path, OTHER)
            return False
        if reason := self.excluded(entry.path, entry.name, folder, ignores):
            self.skip(entry.path + ("/" if folder else ""), reason)
        elif folder:
            return True
        elif not entry.is_file(follow_symlinks=False):
            self.skip(entry.path, "not a regular file")
        else:
            self.file(entry.path, entry.stat(follow_symlinks=False).st_size, explicit=False)
        return False

    def file(self, file: str, size: int, *, explicit: bool) -> None:
        if not language_of(file):
            self.skip(file, OTHER)
        elif reason := too_large(size, max(self.limit, HARD_LIMIT) if explicit else self.limit):
            self.skip(file, reason)
        elif not explicit and file.endswith(_DECLARATIONS):
            self.skip(file, "declarations only")
        else:
            self.found.targets.append(Target(file, shown(file), size, explicit))

    def skip(self, file: str, reason: str) -> None:
        tail = "/" if file.endswith("/") else ""
        self.found.skipped.append(Skip(shown(file) + tail, reason))

    def trouble(self, path: str, error: OSError | ValueError) -> None:
        reason = getattr(error, "strerror", None) or str(error)
        self.found.troubles.append(f"{shown(path)}: {reason[0].lower()}{reason[1:]}")


def _unwanted_folder(path: str, name: str) -> str:
    """Why a folder is skipped by default, or nothing."""
    if name in _TOOLING:
        return _TOOLING[name]
    if os.path.exists(os.path.join(path, "pyvenv.cfg")):
        return "virtual environment"
    if name not in _OUTPUT:
        return ""
    parent = os.path.dirname(path)
    beside = _OUTPUT[name]
    if beside and not any(os.path.exists(os.path.join(parent, file)) for file in beside):
        return ""
    # a package of that name is source: `pip/_internal/operations/build/`, `src/main/java/org/x/dist/`
    if os.path.exists(os.path.join(path, "__init__.py")) or "src" in Path(parent).parts:
        return ""
    return "build output"
