"""Commands that are run over and over inside one Node: scripts, and test files of `node --test`."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from glob import glob
from pathlib import Path

from leaklint.runtime.agent import Driver, Missing
from leaklint.runtime.node.modules import is_module

_SUFFIX = r"\.[cm]?[jt]s$"
_TEST = re.compile(rf"(^|/)test/.*{_SUFFIX}|(^|/)test{_SUFFIX}|(^|/)test-[^/]*{_SUFFIX}|[._-]test{_SUFFIX}")
"""Files that `node --test` runs by itself."""


def repeat(command: tuple[str, ...], project: str) -> Driver:
    """A workload that runs a command once a call. Raises Missing for what no single Node can repeat."""
    words = list(command)
    if words and os.path.basename(words[0]).removesuffix(".exe") == "node":
        words = words[1:]
        if "--test" in words:
            return _tests(command, words, project)
    return _script(command, words, project)


def _script(command: tuple[str, ...], words: list[str], project: str) -> Driver:
    """`node script.js …`: the script is loaded anew each time."""
    script = bool(words) and Path(words[0]).suffix in ("", ".js", ".cjs") and Path(words[0]).is_file()
    if not script or is_module(Path(words[0])):
        raise Missing(
            f"`{shlex.join(command)}` cannot be repeated inside one process",
            "give `node script.js …` with a CommonJS script, `node --test …`, or a --workload",
        )
    target, rest = os.path.abspath(words[0]), words[1:]
    text = f"""{_head(command)}
const file = {json.dumps(target)};

exports.iterate = () => {{
  process.argv = [process.argv[0], file, ...{json.dumps(rest)}];
  delete require.cache[require.resolve(file)];
  return require(file);
}};
"""
    return Driver("javascript", shlex.join(command), "repeat", text, roots=(target, project), command=command)


def _tests(command: tuple[str, ...], words: list[str], project: str) -> Driver:
    """`node --test …`: files are loaded once, and each call runs all tests that they define."""
    named = [word for word in words if not word.startswith("-")]
    found = sorted(dict.fromkeys(file for word in named for file in _named(word))) or (
        sorted(_found(project)) if not named else []
    )
    if not found:
        raise Missing(f"`{shlex.join(command)}` finds no test file", "name the files: node --test FILE…")
    text = f"""{_head(command)}
const files = {json.dumps(found, indent=2)};

exports.setup = async () => {{
  for (const file of files) await globalThis.leaklint.load(file);
}};

exports.iterate = () => globalThis.leaklint.runTests();
"""
    return Driver("javascript", shlex.join(command), "repeat", text, roots=("", project), command=command)


def _head(command: tuple[str, ...]) -> str:
    return f"""// Runs `{shlex.join(command)}` again and again in one process. Made by leaklint.

"use strict";
"""


def _named(word: str) -> Iterator[str]:
    """The files that a word of the command names: a file, a folder, a pattern."""
    if os.path.isdir(word):
        yield from _found(word)
    else:
        yield from (os.path.abspath(file) for file in glob(word, recursive=True) if os.path.isfile(file))


def _found(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "node_modules" and not name.startswith("."))
        for name in names:
            file = os.path.join(place, name)
            if _TEST.search(
                os.path.relpath(file, os.path.dirname(os.path.abspath(folder))).replace(os.sep, "/")
            ):
                yield os.path.abspath(file)
