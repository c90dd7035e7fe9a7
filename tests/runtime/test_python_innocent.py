"""Programs that do not leak, judged by the heap alone, which is the harshest judge: never confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import at_hand, interpreter, run_workload

from leaklint.runtime.agent import Driver
from leaklint.runtime.verdict import join_heap

SEEDS = 20
FAMILIES = {
    "cache with few keys": """
CACHE = {}
def iterate(i):
    key = random.randrange(40)
    CACHE.setdefault(key, [key] * 10)
""",
    "cache that fills in a third of the calls": """
CACHE = {}
def iterate(i):
    CACHE[i % 400] = [i] * 5
""",
    "least recently used": """
from functools import lru_cache
@lru_cache(maxsize=100)
def square(number):
    return [number] * 4
def iterate(i):
    square(random.randrange(10_000))
""",
    "pool": """
POOL = []
def iterate(i):
    taken = [POOL.pop() if POOL else bytearray(200) for _ in range(random.randrange(1, 8))]
    POOL.extend(taken)
""",
    "lazy": """
STATE = {}
def iterate(i):
    if i > 200 and "index" not in STATE:
        import json, decimal
        STATE["index"] = {n: str(n) for n in range(500)}
    return json_of(i)
def json_of(i):
    import json
    return json.dumps({"n": i})
""",
    "interned": """
import sys
def iterate(i):
    return [sys.intern(f"name-{random.randrange(10**9)}") for _ in range(3)]
""",
    "logging": """
import io, logging
stream = io.StringIO()
log = logging.getLogger("work")
log.addHandler(logging.StreamHandler(stream))
log.setLevel("INFO")
def iterate(i):
    log.info("call %s of %s", i, random.random())
    stream.seek(0)
    stream.truncate()
""",
    "sawtooth": """
ROWS = []
LIMIT = random.randrange(20, 60)
def iterate(i):
    ROWS.append([i])
    if len(ROWS) >= LIMIT:
        ROWS.clear()
""",
    "cycles": """
class Node:
    def __init__(self):
        self.me = self
        self.data = [1, 2, 3]
def iterate(i):
    [Node() for _ in range(random.randrange(5))]
""",
    "random garbage": """
import re
def iterate(i):
    re.match(f"[a-z]{{{random.randrange(1, 30)}}}", "text")
    return {str(n): [n] for n in range(random.randrange(50))}
""",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_never_confirmed(family: str, tmp_path: Path) -> None:
    driver = Driver("python", family, "workload")
    versions = at_hand()
    for seed in range(SEEDS):
        text = f"import random\nrandom.seed({seed})\n{FAMILIES[family]}"
        run = run_workload(text, tmp_path, python=interpreter(versions[seed % len(versions)]), budget=3)
        verdict = join_heap(driver, [run])
        assert verdict.status != "confirmed", (seed, verdict)
        assert not run.failure, run.failure
        assert not run.error, run.error


def test_a_workload_that_does_nothing_reads_the_same(python: str, tmp_path: Path) -> None:
    run = run_workload("def iterate(i):\n    pass\n", tmp_path, python=python)
    counts = run.counter("count")
    assert counts is not None
    assert max(counts) - min(counts) <= 4, counts  # free lists of the interpreter fill once
    assert join_heap(Driver("python", "nothing", "workload"), [run]).status == "refuted"
