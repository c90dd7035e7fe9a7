"""Whatever stands in a file, a check ends with findings, never with an exception, twice with the same."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaklint.analysis import analyse
from leaklint.source import SourceFile

PUNCTUATION = "( ) [ ] { } : ; , . = == != < > + - * / ? ! @ # ' \" 'a' \"b\" 1 0x \n \n // /* */"
TOKENS = {
    "soup.py": (
        "def class lambda if else elif for while try except finally with as import from return "
        "yield await async "
        'global nonlocal del pass match case _ x y self cls CACHE append := -> ** f\'{x}\' """ None True \t'
    ),
    "soup.ts": (
        "function class => const let var if else for of in while do try catch finally return yield "
        "await async "
        "new delete import from export default enum interface type namespace private static get set "
        "extends this "
        "super x y push on addEventListener ?. ?? === ... ` ${ null"
    ),
    "soup.tsx": "</ /> div Foo x => const return useEffect &",
    "soup.java": (
        "class interface enum record sealed permits public private static final void int var if "
        "else for while do "
        "switch case default -> try catch finally return yield new this super extends implements "
        "throws throw "
        'import package @Override Map List put add x y :: """ \'c\' null'
    ),
}


@pytest.mark.parametrize("name", TOKENS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_token_soup(name: str, data: st.DataObject) -> None:
    tokens = [*TOKENS[name].split(" "), *PUNCTUATION.split(" ")]
    text = " ".join(data.draw(st.lists(st.sampled_from(tokens), max_size=120)))
    assert_quiet(name, text.encode())


@pytest.mark.parametrize("name", ["soup.py", "soup.js", "soup.ts", "soup.tsx", "soup.java"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=400))
def test_any_bytes(name: str, raw: bytes) -> None:
    assert_quiet(name, raw)


@pytest.mark.parametrize("module", ["asyncio/events.py", "argparse.py", "logging/__init__.py"])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_real_files_with_holes(module: str, data: st.DataObject) -> None:
    text = (Path(sysconfig.get_path("stdlib")) / module).read_bytes()[:30_000]
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 2000)))
    junk = data.draw(st.sampled_from([b"", b"(", b"]]", b"\0", b'"""', b"\n\n", b"def ", b"}"]))
    assert_quiet("hole.py", text[:at] + junk + text[end:])


def assert_quiet(name: str, raw: bytes) -> None:
    first = analyse(SourceFile(name, raw))
    crashes = [row.message for row in first.findings if row.code == "LK000"]
    assert not crashes, (raw, crashes)
    assert analyse(SourceFile(name, raw)).findings == first.findings
