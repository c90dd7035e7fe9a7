"""Work that fails: a removal that is passed by is confirmed when that way was taken, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest
from node_runs import confirm_files

LOAD = """const loading = new Map();
const read = async (path) => {
  WORK
};
function load(path) {
  const work = read(path).then((text) => {
    loading.delete(path);
    return text;
  });
  loading.set(path, work);
  return work;
}
function serve(number) {
  load(`/pages/${number}`).catch(() => {});
}
module.exports = { serve };
"""
SEND = """const waiting = new Map();
const socket = { send: (message, done) => done(ERROR) };
function send(id, message) {
  waiting.set(id, message);
  socket.send(message, (error) => sent(error, id));
}
function sent(error, id) {
  LEAVE
  waiting.delete(id);
}
function serve(id) {
  try {
    send(id, `message ${id}`);
  } catch {}
}
module.exports = { serve };
"""


def status(text: str, folder: Path) -> tuple[str, str]:
    file = folder / "work.js"
    file.write_text(text, "utf-8")
    found = confirm_files([file], "serve", budget=1.5)
    row = next(row for row in found.report.verdicts if (row["finding"] or {}).get("code") == "LK115")
    return str(row["status"]), str(row["reason"])


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ("throw new Error(path);", "confirmed"),
        ("return path;", "inconclusive"),
        ("await new Promise((resolve) => setTimeout(resolve, 60000));", "inconclusive"),
    ],
)
def test_work_that_goes_on_or_succeeds_proves_nothing(work: str, expected: str, tmp_path: Path) -> None:
    found, reason = status(LOAD.replace("WORK", work), tmp_path)
    assert found == expected, reason


@pytest.mark.parametrize(
    "leave", ["if (error) return;", "if (error) throw error;", "if (error) {\n    return 1\n  }"]
)
def test_a_statement_that_leaves_shows_the_way(leave: str, tmp_path: Path) -> None:
    text = SEND.replace("LEAVE", leave)
    assert status(text.replace("ERROR", "new Error(message)"), tmp_path)[0] == "confirmed"
    assert status(text.replace("ERROR", "null"), tmp_path)[0] == "inconclusive"
