"""Input that nobody writes on purpose: a clear message or a clean stop, and the findings of other files.

Everything here runs in a process of its own, as a user would run it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
LEAK = "CACHE = {}\n\n\ndef f(k, v):\n    CACHE[k] = v\n"
DEEP = 1_000_000


@pytest.fixture
def beside(folder: Path) -> Path:
    """A file with a leak, which must be found whatever lies beside it."""
    file = folder / "leak.py"
    file.write_text(LEAK)
    return file


def findings(answer: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    assert "Traceback" not in answer.stderr
    found: dict[str, list[str]] = {}
    for row in json.loads(answer.stdout)["findings"]:
        found.setdefault(row["path"], []).append(row["code"])
    return found


def check(leaklint: Run, *arguments: str) -> tuple[int, dict[str, list[str]], str]:
    answer = leaklint("check", "--output-format", "json", *(arguments or (".",)))
    return answer.returncode, findings(answer), answer.stderr


LEAK_FOUND = {"leak.py": ["LK101"]}


def test_a_missing_path(beside: Path, leaklint: Run) -> None:
    assert check(leaklint, "no.py", "leak.py") == (
        2,
        LEAK_FOUND,
        "leaklint: no.py: no such file or directory\n",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="the super-user may read everything")
def test_an_unreadable_file_and_folder(beside: Path, leaklint: Run) -> None:
    Path("secret.py").write_text(LEAK)
    Path("secret.py").chmod(0)
    Path("closed").mkdir(mode=0)
    code, found, err = check(leaklint)
    assert (code, found) == (2, LEAK_FOUND)
    assert err.splitlines() == [
        "leaklint: closed: permission denied",
        "leaklint: secret.py: cannot be read: Permission denied",
    ]


def test_a_file_that_goes_while_we_look(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leaklint.config import load_project
    from leaklint.discover import search
    from leaklint.pipeline import check_files

    Path("gone.py").touch()
    project = load_project((".",))
    found = search((".",), project)
    Path("gone.py").unlink()
    report = check_files(found, project)
    assert report.troubles == ["gone.py: cannot be read: No such file or directory"]
    assert [finding.path for finding in report.findings] == ["leak.py"]


def test_loops_and_dangling_links(beside: Path, leaklint: Run) -> None:
    Path("sub").mkdir()
    os.symlink("..", "sub/up")
    os.symlink("gone.py", "dangling.py")
    os.symlink("round.py", "round.py")
    assert check(leaklint) == (1, LEAK_FOUND, "")
    code, found, err = check(leaklint, "round.py", "sub/up/sub/up/leak.py")
    assert (code, found) == (2, {"sub/up/sub/up/leak.py": ["LK101"]})
    assert err == "leaklint: round.py: too many levels of symbolic links\n"


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.ts", "a.tsx", "A.java"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b" ",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xff",
        b"x = '\xff\xfe\x80'\n",
        b"\r",
        b"\x0c",
        b"#",
        b"/*",
    ],
    ids=repr,
)
def test_hardly_any_content(beside: Path, leaklint: Run, name: str, content: bytes) -> None:
    Path(name).write_bytes(content)
    code, found, _ = check(leaklint)
    assert code == 1
    assert found.pop("leak.py") == ["LK101"]
    assert set(found) <= {name} and set(found.get(name, [])) <= {"LK001"}


def test_nul_bytes_are_binary_data(beside: Path, leaklint: Run) -> None:
    Path("video.ts").write_bytes(b"G\x40\0\x10" * 1000)
    Path("late.py").write_bytes(b"x = 1\n" * 2000 + b"\0" + LEAK.encode())
    code, found, _ = check(leaklint, "video.ts", "late.py", "leak.py")
    assert code == 1
    assert found["leak.py"] == ["LK101"]
    assert "video.ts" not in found
    assert "video.ts: skipped: binary" in leaklint("check", "--show-files").stdout


def test_invalid_utf8_keeps_its_columns(folder: Path, leaklint: Run) -> None:
    Path("leak.py").write_bytes(LEAK.replace("] = v", "] = v  # \x80").encode("latin-1"))
    assert check(leaklint)[:2] == (1, LEAK_FOUND)


def test_encodings_that_the_file_declares(beside: Path, leaklint: Run) -> None:
    Path("latin.py").write_bytes(("# coding: latin-1\n# é\n" + LEAK).encode("latin-1"))
    Path("wrong.py").write_text("# coding: klingon\n" + LEAK)
    code, found, _ = check(leaklint)
    assert code == 1
    assert found == {"latin.py": ["LK101"], "leak.py": ["LK101"], "wrong.py": ["LK001"]}


def test_fifty_megabytes(beside: Path, leaklint: Run) -> None:
    with open("huge.py", "wb") as file:
        for _ in range(50):
            file.write(b"x = 1\n" * 170_000)
    assert check(leaklint)[:2] == (1, LEAK_FOUND)
    answer = leaklint("check", "huge.py")
    assert answer.returncode == 0
    assert "1 over 20 MB" in answer.stdout


NESTS = {
    "parentheses.py": "x = " + "(" * DEEP + "1" + ")" * DEEP,
    "unclosed.py": "x = " + "(" * DEEP,
    "brackets.js": "x = " + "[" * DEEP + "]" * DEEP,
    "braces.js": "{" * DEEP,
    "calls.js": "a(" * DEEP + ")" * DEEP,
    "chain.js": "a" + ".b()" * (DEEP // 5),
    "arrows.ts": "x = " + "() => " * (DEEP // 5) + "1",
    "jsx.tsx": "x = " + "<a>" * (DEEP // 10) + "</a>" * (DEEP // 10),
    "Blocks.java": "class A { void f() " + "{" * DEEP + "}" * DEEP + "}",
    "Plus.java": "class A { int x = 1" + " + 1" * DEEP + "; }",
    "plus.py": "x = 1" + " + 1" * DEEP,
    "if.py": "".join(" " * level + "if x:\n" for level in range(1500)) + " " * 1500 + "pass\n",
}


@pytest.mark.parametrize("name", NESTS)
def test_nesting_a_million_deep(beside: Path, leaklint: Run, name: str) -> None:
    Path(name).write_text(NESTS[name])
    code, found, _ = check(leaklint, name, "leak.py")
    assert found.pop("leak.py") == ["LK101"]
    assert code == 1
    assert set(found.get(name, [])) <= {"LK001"}


def test_names_that_hurt(folder: Path, leaklint: Run) -> None:
    for name in ("a b.py", "ä.py", "-x.py", "line\nbreak.py", "quote'\".py", "[x].py"):
        Path(name).write_text(LEAK)
    Path(os.fsdecode(b"raw\xff.py")).write_text(LEAK)
    for format in ("full", "concise", "json", "sarif"):
        answer = leaklint("check", "--output-format", format)
        assert (answer.returncode, answer.stderr) == (1, ""), format


def start(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "leaklint", "check", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_stops_at_once_and_quietly(folder: Path, jobs: str) -> None:
    for number in range(400):
        Path(f"m{number}.py").write_text("def f(x):\n    return [x, x]\n" * 4000)
    process = start("--jobs", jobs, folder=folder)
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - started < 10
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert out == b""
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # a worker may need a moment to end
            os.killpg(process.pid, 0)
            time.sleep(0.05)


@pytest.mark.parametrize("format", ["full", "concise", "json", "sarif"])
def test_a_closed_pipe_ends_quietly(folder: Path, format: str) -> None:
    for number in range(300):
        Path(f"m{number}.py").write_text(LEAK)
    process = start("--output-format", format, "--jobs", "1", folder=folder)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) in (0, 1)


def test_a_full_disk_is_a_message(beside: Path, leaklint: Run) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    answer = leaklint("check", "--output-file", "/dev/full")
    assert answer.returncode == 2
    assert answer.stderr == "leaklint: /dev/full: cannot be written: No space left on device\n"
