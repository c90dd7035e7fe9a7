"""Changes that mean nothing change no finding: other names, comments, layout, `if True`, another order."""

from __future__ import annotations

import re

import pytest

from leaklint.analysis import analyse
from leaklint.source import SourceFile

PROGRAMS = {
    "app.py": (
        "import atexit\n\nCACHE = {}\nSEEN = []\n\n\n"
        "def page(url):\n    local = CACHE\n    if url not in local:\n        local[url] = fetch(url)\n"
        "    return local[url]\n\n\n"
        "def visit(request):\n    item = request.body\n    SEEN.append(item)\n\n\n"
        "class Client:\n    def __init__(self, url):\n        self.url = url\n"
        "        atexit.register(self.close)\n\n"
        "    def close(self):\n        pass\n"
    ),
    "app.js": (
        "const pages = new Map();\n\nexport function page(url) {\n  const local = pages;\n"
        "  if (!local.has(url)) {\n    const item = load(url);\n    local.set(url, item);\n  }\n"
        "  return local.get(url);\n}\n\n"
        "export class Menu {\n  open() {\n    const item = this;\n"
        "    window.addEventListener('click', () => item.close());\n  }\n"
        "  close() {\n    hide(this);\n  }\n}\n"
    ),
    "App.java": (
        "class App {\n  private static final List<String> SEEN = new ArrayList<>();\n\n"
        "  void visit(Request request) {\n    String item = request.body();\n    SEEN.add(item);\n  }\n}\n"
    ),
}


def seen(name: str, text: str) -> list[tuple[str, str, str]]:
    rows = analyse(SourceFile(name, text.encode())).findings
    return sorted((row.code, row.holder, row.confidence) for row in rows)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_programs_leak(name: str) -> None:
    assert seen(name, PROGRAMS[name])


@pytest.mark.parametrize("name", PROGRAMS)
def test_other_names_for_locals(name: str) -> None:
    text = re.sub(r"\blocal\b", "aliased", re.sub(r"\bitem\b", "gathered", PROGRAMS[name]))
    assert seen(name, text) == seen(name, PROGRAMS[name])


@pytest.mark.parametrize("name", PROGRAMS)
def test_comments_and_blank_lines(name: str) -> None:
    mark = "#" if name.endswith(".py") else "//"
    lines = [f"{line}  {mark} CACHE.clear()\n\n" for line in PROGRAMS[name].splitlines()]
    assert seen(name, "".join(lines)) == seen(name, PROGRAMS[name])


@pytest.mark.parametrize("name", PROGRAMS)
def test_line_ends_and_form_feeds(name: str) -> None:
    assert seen(name, PROGRAMS[name].replace("\n", "\r\n")) == seen(name, PROGRAMS[name])
    assert seen(name, "\f\n" + PROGRAMS[name]) == seen(name, PROGRAMS[name])


@pytest.mark.parametrize("name", ["app.js", "App.java"])
def test_all_on_one_line(name: str) -> None:
    assert seen(name, " ".join(PROGRAMS[name].split())) == seen(name, PROGRAMS[name])


def test_wider_indentation() -> None:
    text = PROGRAMS["app.py"]
    assert seen("app.py", text.replace("    ", "\t")) == seen("app.py", text)


def test_a_growth_under_if_true() -> None:
    text = PROGRAMS["app.py"].replace("    SEEN.append(item)\n", "    if True:\n        SEEN.append(item)\n")
    assert seen("app.py", text) == seen("app.py", PROGRAMS["app.py"])
    text = PROGRAMS["app.js"].replace("local.set(url, item);", "if (true) { local.set(url, item); }")
    assert seen("app.js", text) == seen("app.js", PROGRAMS["app.js"])


@pytest.mark.parametrize("name", ["app.py"])
def test_another_order_of_functions(name: str) -> None:
    head, *parts = PROGRAMS[name].split("\n\n\n")
    text = "\n\n\n".join([head, *reversed([part.rstrip("\n") for part in parts])]) + "\n"
    assert seen(name, text) == seen(name, PROGRAMS[name])


def test_holders_below_their_users() -> None:
    text = PROGRAMS["app.js"].replace("const pages = new Map();\n\n", "") + "const pages = new Map();\n"
    assert seen("app.js", text) == seen("app.js", PROGRAMS["app.js"])
