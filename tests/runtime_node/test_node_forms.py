"""Workloads, triggers, modules and compilers as projects have them, and what keeps a project safe."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from msgspec import structs
from node_runs import EXAMPLES, confirm_files, run_workload

from leaklint.errors import UsageError
from leaklint.runtime.agent import Driver, Missing, RunPlan
from leaklint.runtime.derive import outline
from leaklint.runtime.measure import run
from leaklint.runtime.node import agent, drivers
from leaklint.runtime.node.modules import is_module
from leaklint.runtime.suspect import Span

COMPILER = """
exports.transformSync = (text) => ({
  code: text
    .replace(/interface \\w+ {[^}]*}/g, "")
    .replace(/export function/g, "exports.serve = serve; function")
    .replace(/: (Map<[^>]*>|Quote|string|number)/g, ""),
});
"""


NATIVE = """
const fs = require("node:fs");
const { code } = require("./compiler.cjs").transformSync(fs.readFileSync(process.argv.at(-1), "utf8"));
fs.writeFileSync("copy.js", code);
process.exitCode = 2;
"""


def first(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "w.cjs",
            "exports.setup = () => {};\nexports.iterate = (i) => i;\nexports.teardown = () => {};",
        ),
        ("w.mjs", "export async function setup() {}\nexport async function iterate(i) { await i; }"),
        ("w.js", "export const iterate = (i) => i;"),
        ("g.cjs", "exports.iterate = function* (i) { yield i; };"),
    ],
)
def test_a_workload_has_any_form(name: str, text: str, tmp_path: Path) -> None:
    series = run_workload(text, tmp_path, name=name, budget=0.6)
    assert not series.failure, series.failure
    assert not series.error, series.error
    assert series.calls > 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exports.other = 1;", "no function iterate"),
        ("exports.setup = () => { throw new TypeError('no'); }; exports.iterate = () => 1;", "TypeError: no"),
        ("exports.iterate = () => process.exit(3);", "code 3"),
        ("exports.iterate = () => { throw new RangeError('far'); };", "RangeError: far (workload.cjs:1)"),
        ("exports.iterate = () => { setTimeout(() => { throw new Error('late'); }, 0); };", "late"),
    ],
)
def test_a_workload_that_fails_says_how(text: str, reason: str, tmp_path: Path) -> None:
    series = run_workload(text, tmp_path, budget=0.6)
    assert reason in series.failure + series.error, (series.failure, series.error)


def test_what_a_program_does_with_the_standard_streams_is_no_answer(tmp_path: Path) -> None:
    text = """
    process.stdin.on("data", () => {});
    exports.iterate = (i) => { console.log(`\\x1e{"sample": ${i}}`); process.stdout.write("more"); };
    """
    series = run_workload(text, tmp_path, budget=0.6)
    assert not series.failure, series.failure


def test_servers_of_both_series_listen_at_once(tmp_path: Path) -> None:
    text = """
    const server = require("node:http").createServer();
    exports.setup = () => new Promise((done) => server.listen(8099, done));
    exports.iterate = () => { if (server.address().port === 8099) throw new Error("a fixed port"); };
    """
    series = run_workload(text, tmp_path, budget=0.6)
    assert not series.failure, series.failure
    assert not series.error, series.error


CLASS = """class Shelf {
  static all = [];
  #books = new Map();
  async put(id) {
    this.#books.set(id, 1);
  }
  static register(id) {
    Shelf.all.push(id);
    return Shelf.all;
  }
}
const inner = [];
function hidden(id) {
  inner.push(id);
  return inner;
}
module.exports = { Shelf, api: { handle(id) { hidden(id); } } };
"""


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Shelf.put", ["Shelf", "#books"]),
        ("register", ["Shelf", "all"]),
        ("hidden", ["inner"]),
    ],
)
def test_a_trigger_names_anything_that_a_module_declares(name: str, path: list[str], tmp_path: Path) -> None:
    found = confirm_files([first(tmp_path, "shelf.js", CLASS)], name)
    assert found.trigger["status"] == "confirmed", found.trigger
    assert found.trigger["retaining_path"][: len(path) + 1] == ["module shelf.js", *path]
    assert found.trigger["runtime"].startswith("Node ")


def test_a_method_of_the_exports_is_a_trigger(tmp_path: Path) -> None:
    text = "const seen = new Map();\nmodule.exports = {\n  handle(id) {\n    seen.set(id, 1);\n  },\n};\n"
    found = confirm_files([first(tmp_path, "api.js", text)], "handle")
    assert found.trigger["status"] == "confirmed", found.trigger
    assert found.trigger["inputs"] == "fresh"


def test_an_unknown_trigger_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such function"):
        confirm_files([first(tmp_path, "shelf.js", CLASS)], "nothing")


def test_typescript_goes_through_the_compiler_of_the_project(tmp_path: Path) -> None:
    text = (EXAMPLES / "typed" / "leaky.ts").read_text("utf-8")
    package = tmp_path / "node_modules" / "esbuild"
    package.mkdir(parents=True)
    first(package, "package.json", '{"name": "esbuild", "version": "1.0.0", "main": "main.js"}')
    first(package, "main.js", COMPILER)
    found = confirm_files([first(tmp_path, "quotes.ts", text)], "serve")
    assert found.trigger["status"] == "confirmed", found.trigger


def test_a_compiler_that_is_a_command_compiles_a_copy(tmp_path: Path) -> None:
    text = (EXAMPLES / "typed" / "leaky.ts").read_text("utf-8")
    package = tmp_path / "node_modules" / "typescript"
    package.mkdir(parents=True)
    first(package, "package.json", '{"name": "typescript", "version": "7.0.0", "main": "version.cjs"}')
    first(package, "version.cjs", 'exports.version = "7.0.0";')
    first(package, "compiler.cjs", COMPILER)
    first(package, "tsc.js", NATIVE)
    found = confirm_files([first(tmp_path, "quotes.ts", text)], "serve")
    assert found.trigger["status"] == "confirmed", found.trigger


def test_typescript_without_a_compiler_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "_strips", lambda node, file: False)
    text = (EXAMPLES / "typed" / "leaky.ts").read_text("utf-8")
    found = confirm_files([first(tmp_path, "quotes.ts", text)], "serve")
    assert found.trigger["status"] == "not-run"
    assert "install esbuild" in found.trigger["reason"]


def test_nothing_of_the_project_is_written(tmp_path: Path) -> None:
    file = first(tmp_path, "shelf.js", CLASS)
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    confirm_files([file], "hidden", budget=1.0)
    assert [row.name for row in tmp_path.iterdir()] == ["shelf.js"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_a_node_that_is_not_there_is_missing(tmp_path: Path) -> None:
    driver = Driver("javascript", "w", "workload", file=str(first(tmp_path, "w.js", "")))
    with pytest.raises(Missing, match="no no-such-node on PATH"):
        agent.find(RunPlan(driver, (), str(tmp_path), runtime="no-such-node"))


def test_a_script_is_repeated_inside_one_process(tmp_path: Path) -> None:
    script = first(tmp_path, "job.js", "module.exports = { done: process.argv[2] };")
    driver = drivers.repeat(("node", str(script), "fast"), str(tmp_path))
    assert "fast" in driver.source
    with pytest.raises(Missing, match="cannot be repeated"):
        drivers.repeat(("npm", "test"), str(tmp_path))


def test_the_kind_of_a_module_is_that_of_node(tmp_path: Path) -> None:
    assert is_module(first(tmp_path, "a.mjs", ""))
    assert not is_module(first(tmp_path, "a.cjs", "export default 1;"))
    assert is_module(first(tmp_path, "a.js", "import fs from 'node:fs';\n"))
    first(tmp_path, "package.json", '{"type": "commonjs"}')
    assert not is_module(first(tmp_path, "a.js", "import fs from 'node:fs';\n"))


def test_code_for_browsers_is_not_run(tmp_path: Path) -> None:
    series = run_workload("exports.iterate = () => window.scroll(0, 0);", tmp_path, budget=0.6)
    assert "needs a browser: window" in series.missing
    assert "jsdom" in series.hint


@pytest.mark.parametrize("name", ["app.mjs", "app.cjs"])
def test_a_probe_that_would_break_a_module_is_left_out(name: str, tmp_path: Path) -> None:
    text = "const seen = new Map();\nfunction serve(i) {\n  seen.set(i, 1);\n}\n"
    text += "export { serve };\n" if name == "app.mjs" else "module.exports = { serve };\n"
    file = first(tmp_path, name, text)
    found = outline(file, name).quiet[0]
    split = structs.replace(found.sites[0], receiver=Span(2, 4, 1, 1))  # in the middle of `const`
    watch = structs.replace(found, sites=(split,), initializer=None)
    work = first(tmp_path, "w.mjs", f"import {{ serve }} from './{name}';\nexport const iterate = serve;\n")
    driver = Driver("javascript", "w", "workload", file=str(work), roots=(str(file),))
    series = run(RunPlan(driver, (watch,), str(tmp_path)), 0.6)
    assert not series.failure, series.failure
    assert not series.error, series.error
    assert series.calls > 20
    assert not series.hits(0)
    assert run(RunPlan(driver, (found,), str(tmp_path)), 0.6).hits(0)


@pytest.mark.parametrize(
    ("text", "trigger", "path"),
    [
        (
            "function memoize(f) {\n  const known = new Map();\n  return (key) => {\n"
            "    if (!known.has(key)) known.set(key, f(key));\n    return known.get(key);\n  };\n}\n"
            "const square = memoize((text) => [text]);\nmodule.exports = { square };\n",
            "square",
            "memoize()",
        ),
        (
            "function makeStore() {\n  const rows = [];\n  return { add(row) { rows.push([row]); } };\n}\n"
            "const store = makeStore();\nmodule.exports.store = store;\n",
            "store.add",
            "makeStore()",
        ),
    ],
)
def test_what_a_function_returned_is_driven_and_not_the_function(
    text: str, trigger: str, path: str, tmp_path: Path
) -> None:
    file = first(tmp_path, "made.js", text)
    found = confirm_files([file], trigger)
    assert found.trigger["status"] == "confirmed", found.trigger
    assert path in found.trigger["retaining_path"]
    alone = confirm_files([file])
    assert all(row["trigger"].endswith(trigger) for row in alone.report.verdicts), alone.report.verdicts


def test_entries_that_leave_by_a_timer_are_not_confirmed(tmp_path: Path) -> None:
    text = "const cache = new Map();\nfunction serve(key) {\n  cache.set(key, key.length);\n"
    text += "  setTimeout(() => cache.delete(key), 30000);\n  return cache.get(key);\n}\n"
    text += "module.exports = { serve };\n"
    found = confirm_files([first(tmp_path, "ttl.js", text)], "serve", budget=1.5)
    assert found.trigger["status"] == "inconclusive", found.trigger
    assert "horizon" in found.trigger["reason"]
    assert "confirmed" not in found.statuses.values()


def test_a_class_that_is_the_exports_is_reached(tmp_path: Path) -> None:
    text = "module.exports = class Shelf {\n  constructor() {\n    this.books = new Map();\n  }\n"
    text += "  put(id) {\n    this.books.set(id, [id]);\n  }\n};\n"
    found = confirm_files([first(tmp_path, "shelf.js", text)], "Shelf.put")
    assert found.trigger["status"] == "confirmed", found.trigger


def test_a_method_with_a_computed_name_is_driven(tmp_path: Path) -> None:
    text = 'const kAdd = Symbol("add");\nclass Pool {\n  constructor(url) {\n    this.url = new URL(url);\n'
    text += "    this.clients = [];\n  }\n  [kAdd](client) {\n    this.clients.push([client]);\n  }\n}\n"
    text += 'const pool = new Pool("http://localhost/");\nmodule.exports = { pool, Pool };\n'
    found = confirm_files([first(tmp_path, "pool.js", text)])
    assert set(found.statuses.values()) == {"confirmed"}, found.report.verdicts


@pytest.mark.parametrize(
    "text",
    [
        'function attach(bus) {\n  bus.on("x", () => {});\n}\nmodule.exports = { attach };\n',
        "class Chart {\n  constructor(bus) {\n    this.bus = bus;\n"
        '    this.bus.on("x", () => this.draw());\n  }\n  draw() {}\n}\nmodule.exports = { Chart };\n',
    ],
)
def test_listeners_on_a_made_up_argument_prove_nothing(text: str, tmp_path: Path) -> None:
    found = confirm_files([first(tmp_path, "bus.js", text)])
    assert found.report.verdicts
    for row in found.report.verdicts:
        assert row["status"] == "inconclusive", row
        assert "leaklint made up" in row["reason"]


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("const seen = new Set();\nexport const visit = (url) => {\n  seen.add(url);\n};\n", "visit"),
        ("const seen = new Set();\nexports.visit = (url) => {\n  seen.add(url);\n};\n", "visit"),
        ("const seen = new Set();\nmodule.exports = {\n  visit: (url) => seen.add(url),\n};\n", "visit"),
        (
            "const seen = new Set();\nconst api = {\n  visit: (url) => {\n    seen.add(url);\n  },\n};\n",
            "api.visit",
        ),
    ],
)
def test_an_arrow_function_with_a_name_is_driven(text: str, trigger: str, tmp_path: Path) -> None:
    file = first(tmp_path, "seen.js", text)
    assert confirm_files([file], trigger, budget=1.0).trigger["status"] == "confirmed"
    alone = confirm_files([file], budget=1.0)
    assert set(alone.statuses.values()) == {"confirmed"}, alone.report.verdicts


def test_what_is_started_twice_is_started_on_one_object(tmp_path: Path) -> None:
    text = "class Clock {\n  setRate(rate) {\n    this.timer = setInterval(() => this.draw(), 60000);\n  }\n"
    text += "  draw() {}\n  dispose() {\n    clearInterval(this.timer);\n  }\n}\n"
    text += "module.exports = { Clock };\n"
    found = confirm_files([first(tmp_path, "clock.js", text)], budget=1.5)
    assert found.statuses == {("clock.js", "LK206"): "confirmed"}, found.report.verdicts


POOL = """class Pool {
  constructor() {
    this.free = [];
    this.lent = new Set();
  }
  async connect() {
    const client = this.free.pop() ?? { rows: (tenant) => (tenant ? [tenant] : []) };
    this.lent.add(client);
    return { query: client.rows, release: () => this.lent.delete(client) && this.free.push(client) };
  }
}
const pool = new Pool();
exports.serve = async function serve(tenant) {
  const client = await pool.connect();
  if (client.query("").length === 0) return 0;
  client.release();
  return 1;
};
"""


def test_what_the_borrower_drops_does_not_refute_that_the_lender_keeps_it(tmp_path: Path) -> None:
    found = confirm_files([first(tmp_path, "pool.js", POOL)], "serve")
    assert found.statuses["pool.js", "LK603"] == "inconclusive", found.report.verdicts
    assert found.trigger["series"][-1] > found.trigger["series"][0]
