"""Whether a file is an ES module, as Node decides it. It loads nothing and resolves no imports."""

from __future__ import annotations

import json
import re
from pathlib import Path

TYPED = frozenset((".ts", ".mts", ".cts", ".tsx", ".jsx"))
_COMPILERS = ("esbuild", "tsx", "vite", "@swc/core", "sucrase", "typescript")
_SYNTAX = re.compile(r"^\s*(import\s*[\w{*\"']|export\s*[\w{*])", re.MULTILINE)


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
    try:
        return bool(_SYNTAX.search(file.read_text("utf-8", "replace")))
    except OSError:
        return False


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
    for folder in file.resolve().parents:
        for name in _COMPILERS:
            if (folder / "node_modules" / name / "package.json").exists():
                return name
    return ""
