"""Where the classes of a Java project are: its build output, its libraries, and the roots of its sources.

It runs no build tool: what was not built is compiled from source, and what was not fetched is missing.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path

_OUTPUT = (
    "target/classes",
    "build/classes/java/main",
    "build/classes/kotlin/main",
    "build/resources/main",
    "src/main/resources",
)
_TESTS = ("target/test-classes", "build/classes/java/test")
_LIBRARIES = (
    "target/dependency/*.jar",
    "build/libs/*.jar",
    "build/install/*/lib/*.jar",
    "lib/*.jar",
    "libs/*.jar",
)
_SOURCES = (
    "src/main/java",
    "target/generated-sources/annotations",
    "build/generated/sources/annotationProcessor/java/main",
)
_BUILDS = ("pom.xml", "build.gradle", "build.gradle.kts", "build.xml")
_MODULES = ("", "*/", "*/*/")
"""Modules of a project lie beside that of the file, at most two folders below its root."""


def class_path(file: Path, project: str) -> tuple[str, ...]:
    """Output folders and libraries of the file's own module, then those of the other modules."""
    own = module(file, project)
    found = [
        place
        for pattern in (*_OUTPUT, *_TESTS, *_LIBRARIES)
        for place in sorted(glob.glob(os.path.join(own, pattern)))
    ]
    found += _everywhere(own, project, (*_OUTPUT, *_LIBRARIES))
    return tuple(dict.fromkeys(found))


def source_roots(file: Path, package: str, project: str, tops: tuple[str, ...]) -> tuple[str, ...]:
    """Folders that javac finds sources in: that above the file's package, then those of all modules.

    A file in which javac would not look is named itself: it lies elsewhere than its package says, or it is
    not called as one of its classes, `tops`.
    """
    file = file.resolve()
    root = file.parent
    for part in reversed(package.split(".") if package else []):
        if root.name != part:
            return (str(file.parent), str(file))
        root = root.parent
    own = module(file, project)
    itself = [str(file)] if any(name != file.stem for name in tops) else []
    found = [str(root), *(os.path.join(own, folder) for folder in _SOURCES)]
    found += _everywhere(own, project, _SOURCES)
    return tuple(dict.fromkeys([*(folder for folder in found if os.path.isdir(folder)), *itself]))


def module(file: Path, project: str) -> str:
    """The folder of the build file nearest to a source file; the project without one."""
    top = Path(project).resolve()
    for folder in file.resolve().parents:
        if any((folder / name).exists() for name in _BUILDS):
            return str(folder)
        if folder == top:
            break
    return str(top)


def _everywhere(own: str, project: str, patterns: tuple[str, ...]) -> Iterator[str]:
    """The same folders of all modules, where the project has a build file."""
    if not any(os.path.exists(os.path.join(own, name)) for name in _BUILDS):
        return
    for prefix in _MODULES:
        for pattern in patterns:
            yield from sorted(glob.glob(os.path.join(os.path.realpath(project), prefix + pattern)))
