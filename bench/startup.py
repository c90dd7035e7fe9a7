"""What checking one small file costs above starting the bare interpreter: `make bench` prints it.

The best of several runs each, so that a busy machine does not count.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15
SAMPLES = {
    "small.py": "CACHE = {}\n\n\ndef remember(key, value):\n    CACHE[key] = value\n",
    "small.ts": "const cache = new Map<string, number>();\nexport const f = (k) => cache.set(k, 1);\n",
    "Small.java": "class Small { static final Map<String, Object> M = new HashMap<>(); }\n",
}


def best(command: list[str], folder: str) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        times.append(time.perf_counter() - started)
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
