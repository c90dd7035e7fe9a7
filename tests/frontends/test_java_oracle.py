"""javalang as an oracle: on real Java both see the same types, members, lambdas, calls and imports.

The sources are those of an npm package, and of an installed JDK that brings its own. javalang knows Java 8;
files that it rejects are not compared, and the test says how many were.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from java_oracle import Facts, facts_of

from leaklint.frontends.java import lower
from leaklint.ir import NONE, Bind, Call, Scope, Unit
from leaklint.source import SourceFile

KNOWN_GAPS: dict[str, str] = {}
"""Ends of paths of files that may differ, with the reason."""

_PACKAGE = "react-native@0.72.17"
_MODULES = ("java.base/java/util/", "java.net.http/", "jdk.compiler/", "jdk.javadoc/", "jdk.jpackage/")
_JDK_BYTES = 6_000_000
_LARGEST = 150_000
_PARTS = 8
_ENUM_CONSTANT = re.compile(rb"[\w$]+\s*(?:[,;{}]|$)")
# javalang decodes Unicode escapes before it counts offsets, and takes records for methods
_MISREAD = re.compile(rb"\\u|\brecord\s+\w+\s*[(<]")

Sources = list[tuple[str, bytes]]


@pytest.fixture(scope="session")
def sources(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    found = _from_npm(pytestconfig, tmp_path_factory) + _from_jdk()
    if not found:
        reason = "no Java sources: neither npm nor a JDK with its src.zip"
        required = "jdk" in os.environ.get("LEAKLINT_REQUIRE", "").split(",")
        (pytest.fail if required else pytest.skip)(reason)
    return found


def _from_npm(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The Java part of a package, fetched once through npm and kept in pytest's cache."""
    npm = shutil.which("npm")
    if npm is None or pytestconfig.cache is None:
        return []
    kept = pytestconfig.cache.mkdir("java-sources") / f"{_PACKAGE}.zip"
    if not kept.exists():
        folder = tmp_path_factory.mktemp("npm")
        done = subprocess.run(
            [npm, "pack", "--silent", _PACKAGE], cwd=folder, capture_output=True, check=False
        )
        packed = next(folder.glob("*.tgz"), None)
        if done.returncode or packed is None:
            return []
        _keep_java(packed, kept)
    with zipfile.ZipFile(kept) as archive:
        return [(name, archive.read(name)) for name in sorted(archive.namelist())]


def _keep_java(packed: Path, kept: Path) -> None:
    partial = kept.with_name(f"{kept.name}.{os.getpid()}")
    with tarfile.open(packed) as archive, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as out:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".java") else None
            if content is not None:
                out.writestr(member.name, content.read())
    partial.replace(kept)


