"""What checking one small file costs above starting the bare interpreter: `make bench` prints it.

Processor time, the best of several runs, so that a busy machine counts little.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 15
SAMPLES = {
    "small.py": "CACHE = {}\n\n\ndef remember(key, value):\n    CACHE[key] = value\n",
    "small.ts": "const cache = new Map<string, number>();\nexport const f = (k) => cache.set(k, 1);\n",
    "Small.java": "class Small { static final Map<String, Object> M = new HashMap<>(); }\n",
}


def best(command: list[str], folder: str) -> float:
    # an installed program has its byte code
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare = best([sys.executable, "-c", "pass"], folder)
        print(f"bare interpreter {bare * 1000:6.0f} ms")
        for name, text in SAMPLES.items():
            Path(folder, name).write_text(text)
            taken = best([sys.executable, "-m", "leaklint", "check", name], folder)
            print(f"{name:16} {(taken - bare) * 1000:6.0f} ms above it (at most 150)")


if __name__ == "__main__":
    main()
