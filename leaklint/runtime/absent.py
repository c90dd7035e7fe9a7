"""What to type when a package is missing: the next command, by what the project says of its packages."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

GONE = ("no module `", "no file `", "no package `")
"""How a reason begins that names what an import did not find."""

_PYTHON = re.compile(r"No module named '([\w.]+)'")
_NODE = re.compile(r"Cannot find (?:module|package) '([^']+)'")
_OTHER_NAMES = {"PIL": "pillow", "cv2": "opencv-python", "yaml": "pyyaml", "sklearn": "scikit-learn"}
"""Modules of Python that are installed under another name."""


def of_python(said: str, interpreter: str, project: str, root: str = "") -> tuple[str, str] | None:
    """The module that an import did not find, and how to get it; None where none is missing.

    root: the folder that the driven file is imported from; what lies below it is of the program itself.
    """
    found = _PYTHON.search(said)
    if found is None:
        return None
    folder = Path(root, *found[1].split(".")[:-1])
    if root and "." in found[1] and folder.is_dir():
        return f"no module `{found[1]}`", f"there is no `{found[1].rpartition('.')[2]}.py` in {folder}"
    name = found[1].partition(".")[0]
    pip = f"{shlex.quote(interpreter)} -m pip install"
    if os.path.exists(os.path.join(project, "requirements.txt")):
        how = f"run `{pip} -r requirements.txt`"
    elif os.path.exists(os.path.join(project, "pyproject.toml")):
        how = f"run `{pip} -e .`"
    else:
        how = f"run `{pip} {_OTHER_NAMES.get(name, name)}` if it is a library"
    where = f"give --python with an interpreter that has it, or PYTHONPATH with the folder of `{name}`"
    return f"no module `{found[1]}`", f"{how}, {where}"


def of_node(said: str, file: str) -> tuple[str, str] | None:
    """The same for a package, or a file, of Node."""
    found = _NODE.search(said)
    if found is None:
        return None
    name = found[1]
    if name.startswith((".", "/")):
        where = os.path.basename(name)
        return f"no file `{where}` beside `{os.path.basename(file)}`", "build the project first"
    package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
    named = f'"{package}"'
    folders = Path(file).resolve().parents
    listed = next((folder for folder in folders if _mentions(folder / "package.json", named)), None)
    single = f"run `npm install --no-save {package}` if it is a library"
    how = f"run `npm install` in {listed}" if listed else single
    return f"no package `{package}`", f"{how}, or give a --workload that does without it"


def of_java(project: str) -> str:
    """How a project of Java gets its libraries to where they are found."""
    if os.path.exists(os.path.join(project, "pom.xml")):
        return "run `mvn -q test-compile dependency:copy-dependencies`, or give --classpath"
    if any(os.path.exists(os.path.join(project, name)) for name in ("build.gradle", "build.gradle.kts")):
        return "run `gradle classes`, and give --classpath with its libraries"
    return "give --classpath with what the project needs"


def _mentions(file: Path, text: str) -> bool:
    try:
        return text in file.read_text("utf-8", "replace")
    except OSError:
        return False
