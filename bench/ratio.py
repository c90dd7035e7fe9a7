"""What a cold check costs, as a multiple of the bare tree-sitter parse of the same files.

One process, start-up and imports aside, processor time, the best of several rounds. `make bench` runs
this and `startup.py`; arguments are languages, by default all.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

import startup
import tree_sitter
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_typescript
from trees import trees

from leaklint.analysis import analyse
from leaklint.config import Project
from leaklint.discover import Target, search, unwanted
from leaklint.source import SourceFile

ROUNDS = 3
ENOUGH = 8_000_000
GRAMMARS = {
    ".py": tree_sitter_python.language(),
    ".js": tree_sitter_javascript.language(),
    ".ts": tree_sitter_typescript.language_typescript(),
    ".tsx": tree_sitter_typescript.language_tsx(),
    ".java": tree_sitter_java.language(),
}


def files_of(folder: Path) -> list[Target]:
    """The files below a folder that a check would read, up to ENOUGH bytes."""
    found = search((str(folder),), Project(str(folder)), gitignore=False)
    files: list[Target] = []
    room = ENOUGH
    for target in found.targets:
        if Path(target.file).suffix not in GRAMMARS or unwanted(Path(target.file).read_bytes(), False):
            continue
        room -= target.size
        if room < 0:
            break
        files.append(target)
    return files


def parse(files: list[Target]) -> None:
    parsers = {suffix: tree_sitter.Parser(tree_sitter.Language(raw)) for suffix, raw in GRAMMARS.items()}
    for target in files:
        parsers[Path(target.file).suffix].parse(Path(target.file).read_bytes())


def check(files: list[Target]) -> None:
    """As a run does it: collection of cycles off, a batch of files at a time."""
    gc.disable()
    for target in files:
        analyse(SourceFile.read(Path(target.file), target.path))
    gc.enable()


def seconds(work: Callable[[list[Target]], None], files: list[Target]) -> float:
    started = time.process_time()
    work(files)
    return time.process_time() - started


def main() -> None:
    wanted = {word.lower() for word in sys.argv[1:]}
    for language, folder in trees().items():
        if wanted and language.lower() not in wanted:
            continue
        files = files_of(folder)
        check(files[:1])  # imports and models
        rounds = [(seconds(parse, files), seconds(check, files)) for _ in range(ROUNDS)]
        bare, whole = (min(column) for column in zip(*rounds, strict=True))
        size = sum(target.size for target in files) / 1_000_000
        print(
            f"{language:11} {size:5.1f} MB in {len(files):5} files  parse {bare:5.2f} s  "
            f"check {whole:5.2f} s  ratio {whole / bare:4.2f} (at most 4)"
        )
    if not wanted:
        startup.main()


if __name__ == "__main__":
    main()
