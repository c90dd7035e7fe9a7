"""What one file does to a collection of another."""

from __future__ import annotations

from pathlib import Path

from project import Call

_QUEUE = """
export class Node {
  static waiting = [];

  static later(task) {
    Node.waiting.push(task);
  }
}
"""
_RUNS = """
import { Node } from "./node";

export class Group {
  run() {
    const tasks = Node.waiting;
    Node.waiting = [];
    for (const task of tasks) {
      task();
    }
  }
}
"""


def test_a_static_list_that_another_file_replaces(folder: Path, call: Call) -> None:
    (folder / "node.js").write_text(_QUEUE)
    assert "LK102" in call("check").out
    (folder / "group.js").write_text(_RUNS)
    assert "LK102" not in call("check").out
