"""Made-up arguments: objects where members are read, work that fails, one service for all calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from node_runs import check, confirm_files

from leaklint.runtime.derive import outline
from leaklint.runtime.ways import LEAVES

LABELS = """
const series = new Map();

function observe(labels, seconds) {
  const key = `${labels.method}|${labels.path}`;
  let entry = series.get(key);
  if (!entry) {
    entry = { labels, count: 0 };
    series.set(key, entry);
  }
  entry.count += seconds;
}

module.exports = { observe };
"""
ALIKE = """
const names = new Map();

function remember(text) {
  const key = text.slice(0, 2);
  names.set(key, [text]);
}

module.exports = { remember };
"""
FAILS = """
const running = new Map();

async function run(id, job) {
  running.set(id, job);
  const found = await job.work(id);
  running.delete(id);
  return found;
}

module.exports = { run };
"""
HANDLED = FAILS.replace("const found = await", "try { return await").replace(
    "running.delete(id);\n  return found;", "} finally { running.delete(id); }"
)
HOOK = """
import { useEffect } from "react";

export function Panel() {
  useEffect(() => {
    window.addEventListener("resize", () => console.log("resized"));
  });
  return null;
}
"""
REACT = """
exports.useEffect = () => null.useEffect;
"""


def tried(folder: Path, text: str, name: str = "app.js") -> dict[str, dict[str, Any]]:
    """The verdicts on a file, by code."""
    file = folder / name
    file.write_text(text, "utf-8")
    found = confirm_files([file])
    return {row.code: row.verdict for row in found.report.findings if row.verdict is not None}


def test_a_parameter_whose_members_are_read_is_an_object(tmp_path: Path) -> None:
    found = tried(tmp_path, LABELS)
    assert found["LK101"]["status"] == "confirmed", found


def test_keys_that_come_out_alike_refute_nothing(tmp_path: Path) -> None:
    verdict = tried(tmp_path, ALIKE)["LK101"]
    assert verdict["status"] == "inconclusive", verdict
    assert "give a --trigger whose keys differ" in verdict["reason"]


def test_work_is_made_to_fail(tmp_path: Path) -> None:
    found = tried(tmp_path, FAILS)
    assert found["LK115"]["status"] == "confirmed", found
    assert found["LK115"]["raised"].startswith("Error: made to fail")


def test_a_failure_that_is_handled_is_not_confirmed(tmp_path: Path) -> None:
    assert "finally" in HANDLED
    assert "confirmed" not in [row["status"] for row in tried(tmp_path, HANDLED).values()]


def test_a_hook_is_not_run(tmp_path: Path) -> None:
    react = tmp_path / "node_modules" / "react"
    react.mkdir(parents=True)
    (react / "index.js").write_text(REACT, "utf-8")
    (found,) = tried(tmp_path, HOOK, "panel.mjs").values()
    assert found["status"] == "not-run", found
    assert "mounts and unmounts it" in found["reason"]


def test_a_component_that_is_built_is_not_run(tmp_path: Path) -> None:
    text = "<script setup>\n" + HOOK.split("\n", 2)[2].replace("useEffect", "onMounted") + "</script>\n"
    found = tried(tmp_path, text.replace("export ", ""), "panel.vue")
    assert {row["status"] for row in found.values()} <= {"not-run"}, found


KEEPS = """
const registry = new FinalizationRegistry((held) => held.backend.free());

class Texture {
  constructor(backend, name) {
    this.backend = backend;
    this.name = name;
    registry.register(this, { backend, texture: this }, this);
  }
  dispose() {
    registry.unregister(this);
  }
}

module.exports = { Texture };
"""
CHAIN = """
class Breaker {
  constructor() {
    this.lastError = null;
  }
  failed(message) {
    this.lastError = new Error(message, { cause: this.lastError });
  }
}

module.exports = { Breaker };
"""


def test_what_a_finalizer_is_for_is_dropped_and_not_ended(tmp_path: Path) -> None:
    found = tried(tmp_path, KEEPS)
    assert found["LK511"]["status"] == "confirmed", found


def test_a_chain_grows_on_one_object(tmp_path: Path) -> None:
    found = tried(tmp_path, CHAIN)
    assert found["LK311"]["status"] in ("confirmed", "inconclusive"), found
    assert found["LK311"]["shape"] == "linear", found


FACTORY = """
function limit(options) {
  const windows = new Map();
  setInterval(() => windows.clear(), 1000).unref();
  return function check(request, response, next) {
    windows.set(request.ip, 1);
    next();
  };
}

module.exports = { limit };
"""


def test_what_makes_a_handler_is_called_once_by_a_program(tmp_path: Path) -> None:
    found = tried(tmp_path, FACTORY)
    assert found["LK203"]["status"] == "inconclusive", found
    assert "looks like registration at start-up" in found["LK203"]["reason"]


OTHERS = """
const rooms = [];

class Board {
  constructor(server) {
    this.rows = [];
    server.on("upgrade", () => this.rows.push(1));
    Promise.resolve().then(() => setInterval(() => this.rows, 60_000).unref());
  }
}

module.exports = { Board };
"""


def test_the_heap_says_nothing_of_a_made_up_emitter(tmp_path: Path) -> None:
    found = tried(tmp_path, OTHERS)
    assert found["LK201"]["status"] == "inconclusive", found
    assert found["LK201"]["reason"].startswith("what it is added to is an argument that leaklint made up")


LOADER = """
const DataLoader = require("dataloader");

async function byId(ids) {
  return ids.map((id) => ({ id }));
}

