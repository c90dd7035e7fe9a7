"""Whether a file is an ES module, as Node decides it. It loads nothing and resolves no imports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

TYPED = frozenset((".ts", ".mts", ".cts", ".tsx", ".jsx"))
_COMPILERS = ("esbuild", "tsx", "vite", "@swc/core", "sucrase", "typescript")
_SYNTAX = re.compile(r"^\s*(import\s*[\w{*\"']|export\s*[\w{*])", re.MULTILINE)

_PAGE = re.compile(
    r"(?<![\w.$'\"`-])(window|document|HTMLElement|customElements|localStorage|sessionStorage|"
    r"requestAnimationFrame|MutationObserver)\s*[.(;,)\[{]"
)
_ANYWHERE = re.compile(
    r"typeof\s+(window|document)\b|['\"]node:|\b(const|let|var)\s+(window|document)\b|"
    r"[(,]\s*(window|document)\s*:|(?<![\w.])(window|document)\s*=>"
)
"""What stands in code that runs in Node as well as on a page, or calls something else a document."""

_IMPORTED = re.compile(r"\bimport\s+(?:type\s+)?\{([^}]*)\}\s*from\s*['\"](?!node:)")
_REACT = re.compile(r"(\bfrom\s*|\brequire\(\s*)['\"]react['\"]")


def is_module(file: Path) -> bool:
    """By suffix, by the nearest package.json, else by syntax as Node does from 20.19 on.

    TypeScript without `"type": "module"` is loaded as CommonJS, which its compilers make of it.
    """
    suffix = file.suffix
    if suffix in (".mjs", ".mts", ".cjs", ".cts"):
        return suffix in (".mjs", ".mts")
    kind = package_type(file)
    if kind:
        return kind == "module"
    if suffix in TYPED:
        return False
    return bool(_SYNTAX.search(_text(file)))


def package_type(file: Path) -> str:
    """The `type` of the nearest package.json; "" where it says nothing."""
    for folder in file.resolve().parents:
        try:
            row = json.loads((folder / "package.json").read_text("utf-8"))
        except OSError:
            continue
        except ValueError:
            return ""
        return str(row.get("type") or "") if isinstance(row, dict) else ""
    return ""


def compiler(file: Path) -> str:
    """The package of the project that compiles a typed file; "" for none. The agent prefers the same ones."""
    return next(installed(file, _COMPILERS), "")


def installed(file: Path, names: Iterable[str]) -> Iterator[str]:
    """Those of some packages that the project of a file has, the nearest first."""
    for folder in file.resolve().parents:
        for name in names:
            if (folder / "node_modules" / name / "package.json").exists():
                yield name


def asks_for_page(file: Path) -> bool:
    """Whether code takes it for granted that there is a page."""
    text = _text(file)
    return bool(_PAGE.search(text) and not _ANYWHERE.search(text)) or uses_react(file)


def uses_react(file: Path) -> bool:
    """Whether a file imports React itself, or has its elements made by a compiler."""
    return bool(_REACT.search(_text(file)))


def imported(file: Path) -> Iterator[str]:
    """Names that a file imports from packages, types among them."""
    for names in _IMPORTED.findall(_text(file)):
        for name in names.split(","):
            yield name.strip().removeprefix("type ").rpartition(" as ")[2].strip()


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
