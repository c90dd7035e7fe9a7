"""Writes the first version of a rule and of its literate suite. It teaches the shape; it edits no file."""

from __future__ import annotations

import re
from pathlib import Path

from leaklint import __version__
from leaklint.errors import UsageError
from leaklint.rule import all_rules

FAMILIES = {
    "growth": 1,
    "subscription": 2,
    "capture": 3,
    "thread": 4,
    "cycle": 5,
    "native": 6,
    "dom": 7,
}
_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_RULE = '''"""{name} ({code}): one line that says what leaks, without "this rule".

## What it does
Reports …

## Why is this bad?
Who keeps whom alive, and what makes it grow.

## Example
```python bad
CACHE = {{}}


def remember(key, value):
    CACHE[key] = value
```

## Use instead
```python good
def remember(cache, key, value):
    cache[key] = value
```

## When it stays silent
One line for each guard clause below.

## Runtime check
What is called, how often, and what must grow for the suspect to be confirmed.

## References
- [Title](https://example.org)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leaklint.rule import Finding, Rule

if TYPE_CHECKING:
    from leaklint.solve import Facts


class {title}(Rule):
    code = "{code}"
    since = "{since}"
    languages = ("python",)
    ceiling = "low"  # until 20 findings on real code were read and at most three were false
    message = "`{{holder}}` keeps every {{value}} that `{{site}}` stores: nothing removes them."
    advice = "Say what to do, as an imperative."

    def check(self, facts: Facts) -> Iterator[Finding]:
        # guard clauses first, each with the false positive that it prevents; then one `yield self.finding(…)`
        yield from ()
'''
_SUITE = """# {name}

What this rule must see and must leave alone. `# error:` marks a finding on its line or on the next line of
code, `# todo-error:` one that is missed so far, `# todo-ok:` a false alarm that is known.

## Grows on each call

```python
CACHE = {{}}


def remember(key, value):
    CACHE[key] = value  # todo-error: [{code}]
```

## Filled at import only

```python
CACHE = {{}}
CACHE["a"] = 1
```
"""


def scaffold(root: Path, family: str, name: str) -> list[Path]:
    """Write `rules/FAMILY/NAME.py` and `tests/rules/NAME.md` below the root of a checkout."""
    if family not in FAMILIES:
        raise UsageError(f"no family is called {family!r}", f"families: {', '.join(FAMILIES)}")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no rule name", "use words such as listener-not-removed")
    if not (root / "rules").is_dir():
        raise UsageError("there is no folder rules/ here", "run this at the top of a checkout of leaklint")
    module = name.replace("-", "_")
    shown = name.replace("_", "-")
    if any(rule.name == shown for rule in all_rules()):
        raise UsageError(f"a rule is called {shown!r} already")
    words = {
        "name": shown,
        "code": next_code(FAMILIES[family]),
        "title": "".join(word.capitalize() for word in shown.split("-")),
        "since": __version__.rpartition(".")[0],
    }
    files = {
        root / "rules" / family / f"{module}.py": _RULE,
        root / "tests" / "rules" / f"{module}.md": _SUITE,
    }
    taken = next((file for file in files if file.exists()), None)
    if taken:
        raise UsageError(f"{taken.relative_to(root)} exists already")
    (root / "rules" / family).mkdir(exist_ok=True)
    (root / "rules" / family / "__init__.py").touch()
    for file, template in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(template.format(**words), "utf-8")
    return [file.relative_to(root) for file in files]


def next_code(digit: int) -> str:
    """The first code of a family that no rule has, past the highest that one has."""
    used = [int(rule.code[2:]) for rule in all_rules() if rule.code.startswith(f"LK{digit}")]
    return f"LK{max(used, default=digit * 100) + 1}"