const loader = new DataLoader(byId);

module.exports = { find: (id) => loader.load(id) };
"""
DATALOADER = """
module.exports = class DataLoader {
  constructor(batch) {
    this.batch = batch;
    this.known = new Map();
  }
  load(id) {
    if (!this.known.has(id)) this.known.set(id, this.batch([id]).then(([row]) => row));
    return this.known.get(id);
  }
};
"""


def test_a_declared_function_keeps_its_name(tmp_path: Path) -> None:
    """A probe around its declaration would make an expression of it, which declares nothing."""
    package = tmp_path / "node_modules" / "dataloader"
    package.mkdir(parents=True)
    (package / "index.js").write_text(DATALOADER, "utf-8")
    found = tried(tmp_path, LOADER)
    assert "not defined" not in str(found["LK103"]["reason"]), found


PUT_BACK = """
class CrashReporter {
  constructor(endpoint) {
    this.endpoint = endpoint;
    this.buffer = [];
    this.timer = setInterval(() => this.flush(), 10_000);
  }
  capture(error) {
    this.buffer.push({ message: error.message, stack: error.stack });
  }
  async flush() {
    const batch = this.buffer;
    this.buffer = [];
    try {
      await post(this.endpoint, batch);
    } catch {
      this.buffer = batch.concat(this.buffer);
    }
  }
  close() {
    clearInterval(this.timer);
  }
}
const post = async (endpoint, batch) => batch.length;

module.exports = { CrashReporter };
"""


def test_a_buffer_that_is_delivered_refutes_nothing(tmp_path: Path) -> None:
    """The finding is about deliveries that fail: what puts back has to have run."""
    file = tmp_path / "app.js"
    file.write_text(PUT_BACK, "utf-8")
    findings = [row for row in check([file]).findings if row.code == "LK107"]
    (suspect,) = outline(file, "app.js", findings).suspects
    assert [row.span.line for row in suspect.releases if row.why == LEAVES] == [17]


FINALIZED = """
class Texture {
  constructor(handle) {
    this.handle = handle;
  }
}

class Pool {
  constructor(gl) {
    this.gl = gl;
    this.registry = new FinalizationRegistry((release) => release());
  }

  upload(name) {
    const texture = new Texture(this.gl.create(name));
    this.registry.register(texture, () => this.gl.drop(HELD));
    return texture;
  }
}

module.exports = { Pool };
"""


def test_a_registry_in_a_field_lives_as_long_as_its_object(tmp_path: Path) -> None:
    """Another pool for each call would end all registrations."""
    kept, fixed = tmp_path / "kept.js", tmp_path / "fixed.js"
    kept.write_text(FINALIZED.replace("HELD", "texture.handle"), "utf-8")
    handed = FINALIZED.replace("(release) => release()", "(handle) => this.gl.drop(handle)")
    fixed.write_text(handed.replace("() => this.gl.drop(HELD)", "texture.handle"), "utf-8")
    assert confirm_files([kept]).statuses["kept.js", "LK511"] == "confirmed"
    assert confirm_files([fixed], "Pool.upload").trigger["status"] != "confirmed"


SESSIONS = """
const { randomUUID } = require("node:crypto");
class Sessions {
  #byId = new Map();
  #byUser = new Map();
  open(user) {
    const session = { id: randomUUID(), user };
    this.#byId.set(session.id, session);
    this.#byUser.set(session.id, session);
    return session;
  }
  close(id) {
    const session = this.#byId.get(id);
    if (!session) return;
    this.#byId.delete(id);
    LEAVES
  }
}
module.exports = { Sessions };
"""


@pytest.mark.parametrize(("leaves", "confirmed"), [("", True), ("this.#byUser.delete(id);", False)])
def test_a_release_is_handed_what_the_call_gave(leaves: str, confirmed: bool, tmp_path: Path) -> None:
    found = tried(tmp_path, SESSIONS.replace("LEAVES", leaves))
    assert ("confirmed" in {row["status"] for row in found.values()}) is confirmed, found

MAILS = """
ONE
const seen = GROWS;
class Mails extends Queue {
  take(id) {
    seen.push(render(id));
    this.push(id);
  }
}
const serve = wrap(function serve(id) {
  new Mails().take(id);
});
LAST
"""


@pytest.mark.parametrize(("grows", "confirmed"), [("[]", True), ("{ push() {} }", False)])
@pytest.mark.parametrize(
    ("one", "last"),
    [
        ('const { Queue, render, wrap } = require("./mails");', "module.exports = { serve };"),
        ('import { Queue, render as render, wrap } from "./mails.js";', "export { serve };"),
    ],
)
def test_something_stands_in_for_what_is_not_there(
    one: str, last: str, grows: str, confirmed: bool, tmp_path: Path
) -> None:
    text = MAILS.replace("ONE", one).replace("LAST", last).replace("GROWS", grows)
    found = tried(tmp_path, text)
    assert ("confirmed" in {row["status"] for row in found.values()}) is confirmed, found
    assert all("no file `mails" in row["reason"] for row in found.values()), found


COMMANDS = """
const commands = new Map();
function command(name, run) {
  if (commands.has(name)) throw new Error(name);
  commands.set(name, run);
}
command("init", () => 1);
command("build", () => 2);
module.exports = { command };
"""


def test_what_a_file_registers_while_it_is_loaded_is_not_confirmed(tmp_path: Path) -> None:
    found = tried(tmp_path, COMMANDS)
    assert found
    assert "confirmed" not in {row["status"] for row in found.values()}, found
