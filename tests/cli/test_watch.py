"""`leaklint check --watch` checks again when a file changes, and stops when it is told to."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("watchfiles", reason="the extra leaklint-cli[watch] is not installed")


@pytest.mark.skipif(os.name == "nt", reason="interrupts with a POSIX signal")
def test_a_change_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("SEEN = []\n")
    command = [sys.executable, "-u", "-m", "leaklint", "check", "--watch", "--output-format", "concise", "."]
    run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines: queue.Queue[str] = queue.Queue()
    assert run.stdout is not None and run.stderr is not None
    threading.Thread(target=lambda: [lines.put(line) for line in run.stdout or ()], daemon=True).start()
    try:
        assert "watching" in run.stderr.readline()
        time.sleep(0.5)  # the watcher starts behind its announcement
        file.write_text("SEEN = []\n\n\ndef see(x):\n    SEEN.append(x.y)\n")
        assert "LK102" in lines.get(timeout=30)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=30) == 130
    finally:
        run.kill()
