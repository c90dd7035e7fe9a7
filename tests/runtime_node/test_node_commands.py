"""Commands of projects: test files repeated in one process, and servers watched from inside."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from leaklint.config import Settings
from leaklint.errors import LeaklintError
from leaklint.pipeline import check_source
from leaklint.runtime.agent import Driver, Limits, RunPlan
from leaklint.runtime.derive import outline
from leaklint.runtime.measure import Run, run
from leaklint.runtime.node import drivers
from leaklint.runtime.suspect import Suspect
from leaklint.runtime.verdict import Verdict, join, join_heap
from leaklint.source import SourceFile

APP = """
const LOG = [];
function add(row) {
  LOG.push([row]);
  return LOG.length;
}
function sum(rows) {
  return rows.reduce((total, row) => total + row, 0);
}
module.exports = { add, sum };
"""
COMMON = """
const test = require("node:test");
const { describe, it, before, beforeEach, afterEach } = require("node:test");
const assert = require("node:assert");
const { add, sum } = require("../app.js");

let rows;
before(() => { rows = [1]; });
beforeEach((t) => { rows.push(2); });
afterEach(() => { rows.length = 1; });

test("context", async (t) => {
  t.mock.method(console, "log", () => {});
  await t.test("inner", () => assert.equal(sum(rows.slice(0, 2)), 3));
});
describe("a suite", { timeout: 100 }, () => {
  it("waits", (t, done) => setImmediate(() => { CALL; done(); }));
  it.skip("is left out", () => { throw new Error("never"); });
  it("is to do");
});
"""
MODULE = """
import test, { suite } from "node:test";
import { add } from "../app.js";

suite("modules", () => { test("adds", async () => { add(1); }); });
"""
SERVER = """
const SEEN = new Map();
const recent = new Map();
function handle(request, response) {
  SEEN.set(request.url, [request.url]);
  recent.set("/", request.url);
  response.end("ok");
}
http.createServer(handle).listen(Number(process.argv[2]), "127.0.0.1");
"""
LOAD = """
const http = require("node:http");
const get = (url) => new Promise((done, fail) =>
  http.get(url, (answer) => answer.resume().on("end", done)).on("error", fail));
(async () => {
  for (let n = 0; n < 10; n += 1) await get(`http://127.0.0.1:${process.argv[2]}/${process.hrtime.bigint()}`);
})().catch(() => process.exit(1));
"""


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")


def watched(file: Path) -> tuple[Suspect, ...]:
    found = check_source(SourceFile.read(file, file.name), Settings(confidence="low"))
    return outline(file, file.name, found).suspects


def repeated(folder: Path, *words: str) -> tuple[Verdict, Run]:
    driver = drivers.repeat(("node", *words), str(folder))
    watches = watched(folder / "app.js")
    series = run(RunPlan(driver, watches, str(folder), limits=Limits(seconds=30)), 2.0)
    return (join(watches[0], 0, driver, [series]) if watches else join_heap(driver, [series])), series


def test_tests_are_repeated_unedited(tmp_path: Path) -> None:
    write(tmp_path, app_js=APP, test__app_test_js=COMMON.replace("CALL", "add(3)"))
    verdict, series = repeated(tmp_path, "--test", str(tmp_path / "test"))
    assert not series.error, series.error
    assert verdict.status == "confirmed", verdict
    assert verdict.holder == "app.LOG"
    assert (
        round(verdict.holder_growth_per_call or 0) == 1
    )  # one test adds a row: each call runs all tests once


def test_tests_in_es_modules_are_repeated(tmp_path: Path) -> None:
    write(tmp_path, app_js=APP, test__app_test_mjs=MODULE)
    verdict, series = repeated(tmp_path, "--test", str(tmp_path / "test" / "*.mjs"))
    assert not series.error, series.error
    assert verdict.status == "confirmed", verdict


def test_tests_that_keep_nothing_are_not_confirmed(tmp_path: Path) -> None:
    write(tmp_path, app_js=APP.replace("LOG.push([row]);", "row += 1;"))
    write(tmp_path, test__app_test_js=COMMON.replace("CALL", "sum([1])"))
    driver = drivers.repeat(("node", "--test"), str(tmp_path))
    series = run(RunPlan(driver, (), str(tmp_path), limits=Limits(seconds=30)), 2.0)
    assert not series.error, series.error
    assert series.calls > 20
    assert join_heap(driver, [series]).status != "confirmed"


def test_a_test_that_fails_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, app_js=APP, test__app_test_js=COMMON.replace("CALL", "assert.ok(add(1) < 5)"))
    verdict, _ = repeated(tmp_path, "--test", str(tmp_path / "test"))
    assert verdict.status == "inconclusive"
    assert "AssertionError" in verdict.reason


def test_a_command_without_tests_says_so(tmp_path: Path) -> None:
    with pytest.raises(LeaklintError, match="finds no test file"):
        drivers.repeat(("node", "--test"), str(tmp_path))


@pytest.mark.parametrize(
    ("name", "start"),
    [("server.js", 'const http = require("node:http");'), ("server.mjs", 'import http from "node:http";')],
)
def test_the_holders_of_a_server_are_watched(name: str, start: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(start + SERVER, "utf-8")
    (tmp_path / "load.js").write_text(LOAD, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    options: dict[str, Any] = {"command": ("node", name, port), "load": ("node", "load.js", port)}
    driver = Driver("javascript", name, "serve", **options)
    watches = watched(tmp_path / name)
    series = run(RunPlan(driver, watches, str(tmp_path), limits=Limits(60)), 6)
    assert not series.failure, series.failure
    assert series.runtime.startswith("Node ")
    verdict = join(watches[0], 0, driver, [series])
    assert verdict.status == "confirmed", verdict
    assert verdict.retaining_path[:3] == [f"module {name}", "SEEN", "Map value"]
    assert verdict.bytes_per_call
