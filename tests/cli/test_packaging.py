"""What a built distribution holds agrees with the folders of the checkout."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_package_is_listed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {file.parent.relative_to(ROOT) for file in (ROOT / "leaklint").rglob("__init__.py")}
    found |= {"leaklint" / file.parent.relative_to(ROOT) for file in (ROOT / "rules").rglob("__init__.py")}
    assert set(listed) == {".".join(folder.parts) for folder in found}


def test_nobody_is_told_to_install_a_stranger() -> None:
    """The name `leaklint` on the public index belongs to an unrelated package."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    assert pages
    assert not [page.name for page in pages if "install leaklint\n" in page.read_text("utf-8") + "\n"]
