"""One small file must not pay for what it does not need: `make bench` measures it, this names the culprit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DEAR = ("rich", "pathspec", "libcst", "concurrent.futures", "difflib", "logging")


@pytest.mark.parametrize(
    ("name", "text", "others"),
    [
        ("app.py", "CACHE = {}\n\ndef f(k, v):\n    CACHE[k] = v\n", ("javascript", "java")),
        ("app.js", "const m = new Map();\nexport const f = (k, v) => m.set(k, v);\n", ("python", "java")),
        ("App.java", "class App { int x; }\n", ("python", "javascript")),
    ],
)
def test_what_is_imported(folder: Path, name: str, text: str, others: tuple[str, ...]) -> None:
    Path(name).write_text(text)
    unwanted = (*DEAR, *(f"leaklint.frontends.{language}" for language in others))
    program = (
        "import sys; from leaklint.cli import run; "
        f"run(['check', {name!r}]); "
        f"print('imported', *[name for name in {unwanted!r} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "imported"
