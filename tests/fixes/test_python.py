"""A fix takes its finding away, brings no new one, and leaves the rest of the file as it was."""

from __future__ import annotations

import pytest

from leaklint.analysis import analyse
from leaklint.fixes import Fix, apply, suggest
from leaklint.rule import Finding
from leaklint.source import SourceFile


def findings(source: SourceFile) -> list[Finding]:
    return analyse(source).findings


def fixed(text: str, code: str, *, bounded_library: bool = False) -> str | None:
    source = SourceFile("app.py", text.encode())
    before = findings(source)
    finding = next(row for row in before if row.code == code)
    fix: Fix | None = suggest(finding, source, before, findings, bounded_library)
    return apply(source.data, fix.edits).decode() if fix else None


def test_a_memo_gets_a_limit() -> None:
    text = "from functools import cache\n\n\n@cache  # hot\ndef parse(text):\n    return Tree(text)\n"
    wanted = text.replace("import cache", "import lru_cache").replace("@cache", "@lru_cache(maxsize=256)")
    assert fixed(text, "LK103") == wanted


@pytest.mark.parametrize("argument", ["maxsize=None", "None", "None, typed=True"])
def test_an_endless_lru_cache_gets_a_limit(argument: str) -> None:
    text = f"import functools as ft\n\n\n@ft.lru_cache({argument})\ndef parse(text):\n    return Tree(text)\n"
    new = fixed(text, "LK103")
    assert new is not None and "@ft.lru_cache(maxsize=256" in new
    assert ("typed" in argument) == ("typed=True" in new or "typed = True" in new)


def test_a_cached_method_keeps_its_cache_on_the_instance() -> None:
    text = (
        "import functools\n\n\nclass Repo:\n    def __init__(self, url):\n        self.url = url  # where\n\n"
        "    @functools.cache\n    def files(self, path):\n        return ls(self.url, path)\n"
    )
    assert fixed(text, "LK104") == (
        "import functools\n\n\nclass Repo:\n    def __init__(self, url):\n        self.url = url  # where\n"
        "        self.files = functools.lru_cache(maxsize=256)(self.files)\n\n"
        "    def files(self, path):\n        return ls(self.url, path)\n"
    )


def test_a_class_without_constructor_gets_one() -> None:
    text = (
        "import functools\n\n\nclass Repo:\n    @functools.cache\n"
        "    def files(self, path):\n        return ls(path)\n"
    )
    new = fixed(text, "LK104")
    assert new is not None
    assert (
        "    def __init__(self):\n        self.files = functools.lru_cache(maxsize=256)(self.files)\n" in new
    )


def test_a_method_with_more_decorators_is_left_alone() -> None:
    text = (
        "import functools\n\n\nclass Repo:\n    @trace\n    @functools.cache\n"
        "    def files(self, path):\n        return ls(path)\n"
    )
    assert fixed(text, "LK104") is None


def test_a_default_becomes_none() -> None:
    text = (
        'def load(name, *, cache: dict[str, int] = {}):  # slow\n    """Load."""\n'
        "    cache[name] = read(name)\n"
    )
    assert fixed(text, "LK105") == (
        'def load(name, *, cache: dict[str, int] | None = None):  # slow\n    """Load."""\n'
        "    if cache is None:\n        cache = {}\n    cache[name] = read(name)\n"
    )


def test_a_history_becomes_a_deque() -> None:
    text = (
        "SEEN: list[str] = []  # recent\n\n\ndef handle(request):\n    SEEN.append(request)\n\n\n"
        "def show():\n    for row in SEEN:\n        print(row, len(SEEN))\n"
    )
    new = fixed(text, "LK102")
    assert new is not None
    assert new.startswith("from collections import deque\n")
    assert "SEEN: deque[str] = deque(maxlen=1000)  # recent\n" in new


def test_a_list_that_is_indexed_stays_a_list() -> None:
    text = "SEEN = []\n\n\ndef handle(request):\n    SEEN.append(request)\n    return SEEN[-5:]\n"
    assert fixed(text, "LK102") is None


CACHE = (
    "CACHE = {}\n\n\ndef page(url):\n    if url not in CACHE:\n        # slow\n"
    "        CACHE[url] = get(url)\n    return CACHE[url]\n"
)


def test_a_cache_drops_its_oldest_entry() -> None:
    assert fixed(CACHE, "LK101") == CACHE.replace(
        "        # slow\n        CACHE[url] = get(url)\n",
        "        # slow\n        if len(CACHE) >= 1000:\n            CACHE.pop(next(iter(CACHE)))\n"
        "        CACHE[url] = get(url)\n",
    )


def test_a_cache_uses_the_library_that_the_project_has() -> None:
    new = fixed(CACHE, "LK101", bounded_library=True)
    assert new is not None and "CACHE = LRUCache(maxsize=1000)" in new
    assert "from cachetools import LRUCache" in new


def test_tabs_and_other_line_ends_survive() -> None:
    text = "CACHE = {}\r\n\r\ndef page(url):\r\n\tCACHE[url] = get(url)\r\n\treturn CACHE[url]\r\n"
    new = fixed(text, "LK101")
    assert new is not None
    assert (
        "\r\n\tif len(CACHE) >= 1000:\r\n\t\tCACHE.pop(next(iter(CACHE)))\r\n\tCACHE[url] = get(url)\r\n"
        in new
    )
