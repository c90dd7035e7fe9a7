"""`--add-ignore` writes suppressions that hold, in the comment style of each language."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import LEAK, Call

COMPONENT = """\
export function Chart() {
  return (
    <div>
      <button onClick={() => window.addEventListener("resize", () => draw())}>x</button>
    </div>
  );
}
"""


def test_above_the_line(project: Path, call: Call) -> None:
    answer = call("check", "--add-ignore", "keys are the five regions")
    assert (answer.code, answer.out) == (0, "1 suppression written in 1 file\n")
    row = "    # leaklint: ignore[LK101] -- keys are the five regions\n"
    assert Path("app.py").read_text() == LEAK.replace("    CACHE", f"{row}    CACHE")
    assert call("check", "--extend-select", "LK004").code == 0
    assert call("check", "--add-ignore", "again").out == "0 suppressions written in 0 files\n"


@pytest.mark.parametrize(
    ("name", "text", "row"),
    [
        (
            "a.ts",
            "const cache = new Map();\r\nexport function f(k, v) {\r\n\tcache.set(k, v);\r\n}\r\n",
            "\t// leaklint: ignore[LK101] -- why\r\n\tcache.set",
        ),
        (
            "A.java",
            "class A {\n  static final Map<String, Object> C = new HashMap<>();\n"
            "  void f(String k, Object v) {\n    C.put(k, v);\n  }\n}\n",
            "    // leaklint: ignore[LK101] -- why\n    C.put",
        ),
        (
            "long.py",
            "C = {}\n\ndef f(k, v):\n    x = 1 + \\\n        C.setdefault(k, v)\n    return x\n",
            "        C.setdefault(k, v)  # leaklint: ignore[LK101] -- why\n",
        ),
        (
            "template.js",
            "const c = new Map();\nexport function f(k, v) {\n  g(`\n  ${c.set(k, v)}`);\n}\n",
            "  ${c.set(k, v)}`);  // leaklint: ignore[LK101] -- why\n",
        ),
        ("bom.py", "\ufeff" + LEAK, "    # leaklint: ignore[LK101] -- why\n    CACHE"),
    ],
)
def test_where_it_is_understood(folder: Path, call: Call, name: str, text: str, row: str) -> None:
    Path(name).write_bytes(text.encode())
    assert call("check").code == 1
    answer = call("check", "--add-ignore", "why")
    assert answer.code == 0, answer.err
    assert row.encode() in Path(name).read_bytes()
    assert Path(name).read_bytes().startswith(text[:6].encode())
    assert call("check").code == 0


def test_between_the_elements_of_jsx(folder: Path, call: Call) -> None:
    Path("chart.jsx").write_text(COMPONENT)
    assert call("check").code == 1
    answer = call("check", "--add-ignore", "why")
    assert answer.code == 0, answer.err
    assert "      {/* leaklint: ignore[" in Path("chart.jsx").read_text()
    assert call("check").code == 0


def test_a_reason_is_needed_and_cannot_end_the_comment(project: Path, call: Call) -> None:
    assert call("check", "--add-ignore", " ").code == 2
    call("check", "--add-ignore", "*/ two\nlines")
    assert "-- two lines\n" in Path("app.py").read_text()


def test_a_file_in_another_encoding_is_left_alone(folder: Path, call: Call) -> None:
    text = ("# coding: latin-1\n# \xe4\n" + LEAK).encode("latin-1")
    Path("old.py").write_bytes(text)
    answer = call("check", "--add-ignore", "why")
    assert (answer.code, "only files in UTF-8 can be changed" in answer.err) == (2, True)
    assert Path("old.py").read_bytes() == text
