"""The literate runner: what it reads, and what it says when a suite and leaklint disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaklint.config import Settings
from leaklint.rule import Finding, Rule
from leaklint.source import SourceFile
from leaklint.testing import fences, markers, read_manual, read_suite, update_snapshots

SUITE = """\
# a-rule

Prose with `code`, and a fence that is no code:

```toml
x = 1
```

## First case

```python
keep(1)  # error: [LK101] "keeps"
```

## Second case
### In detail

````js confidence=high file=cart.js
// ```
keep(1)
````

```snapshot
stale
```
"""


def fake(source: SourceFile, settings: Settings) -> list[Finding]:
    """One finding for every line that holds `keep(`, at the confidence that the line asks for."""
    found = []
    for number, line in enumerate(source.data.decode().splitlines(), 1):
        if "keep(" in line and not (settings.confidence == "high" and "unsure" in line):
            code = "LK102" if "list" in line else "LK101"
            found.append(
                Finding(code, "a-rule", source.path, 0, 1, "it keeps", "stop", "high", "warning", "h", [])
            )
            found[-1].line = found[-1].end_line = number
            found[-1].column, found[-1].end_column = 1, 5
    return found


def failures(tmp_path: Path, body: str, info: str = "python") -> tuple[list[str], int, int]:
    file = tmp_path / "suite.md"
    file.write_text(f"# suite\n\n```{info}\n{body}\n```\n")
    (case,) = read_suite(file, fake)
    result = case.run()
    return result.failures, result.todo_errors, result.todo_oks


def test_fences_know_where_they_stand() -> None:
    toml, first, second, snapshot = fences(SUITE)
    assert (toml.language, toml.checked) == ("toml", False)
    assert (first.line, first.headings) == (12, ("a-rule", "First case"))
    assert first.text == 'keep(1)  # error: [LK101] "keeps"\n'
    assert second.headings == ("a-rule", "Second case", "In detail")
    assert second.options == {"confidence": "high", "file": "cart.js"}
    assert second.text == "// ```\nkeep(1)\n"
    assert snapshot.language == "snapshot"


def test_a_fence_without_end_reaches_to_the_end() -> None:
    (fence,) = fences("```\na\nb")
    assert (fence.language, fence.text) == ("", "a\nb\n")


def test_markers_speak_of_their_line_or_the_next_line_of_code() -> None:
    text = (
        'a()  # error: [LK101] "text" # error: [LK102]\n'
        "# todo-ok: [LK103]\n"
        "\n"
        "# a remark\n"
        "b()\n"
        "// todo-error: [a-rule]\n"
        "c(); /* error: [LK104] */\n"
        "<d/> {/* error: [LK105] */}\n"
    )
    assert [(row.line, row.kind, row.code, row.text) for row in markers(text)] == [
        (1, "error", "LK101", "text"),
        (1, "error", "LK102", ""),
        (5, "todo-ok", "LK103", ""),
        (7, "todo-error", "a-rule", ""),
        (7, "error", "LK104", ""),
        (8, "error", "LK105", ""),
    ]


def test_a_marker_without_code_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no line of code follows"):
        markers("a()\n# error: [LK101]\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("keep(1)  # error: [LK101]", ([], 0, 0)),
        ('keep(1)  # error: [a-rule] "keeps"', ([], 0, 0)),
        ("pass", ([], 0, 0)),
        ("keep(1)", (["suite.md:4: noisy: LK101 it keeps"], 0, 0)),
        ("pass\npass  # error: [LK101]", (["suite.md:5: missing: [LK101]"], 0, 0)),
        (
            'keep(1)  # error: [LK101] "other"',
            (['suite.md:4: missing: [LK101] "other"', "suite.md:4: noisy: LK101 it keeps"], 0, 0),
        ),
        ("pass  # todo-error: [LK101]", ([], 1, 0)),
        (
            "keep(1)  # todo-error: [LK101]",
            (["suite.md:4: found at last: `todo-error: [LK101]` is an `error` now"], 0, 0),
        ),
        ("keep(1)  # todo-ok: [LK101]", ([], 0, 1)),
        ("pass  # todo-ok: [LK101]", (["suite.md:4: silent at last: `todo-ok: [LK101]` can go"], 0, 0)),
    ],
)
def test_what_a_case_says(tmp_path: Path, body: str, expected: tuple[list[str], int, int]) -> None:
    assert failures(tmp_path, body) == expected


def test_confidence_of_a_fence(tmp_path: Path) -> None:
    assert failures(tmp_path, "keep(1)  # unsure")[0] == ["suite.md:4: noisy: LK101 it keeps"]
    assert failures(tmp_path, "keep(1)  # unsure", "python confidence=high")[0] == []


def test_snapshots(tmp_path: Path) -> None:
    file = tmp_path / "suite.md"
    file.write_text(SUITE.replace("keep(1)\n````", "keep(1)  // error: [LK101]\n````"))
    cases = read_suite(file, fake)
    assert [str(case) for case in cases] == ["suite:12", "suite:19"]
    assert "the report differs from its snapshot; it is now\nwarning: it keeps" in cases[1].run().failures[0]
    assert update_snapshots(file, fake)
    assert not update_snapshots(file, fake)
    assert all(not case.run().failures for case in read_suite(file, fake))
    assert "  --> cart.js:2:1\n" in file.read_text()


class Sample(Rule):
    """A rule with a manual."""

    code = "LK101"
    manual = (  # type: ignore[assignment]
        "```python bad\nkeep(1)\n```\n```js bad\npass\n```\n"
        "```ts good\npass\n```\n```java good\nkeep(list)\n```\n```python\nkeep(2)\n```\n"
    )


def test_examples_of_a_manual() -> None:
    cases = read_manual(Sample(), fake)
    assert [str(case).partition(":")[2] for case in cases] == ["python-bad", "js-bad", "ts-good", "java-good"]
    said = [case.run().failures for case in cases]
    assert not said[0] and not said[2]
    assert "must bring one LK101, but it brings nothing" in said[1][0]
    assert "must be silent, but it brings\n  1: LK102 it keeps" in said[3][0]
