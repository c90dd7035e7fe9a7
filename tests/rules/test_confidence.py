"""Which findings are shown by default: one growth, with and without evidence that its object lives long."""

import pytest

from leaklint.analysis import analyse
from leaklint.source import SourceFile

_TABLE = """
class {name}:
    def __init__(self):
        self.kept = {{}}

    def note(self, thing, value):
        self.kept[{key}] = value
{more}"""


@pytest.mark.parametrize(
    ("name", "key", "more", "expected"),
    [
        ("Intake", "thing.request_id", "", "medium"),
        ("Intake", "thing.session_hash", "", "medium"),
        ("Layout", "thing.name", "", "low"),
        ("StreamConnection", "thing.request_id", "", "low"),
        ("Intake", "thing.request_id", "    def __exit__(self, *exc):\n        pass\n", "low"),
    ],
)
def test_tables_of_requests_are_shown(name: str, key: str, more: str, expected: str) -> None:
    text = _TABLE.format(name=name, key=key, more=more)
    (found,) = analyse(SourceFile("a.py", text.encode())).findings
    assert (found.code, found.confidence) == ("LK107", expected)


_ONCE = """
class Answer:
    def __init__(self):
        self.done = False
        self.calls = []

    def then(self, call):
        self.calls.append((call, 1))

    def resolve(self, value):
        {done}
        for call, count in self.calls:
            call(value)
"""


@pytest.mark.parametrize(("done", "expected"), [("self.done = True", "medium"), ("value += 1", "low")])
def test_callbacks_of_what_happens_once_are_shown(done: str, expected: str) -> None:
    (found,) = analyse(SourceFile("a.py", _ONCE.format(done=done).encode())).findings
    assert (found.code, found.confidence) == ("LK107", expected)


_CYCLE = """
def {name}(value, document):
    def walk(part):
        return [walk(each) for each in part] if {kept} else part
    return walk(value)
"""


@pytest.mark.parametrize(
    ("name", "kept", "expected"),
    [
        ("dumps", "part", "medium"),
        ("_nested_deserialize", "part", "medium"),
        ("safe_log", "part", "medium"),
        ("build_tree", "part", "low"),
        ("build_tree", "document", "medium"),
    ],
)
def test_functions_that_each_message_passes_or_that_keep_more_are_shown(
    name: str, kept: str, expected: str
) -> None:
    (found,) = analyse(SourceFile("a.py", _CYCLE.format(name=name, kept=kept).encode())).findings
    assert (found.code, found.confidence) == ("LK522", expected)


_HOOKS = """
const closers = [];

export function {name}(part, stop) {{
  closers.push({{ part, stop }});
}}
"""


@pytest.mark.parametrize(
    ("name", "expected"), [("onShutdown", "low"), ("atExit", "low"), ("enter", "medium")]
)
def test_hooks_for_the_end_of_a_program_are_not_shown(name: str, expected: str) -> None:
    (found,) = analyse(SourceFile("a.js", _HOOKS.format(name=name).encode())).findings
    assert (found.code, found.confidence) == ("LK102", expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *[("store.js", "medium"), ("src/latest.js", "medium")],
        *[("store.test.js", "low"), ("src/store.spec.ts", "low"), ("__tests__/store.js", "low")],
    ],
)
def test_what_tests_keep_is_not_shown(path: str, expected: str) -> None:
    (found,) = analyse(SourceFile(path, _HOOKS.format(name="enter").encode())).findings
    assert (found.code, found.confidence) == ("LK102", expected)


@pytest.mark.parametrize(
    ("path", "expected"), [("store.py", "high"), ("test_store.py", "low"), ("conftest.py", "low")]
)
def test_what_tests_in_python_keep_is_not_shown(path: str, expected: str) -> None:
    text = "seen = []\n\ndef note(thing):\n    seen.append(thing.render())\n"
    (found,) = analyse(SourceFile(path, text.encode())).findings
    assert (found.code, found.confidence) == ("LK102", expected)
