"""Which files are checked: order, .gitignore, default skips, content, links, and what is named explicitly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leaklint.config import Project, Settings
from leaklint.discover import Search, search, unwanted


def tree(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("x = 1\n")


def found(
    *paths: str, settings: Settings | None = None, gitignore: bool = True, force: bool = False
) -> Search:
    project = Project(os.getcwd(), settings or Settings())
    return search(paths or (".",), project, gitignore=gitignore, force_exclude=force)


def names(result: Search) -> list[str]:
    return [target.path for target in result.targets]


def reasons(result: Search) -> dict[str, str]:
    return {skip.path: skip.reason for skip in result.skipped if skip.path != ".git/"}


def test_files_of_every_language_in_order(folder: Path) -> None:
    tree("b/x.py", "a.b/x.ts", "a/z.java", "a/B.jsx", "a/x.mts", "x.pyi", "a/x.CJS", "notes.md")
    assert names(found()) == ["a/B.jsx", "a/x.CJS", "a/x.mts", "a/z.java", "a.b/x.ts", "b/x.py", "x.pyi"]
    assert reasons(found()) == {"notes.md": "not a language that leaklint checks"}


def test_a_file_is_checked_once(folder: Path) -> None:
    tree("a/x.py", "a/y.py")
    assert names(found("a", "a/x.py", ".", str(folder / "a" / "y.py"))) == ["a/x.py", "a/y.py"]


def test_paths_outside_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree("a/x.py")
    Path("b").mkdir()
    monkeypatch.chdir("b")
    assert names(found("../a")) == [f"{folder}/a/x.py"]


def test_nested_gitignore(folder: Path) -> None:
    tree(
        "a.py", "gen/a.py", "sub/gen/a.py", "sub/b.py", "sub/keep.py", "sub/deep/b.py", "odd [x].py", "top.py"
    )
    Path(".gitignore").write_text("# a comment\ngen/\nsub/b.py\n/top.py\n\nkeep.py\nodd*\n!odd \\[x].py\n")
    Path("sub/.gitignore").write_text("!keep.py\ndeep\n")
    result = found()
    assert names(result) == ["a.py", "odd [x].py", "sub/keep.py"]
    assert set(reasons(result).values()) == {"ignored by .gitignore", "not a language that leaklint checks"}
    assert reasons(result)["sub/deep/"] == "ignored by .gitignore"
    assert names(found("sub")) == ["sub/keep.py"], "ignore files above the argument hold too"
    assert len(names(found(gitignore=False))) == 8


def test_the_repositorys_own_exclude_file(folder: Path) -> None:
    tree("a.py", "b.py", ".git/info/x.py")
    Path(".git/info/exclude").write_text("b.py\n")
    assert names(found()) == ["a.py"]


def test_an_ignored_folder_that_is_named_is_checked(folder: Path) -> None:
    tree("gen/a.py", "gen/b.py")
    Path(".gitignore").write_text("gen/\n")
    Path("gen/.gitignore").write_text("b.py\n")
    assert names(found()) == []
    assert names(found("gen")) == ["gen/a.py"]
    assert names(found("gen/b.py")) == ["gen/b.py"]
    assert names(found("gen", force=True)) == []
    assert reasons(found("gen/b.py", force=True)) == {"gen/b.py": "ignored by .gitignore"}


def test_an_ignore_file_that_cannot_be_read_is_none(folder: Path) -> None:
    tree("a.py")
    Path(".gitignore").mkdir()
    assert names(found()) == ["a.py"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("node_modules/x/a.js", "installed packages"),
        (".venv/lib/a.py", "virtual environment"),
        ("lib/site-packages/a.py", "installed packages"),
        ("__pycache__/a.py", "cache"),
        ("build/lib/a.py", "build output"),
        ("web/dist/a.js", "build output"),
        (".next/a.js", "build output"),
        ("types/api.d.ts", "declarations only"),
    ],
)
def test_default_skips(folder: Path, path: str, reason: str) -> None:
    tree(path)
    assert names(found()) == []
    assert list(reasons(found()).values()) == [reason]


def test_an_environment_by_any_name(folder: Path) -> None:
    tree("tools/lib/a.py")
    Path("tools/pyvenv.cfg").touch()
    assert reasons(found()) == {"tools/": "virtual environment"}


def test_target_is_output_next_to_its_build_file_only(folder: Path) -> None:
    tree("shop/target/A.java", "game/target/a.py")
    Path("shop/pom.xml").touch()
    assert names(found()) == ["game/target/a.py"]


@pytest.mark.parametrize("path", ["tests/a.py", "examples/a.js", "src/main/java/org/x/build/A.java"])
def test_never_skipped(folder: Path, path: str) -> None:
    tree(path)
    assert names(found()) == [path]


def test_a_package_called_build_is_source(folder: Path) -> None:
    tree("pip/build/__init__.py", "pip/build/wheel.py")
    assert names(found()) == ["pip/build/__init__.py", "pip/build/wheel.py"]


def test_exclude_replaces_the_default_folders_and_extend_adds(folder: Path) -> None:
    tree("a.py", "b.py", "dist/a.py", "sub/a.py")
    assert names(found(settings=Settings(exclude=("b.py",)))) == ["a.py", "dist/a.py", "sub/a.py"]
    assert names(found(settings=Settings(extend_exclude=("b.py", "sub/")))) == ["a.py"]


def test_a_file_over_the_limit(folder: Path) -> None:
    tree("a.py")
    with open("big.py", "wb") as file:
        file.truncate(1_000_001)
    with open("huge.py", "wb") as file:
        file.truncate(50_000_000)
    assert reasons(found()) == {"big.py": "over 1 MB", "huge.py": "over 1 MB"}
    assert names(found("big.py", "huge.py")) == ["big.py"]
    assert reasons(found("huge.py")) == {"huge.py": "over 20 MB"}


def test_links(folder: Path) -> None:
    tree("a/x.py")
    os.symlink("..", "a/loop")
    os.symlink("nowhere.py", "dangling.py")
    os.symlink("a/x.py", "again.py")
    os.symlink("a", "alias")
    os.symlink("self.py", "self.py")
    result = found()
    assert names(result) == ["a/x.py"]
    assert reasons(result) == {
        "a/loop": "link",
        "again.py": "link",
        "alias": "link",
        "dangling.py": "dangling link",
        "self.py": "dangling link",
    }
    assert names(found("alias")) == ["alias/x.py"], "a link that is named is followed"
    assert names(found("again.py")) == ["again.py"]
    assert found("self.py", "dangling.py").troubles == [
        "self.py: too many levels of symbolic links",
        "dangling.py: no such file or directory",
    ]


def test_what_is_no_file(folder: Path) -> None:
    os.mkfifo("pipe.py")
    assert reasons(found()) == {"pipe.py": "not a regular file"}
    assert reasons(found("pipe.py")) == {"pipe.py": "not a regular file"}


def test_a_name_that_no_file_can_have(folder: Path) -> None:
    assert found("a\0b.py").troubles == ["a\0b.py: embedded null byte"]


def test_a_folder_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree("a/x.py", "b/x.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = found()
    assert names(result) == ["b/x.py"]
    assert result.troubles == ["a: permission denied"]


MINIFIED = b"/* jQuery */\n" + b"var a=function(){return 1};" * 100
LITERAL = b"TABLE = '" + b"x" * 3000 + b"'\n" + b"def function_of_usual_width(a, b):\n    return a\n" * 100


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", ""),
        (b"x = 1\n", ""),
        (b"G\x40\0\x10\0video", "binary"),
        ("x = 1\n".encode("utf-16"), ""),
        (MINIFIED, "minified"),
        (LITERAL, ""),
        (b"// @generated by a tool\nlet x\n", "generated"),
        (b"# Code generated by protoc-gen-x. DO NOT EDIT.\n", "generated"),
        (
            b"# -*- coding: ascii\n# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
            "generated",
        ),
        (b"/*\n * This file is auto-generated\n */\n", "generated"),
        (b"// This file was automatically generated by the build.\n", "generated"),
        (b"/******/ (() => { // webpackBootstrap\n", "generated"),
        (b'package x;\n@Generated("thrift")\nclass A {}\n', "generated"),
        (b"# the report is generated by this script\n", ""),
        (b"x = 'Code generated; DO NOT EDIT'\n", ""),
        (b"\n" * 3000 + b"// @generated\n", ""),
    ],
)
def test_content(raw: bytes, reason: str) -> None:
    assert unwanted(raw, explicit=False) == reason
    assert unwanted(raw, explicit=True) == (reason if reason == "binary" else "")


RELEASE = b"/*!\n * Widgets Library v1.10.2\n * http://widgets.example/\n *\n * MIT license\n */\nlet x\n"
LINES = b"//     Under.js 1.5.2\n//     http://under.example\n//     (c) 2009-2013 A. Author\n\nvar x;\n"


@pytest.mark.parametrize(
    ("path", "raw", "reason"),
    [
        ("docs/js/widgets.js", RELEASE, "copy of a library"),
        ("static/vendors/widgets.ts", b"// @ts-nocheck\n" + RELEASE, "copy of a library"),
        ("docs/js/under.js", LINES, "copy of a library"),
        ("src/widgets.js", RELEASE, ""),  # this may be the library itself
        ("docs", RELEASE, ""),
        ("docs/app.js", b"/* Our pages, since 1.2. */\nlet x = 'http://licence'\n", ""),
        ("static/app.js", b"// MIT license, http://here.example\nlet x = 1.2\n", ""),
    ],
)
def test_copies(path: str, raw: bytes, reason: str) -> None:
    """A release lies in a folder for what is shipped, and begins with name, version, page and licence."""
    assert unwanted(raw, explicit=False, path=path) == reason
    assert unwanted(raw, explicit=True, path=path) == ""
