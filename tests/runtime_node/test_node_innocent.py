"""Programs that do not leak: every holder and the heap are watched, and nothing is ever confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from node_runs import run_workload

from leaklint.runtime.agent import Driver, RunPlan
from leaklint.runtime.derive import outline
from leaklint.runtime.measure import run
from leaklint.runtime.verdict import join, join_heap

SEEDS = 20
PROGRAM = """
let state = SEED * 7919 + 17;
const random = (most) => (state = (state * 1103515245 + 12345) % 2147483648) && (state >> 8) % most;

const few = new Map();
const fills = {};
const recent = new Map();
const pool = [];
const lazy = {};
const rows = [];
const names = new Set();
const ring = [];
const logger = new (require("node:events"))().on("record", (row) => row.text.length);
const LIMIT = 20 + random(40);

function cacheWithFewKeys() {
  const key = random(40);
  if (!few.has(key)) few.set(key, new Array(10).fill(key));
}
function cacheThatFills(i) {
  fills[i % 300] = [i];
}
function leastRecentlyUsed() {
  const key = random(10000);
  recent.delete(key);
  recent.set(key, [key, key]);
  if (recent.size > 100) recent.delete(recent.keys().next().value);
}
function usePool() {
  const taken = [];
  for (let n = random(8); n >= 0; n -= 1) taken.push(pool.length ? pool.pop() : Buffer.alloc(100));
  for (const item of taken) pool.push(item);
}
function initialise(i) {
  if (i > 15 && !lazy.index) {
    lazy.index = {};
    for (let n = 0; n < 500; n += 1) lazy.index[n] = String(n);
  }
}
function sawtooth(i) {
  rows.push([i]);
  if (rows.length >= LIMIT) rows.length = 0;
}
function intern() {
  names.add(`name-${random(60)}`);
}
function rotate(i) {
  ring.push(i);
  while (ring.length > 25) ring.shift();
}
function log(i) {
  logger.emit("record", { level: "info", text: `call ${i}` });
  console.error("call %d", i);
}
function warm(i) {
  const text = JSON.stringify({ i, text: "x".repeat(random(30)) });
  return JSON.parse(text).text.replace(/x+/, (all) => all.length);
}

exports.serve = (i) => {
  cacheWithFewKeys();
  cacheThatFills(i);
  leastRecentlyUsed();
  usePool();
  initialise(i);
  sawtooth(i);
  intern();
  rotate(i);
  warm(i);
  log(i);
};
"""
DRIVER = """
const { serve } = require(FILE);
exports.iterate = (i) => serve(i);
"""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_never_confirmed(seed: int, tmp_path: Path) -> None:
    file, workload = tmp_path / "program.js", tmp_path / "workload.cjs"
    file.write_text(PROGRAM.replace("SEED", str(seed)), "utf-8")
    workload.write_text(DRIVER.replace("FILE", repr(str(file))), "utf-8")
    found = outline(file, "program.js")
    driver = Driver("javascript", "program", "workload", file=str(workload), roots=(str(file),))
    series = run(RunPlan(driver, found.quiet, str(tmp_path)), 1.2)
    assert not series.failure, series.failure
    assert not series.error, series.error
    assert len(found.quiet) >= 5
    for number, suspect in enumerate(found.quiet):
        verdict = join(suspect, number, driver, [series])
        assert verdict.status != "confirmed", (suspect.holder, verdict)
        assert series.hits(number), suspect.holder
    assert join_heap(driver, [series]).status != "confirmed"


def test_a_workload_that_does_nothing_is_refuted(tmp_path: Path) -> None:
    series = run_workload("exports.iterate = () => {};\n", tmp_path)
    assert join_heap(Driver("javascript", "nothing", "workload"), [series]).status == "refuted", series
