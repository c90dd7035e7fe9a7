"""Drivers in Java: they compile, they call what they say, and equal numbers give equal arguments."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from leaklint.runtime import drivers
from leaklint.runtime.agent import Missing
from leaklint.runtime.derive import outline
from leaklint.runtime.jvm.classpath import class_path, source_roots
from leaklint.runtime.jvm.drivers import repeat, write
from leaklint.runtime.suspect import Callable, Entry, Outline

PROGRAM = Path(__file__).with_name("Shop.java")
RUNNER = """
public class Runner {
    public static void main(String[] names) throws Exception {
        for (String name : names) {
            Object workload = Class.forName(name).getConstructor().newInstance();
            for (var method : workload.getClass().getMethods()) {
                if (method.getName().equals("setup")) {
                    method.invoke(workload);
                }
            }
            for (int i : new int[] {4, 4, 5}) {
                System.out.print(name + "|");
                workload.getClass().getMethod("iterate", int.class).invoke(workload, i);
                System.out.println();
            }
        }
    }
}
"""
FRESH = {
    "text": "text-{n}",
    "symbols": "text-{n}",
    "number": "{n}",
    "wide": "{n}",
    "big": "{n}",
    "real": "{n}.5",
    "anything": "text-{n}",
    "bytes": "[116, 101, 120, 116, 45, {code}]",
    "words": "[text-{n}]",
    "grid": "[[{n}]]",
    "many": "[text-{n}]",
    "list": "[text-{n}]",
    "orders": "[Order[id=text-{n}, lines=[{n}]]]",
    "nested": "{text-{n}=[{{n}=Order[id=text-{n}, lines=[{n}]]}]}",
    "set": "[{n}]",
    "map": "{text-{n}={n}}",
    "entry": "text-{n}={n}",
    "maybe": "text-{n}",
    "stream": "[text-{n}]",
    "iterable": "[text-{n}]",
    "supplied": "text-{n}",
    "computed": "{n}",
    "asked": "Reply-{n} status-{n}",
    "input": "text-{n}",
    "file": "text-{n}",
    "path": "text-{n}",
    "uri": "http://localhost/text-{n}",
    "unique": "00000000-0000-0000-0000-00000000000{n}",
    "thread": "text-{n}",
    "order": "Order[id=text-{n}, lines=[{n}]]",
    "basket": "basket of text-{n} with 1",
    "bean": "text-{n} of {n}",
    "untouched": "text-{n} under 3",
    "generic": "text-{n}",
    "bounded": "text-{n}",
    "hidden": "hidden text-{n}",
    "method": "shop of text-8 text-{n}",
    "closed": "closed text-{n} ended",
    "finished": "text-{n} closed",
    "inner": "inner {n}",
    "once": "once text-{n}",
    "only": "only text-{n}",
    "shade": "shade text-{n}",
    "secret": "secret text-{n}",
    "made": "made text-{n}",
    "throwing": "text-{n}",
}
"""What the method of that name is given with number n, whose digit has that code."""

SAME = {"loader": "a loader", "kind": "class java.lang.String", "timer": "a timer", "level": "true"}
"""What comes from few values, or is one for the whole program."""


def filled(text: str, number: int) -> str:
    return text.replace("{n}", str(number)).replace("{code}", str(ord("0") + number))


def entry(target: Callable) -> Entry:
    return Entry(target, 0, True)


def plan(item: Outline, name: str) -> drivers.CallPlan:
    target = drivers.find_target(item, name)[0]
    keeps = target.kind == "method" and target.owner == "Shop"
    return next(drivers.plans(item, entry(target), keeps_instance=keeps))


def run(sources: dict[str, str], folder: Path) -> dict[str, list[str]]:
    """Compile workloads, one class each, and call them with 4, 4 and 5: what they printed, by name."""
    for name, text in sources.items():
        (folder / f"{name}.java").write_text(re.sub(r"\bWorkload\b", name, text), "utf-8")
    (folder / "Runner.java").write_text(RUNNER, "utf-8")
    files = [*map(str, sorted(folder.glob("*.java"))), str(PROGRAM)]
    compiled = subprocess.run(["javac", "-nowarn", "-d", str(folder), *files], capture_output=True, text=True)
    assert compiled.returncode == 0, compiled.stderr
    command = ["java", "-cp", str(folder), "Runner", *(f"market.{name}" for name in sources)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        name, _, words = line.partition("|")
        found.setdefault(name.removeprefix("market.").removeprefix("Calls_"), []).append(words)
    return found


@pytest.fixture(scope="module")
def shop() -> Outline:
    return outline(PROGRAM, PROGRAM.name)


@pytest.fixture(scope="module")
def given(shop: Outline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    names = [*FRESH, *SAME]
    texts = {f"Calls_{name}": write(plan(shop, name), str(PROGRAM.parent)).source for name in names}
    yield run(texts, tmp_path_factory.mktemp("drivers"))


@pytest.mark.parametrize("name", FRESH)
def test_equal_numbers_give_equal_arguments_and_others_do_not(name: str, given: dict[str, list[str]]) -> None:
    first, second, other = given[name]
    assert first == second == filled(FRESH[name], 4)
    assert other == filled(FRESH[name], 5)


@pytest.mark.parametrize("name", SAME)
def test_what_a_program_has_few_of_is_not_made_anew(name: str, given: dict[str, list[str]]) -> None:
    assert given[name][0] == given[name][1] == SAME[name]


def test_what_can_be_named_is_written_out(shop: Outline) -> None:
    text = write(plan(shop, "order"), str(PROGRAM.parent)).source
    assert "package market;" in text
    assert "Shop.order(new Shop.Order(" in text.replace("\n", "")
    assert "Made." not in text


def test_the_argument_of_a_trigger_is_the_number(shop: Outline, tmp_path: Path) -> None:
    texts = {}
    for name in ("text", "wide", "level", "symbols", "hidden", "real"):
        target = drivers.find_target(shop, name)[0]
        texts[f"Calls_{name}"] = write(next(drivers.trigger_plans(shop, target)), str(PROGRAM.parent)).source
    found = run(texts, tmp_path)
    assert {name: rows[1:] for name, rows in found.items()} == {
        "text": ["4", "5"],
        "wide": ["4", "5"],
        "level": ["false", "true"],
        "symbols": ["4", "5"],
        "hidden": ["hidden 4", "hidden 5"],
        "real": ["4.0", "5.0"],
    }


def test_a_release_gets_what_was_added(shop: Outline, tmp_path: Path) -> None:
    adding = plan(shop, "enter")
    both = drivers.balanced(shop, adding, ["Shop.leave"])
    assert both is not None
    found = run({"Calls_both": write(both, str(PROGRAM.parent)).source}, tmp_path)
    assert found["both"] == ["1 0", "1 0", "1 0"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("Shape.Shape", "it is abstract"), ("Shade.Shade", "an enum"), ("Only.Only", "only `")],
)
def test_what_cannot_be_made_is_said(name: str, reason: str, shop: Outline) -> None:
    target = drivers.find_target(shop, name)[0]
    ways = list(drivers.plans(shop, entry(target), keeps_instance=False))
    with pytest.raises(Missing, match=reason):
        write(ways[0], str(PROGRAM.parent))


def test_a_singleton_lives_as_long_as_the_process(shop: Outline) -> None:
    target = drivers.find_target(shop, "Only.only")[0]
    kept = next(drivers.plans(shop, entry(target), keeps_instance=True))
    driver = write(kept, str(PROGRAM.parent))
    assert not driver.keeps_instance
    assert "Shop.Only.getOnly()" in driver.source


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("text", "Shop.text"),
        ("Shop.text", "Shop.text"),
        ("Basket.size", "Shop.Basket.size"),
        ("size", "Shop.size"),
    ],
)
def test_a_trigger_names_a_method(name: str, found: str, shop: Outline) -> None:
    assert [target.text for target in drivers.find_target(shop, name)] == [found]


def test_commands_go_through_a_workload() -> None:
    with pytest.raises(Missing, match="cannot be repeated inside one JVM") as caught:
        repeat(("mvn", "test"), ".")
    assert "--workload" in caught.value.hint


def test_sources_and_output_of_all_modules_are_found(tmp_path: Path) -> None:
    file = tmp_path / "app" / "src" / "main" / "java" / "shop" / "Tax.java"
    for folder in (
        file.parent,
        tmp_path / "app/target/classes",
        tmp_path / "app/target/dependency",
        tmp_path / "core/src/main/java",
        tmp_path / "core/build/classes/java/main",
    ):
        folder.mkdir(parents=True)
    for name in ("pom.xml", "app/pom.xml", "app/target/dependency/a.jar"):
        (tmp_path / name).write_text("")
    file.write_text("package shop; class Tax {}")
    found = [os.path.relpath(place, tmp_path) for place in class_path(file, str(tmp_path))]
    assert found == ["app/target/classes", "app/target/dependency/a.jar", "core/build/classes/java/main"]
    roots = source_roots(file, "shop", str(tmp_path), ("Tax",))
    assert [os.path.relpath(root, tmp_path) for root in roots] == ["app/src/main/java", "core/src/main/java"]


def test_a_file_that_javac_would_not_find_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tax.java"
    file.write_text("package shop; class Tax {}")
    assert source_roots(file, "shop", str(tmp_path), ("Tax",)) == (str(tmp_path), str(file))
    assert source_roots(file, "", str(tmp_path), ("Tax",)) == (str(tmp_path), str(file))
