"""Functions without a name: routes, what a factory makes; and connections that end with their call."""

from __future__ import annotations

from pathlib import Path

from node_runs import Confirmed, confirm_files

STREAM = """
const { EventEmitter } = require("node:events");
const { router } = require("./router.js");

const bus = new EventEmitter();
bus.setMaxListeners(0);

router.get("/stream", async (req, res) => {
  if (res.destroyed) return;
  const onChange = (change) => res.write(JSON.stringify(change));
  bus.on("change", onChange);
  const beat = setInterval(() => res.write(":"), 60000);
  res.on("close", () => {
    clearInterval(beat);
    ENDS
  });
});

module.exports = { bus };
"""
ROUTER = "exports.router = { get: (path, handle) => handle };\n"
FACTORY = """
function limit(options) {
  const seen = new Map();
  const per = options.per;

  function take(key) {
    seen.set(key, [per]);
    DROPS
  }

  return (req, res, next) => {
    take(req.ip);
    next();
  };
}

module.exports = { limit };
"""
HANDED_ON = """
class Lobby {
  handle(socket) {
    socket.on("message", (text) => this.tell(text));
  }
  tell() {}
}
const lobby = new Lobby();
const server = { on() {} };
server.on("connection", (socket) => lobby.handle(socket));

module.exports = { Lobby };
"""


def confirm(folder: Path, text: str) -> Confirmed:
    (folder / "router.js").write_text(ROUTER, "utf-8")
    file = folder / "app.js"
    file.write_text(text, "utf-8")
    return confirm_files([file])


def test_a_route_is_called_and_its_connection_ends(tmp_path: Path) -> None:
    found = confirm(tmp_path, STREAM.replace("ENDS", ""))
    row = next(row for row in found.report.verdicts if row["finding"]["code"] == "LK201")
    assert row["status"] == "confirmed", row
    assert row["trigger"] == "app.js:router.get"


def test_what_the_end_of_the_connection_takes_off_is_not_accused(tmp_path: Path) -> None:
    found = confirm(tmp_path, STREAM.replace("ENDS", 'bus.off("change", onChange);'))
    assert "confirmed" not in found.statuses.values(), found.report.verdicts


def test_what_a_factory_makes_is_called_with_one_factory(tmp_path: Path) -> None:
    found = confirm(tmp_path, FACTORY.replace("DROPS", ""))
    assert "confirmed" in found.statuses.values(), found.report.verdicts
    fixed = confirm(tmp_path, FACTORY.replace("DROPS", "seen.delete(key);"))
    assert "confirmed" not in fixed.statuses.values(), fixed.report.verdicts


def test_a_made_up_socket_that_is_handed_on_refutes_nothing(tmp_path: Path) -> None:
    statuses = confirm(tmp_path, HANDED_ON).statuses.values()
    assert not {"confirmed", "refuted"} & set(statuses), statuses


def test_listeners_of_a_function_that_installs_are_for_good(tmp_path: Path) -> None:
    text = "const target = new EventTarget();\n"
    text += "function installKeys() {\n  target.addEventListener('key', () => {});\n}\n"
    statuses = confirm(tmp_path, text + "module.exports = { installKeys };\n").statuses
    assert "confirmed" not in statuses.values(), statuses