def _from_jdk() -> Sources:
    """Every n-th file of some modules of a JDK, so that their sizes add up to a few megabytes."""
    for home in _jdks():
        archive = home / "lib" / "src.zip"
        if not archive.exists():
            continue
        with zipfile.ZipFile(archive) as opened:
            rows = [
                row
                for row in sorted(opened.infolist(), key=lambda row: row.filename)
                if row.filename.startswith(_MODULES)
                and row.filename.endswith(".java")
                and row.file_size <= _LARGEST
            ]
            step = max(1, sum(row.file_size for row in rows) // _JDK_BYTES)
            return [(row.filename, opened.read(row)) for row in rows[::step]]
    return []


def _jdks() -> list[Path]:
    """Homes of JDKs: that of the environment, that of the `java` command, and those installed beside it."""
    homes = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    command = shutil.which("java")
    if command is not None:
        home = Path(command).resolve().parent.parent
        homes += [home, *sorted(home.parent.iterdir())]
    return homes


def _is_reference(scope: Scope, data: bytes) -> bool:
    """Whether the scope is that of a method reference, which the front end reads as a lambda."""
    return scope.kind == "lambda" and b"->" not in data[scope.at : scope.end]


def unit_facts(unit: Unit, source: SourceFile) -> Facts:
    data = source.data
    facts: Facts = Counter()
    for scope in unit.scopes:
        if _is_reference(scope, data):
            continue  # `all.forEach(bus::register)`, no lambda to anybody else
        if scope.kind == "lambda":
            facts["lambda", scope.at] += 1
        elif scope.kind in ("method", "constructor") and "initializer" not in scope.flags:
            facts["method", scope.name, len(scope.params), scope.at] += 1
    for owner in unit.owners:
        if owner.kind == "anonymous":
            facts["anonymous", owner.at] += 1
        else:
            facts["type", owner.name, unit.symbols[owner.symbol].at] += 1
    for call in unit.effects:
        if isinstance(call, Call) and data[call.at : call.at + 1] != b"@":  # annotations call too
            if _is_reference(unit.scopes[call.scope], data) and call.end == unit.scopes[call.scope].end:
                continue
            name = re.compile(rb"[\w$]+").match(data, call.at_name)
            assert name is not None, source.position(call.at_name)
            constant = call.new and call.at == call.at_name
            if not constant or not _ENUM_CONSTANT.match(data, call.at_name):
                facts["call", name[0].decode(), call.at_name] += 1
            if call.new and not constant:
                facts["new", name[0].decode(), call.at_name] += 1
    return facts


def unit_names(unit: Unit) -> Counter[tuple[str, ...]]:
    """Fields and imports, which are compared without their positions: javalang has none for the names."""
    names: Counter[tuple[str, ...]] = Counter()
    constants = _enum_constants(unit)
    for index, symbol in enumerate(unit.symbols):
        if symbol.kind == "import" and symbol.scope != NONE:  # NONE: a name that is written with its package
            names["import", symbol.module, symbol.imported] += 1
        elif symbol.kind in ("field", "static") and index not in constants:
            names["field", symbol.name] += 1
    return names


def _enum_constants(unit: Unit) -> set[int]:
    """Static fields whose declaration is a construction at the same place."""
    places = [row for row in unit.effects if isinstance(row, Bind) and row.how == "declare"]
    at = {row.at for row in places if unit.values[row.value].kind == "call" and _at(unit, row) == row.at}
    return {index for index, row in enumerate(unit.symbols) if row.kind == "static" and row.at in at}


def _at(unit: Unit, row: Bind) -> int:
    call = unit.values[row.value].call
    return unit.effects[call].at if call != NONE else NONE


def oracle_names(facts: Facts) -> Counter[tuple[str, ...]]:
    names: Counter[tuple[str, ...]] = Counter()
    for kind, *words in facts:
        if kind == "field":
            names.update(("field", name) for name in words[0])  # type: ignore[attr-defined]
        elif kind == "import":
            path, _, wildcard, _ = words
            module, _, name = str(path).rpartition(".")
            names["import", str(path) if wildcard else module, "*" if wildcard else name] = 1
    return names


def differences(source: SourceFile) -> list[str] | None:
    """What one side sees and the other does not; None when javalang rejects the file."""
    theirs = facts_of(source.data.decode("utf-8"))
    if theirs is None:
        return None
    unit = lower(source)
    ours = unit_facts(unit, source)
    names, expected = unit_names(unit), oracle_names(theirs)
    theirs = Counter({fact: n for fact, n in theirs.items() if fact[0] not in ("field", "import")})
    out = [f"only the front end: {_shown(source, fact)}" for fact in ours - theirs]
    out += [f"only javalang: {_shown(source, fact)}" for fact in theirs - ours]
    out += [f"only the front end: {name}" for name in names - expected]
    out += [f"only javalang: {name}" for name in expected - names]
    out += [f"problem: {problem.message}" for problem in unit.problems]
    return out


def _shown(source: SourceFile, fact: tuple[object, ...]) -> str:
    line, column = source.position(int(str(fact[-1])))
    return f"{line}:{column} {' '.join(map(str, fact[:-1]))}"


@pytest.mark.parametrize("part", range(_PARTS))
def test_same_facts(part: int, sources: Sources) -> None:
    compared, rejected = 0, 0
    wrong: dict[str, list[str]] = {}
    for name, data in sources[part::_PARTS]:
        if _MISREAD.search(data):
            continue
        found = differences(SourceFile(name, data))
        compared += found is not None
        rejected += found is None
        if found and not name.endswith(tuple(KNOWN_GAPS)):
            wrong[name] = found[:8]
    print(f"{compared} files compared, {rejected} rejected by javalang")
    assert not wrong, "\n".join(f"{name}: {rows}" for name, rows in wrong.items())
    assert compared > rejected
