"""Single-file components: only script blocks are read, at their own positions, whatever the file holds."""

from __future__ import annotations

import pytest

from leaklint.frontends.base import language_of, lower
from leaklint.ir import Call
from leaklint.source import SourceFile

MENU = """<template>
  <p>déjà vu {{ open() }}</p>
</template>

<script>
first();
</script>
<script setup lang="ts">
const n: number = 1;
second(n);
</script>
<style>p { color: red }</style>
"""


def _calls(path: str, text: str) -> dict[str, tuple[int, int]]:
    source = SourceFile(path, text.encode())
    unit = lower(source)
    return {row.name: source.position(row.at) for row in unit.effects if isinstance(row, Call)}


def test_positions_are_those_of_the_file() -> None:
    assert _calls("Menu.vue", MENU) == {"first": (6, 1), "second": (10, 1)}


def test_a_script_that_runs_once_an_instance_is_a_function_named_after_the_file() -> None:
    unit = lower(SourceFile("a/Menu.vue", MENU.encode()))
    assert (unit.path, unit.dialect) == ("a/Menu.vue", "vue")
    assert [row.name for row in unit.scopes if "component" in row.flags] == ["Menu"]


def test_a_module_script_of_svelte_runs_once() -> None:
    unit = lower(SourceFile("Menu.svelte", b"<script context='module'>\nfirst();\n</script>\n"))
    assert not any("component" in row.flags for row in unit.scopes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<template></template>",
        "<script",
        "<script>",
        "<script>first(",
        "</script><script>\r\nf()\r\n</script>",
    ],
)
def test_nothing_makes_it_fail(text: str) -> None:
    for path in ("Menu.vue", "Menu.svelte"):
        assert lower(SourceFile(path, text.encode())).path == path


def test_the_language_is_javascript() -> None:
    assert language_of("src/Menu.vue") == language_of("src/Menu.svelte") == "javascript"
