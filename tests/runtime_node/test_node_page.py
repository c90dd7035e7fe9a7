"""Code that needs a page: the jsdom of the project gives it one, and React's own renderer shows components.

Small packages stand for both here, with the names and the ways that leaklint uses.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from node_runs import Confirmed, confirm_files

JSDOM = """
class Element extends EventTarget {
  childNodes = [];
  append(...given) {
    for (const child of given) child.parent = this;
    this.childNodes.push(...given);
  }
  remove() {
    const rows = this.parent ? this.parent.childNodes : [];
    if (rows.includes(this)) rows.splice(rows.indexOf(this), 1);
  }
}
class Page extends EventTarget {
  body = new Element();
  createElement() { return new Element(); }
}
exports.VirtualConsole = class {};
exports.JSDOM = class {
  constructor() {
    this.window = Object.assign(new EventTarget(), { document: new Page(), EventTarget });
    this.window.window = this.window;
  }
};
"""
REACT = """
let effects = [];
exports.createElement = (type) => ({ type, $$typeof: "element" });
exports.isValidElement = (value) => Boolean(value) && value.$$typeof === "element";
exports.useEffect = (effect) => effects.push(effect);
exports.started = () => effects.splice(0).map((effect) => effect());
"""
CLIENT = """
const { started } = require("react");
exports.createRoot = () => {
  let ends = [];
  return {
    render: (element) => { element.type(); ends = started(); },
    unmount: () => ends.forEach((end) => end && end()),
  };
};
"""
DOM = "exports.version = '19.0.0'; exports.flushSync = (work) => work();\n"

PANEL = """
class Panel {
  constructor() {
    this.onResize = () => this.draw();
    window.addEventListener("resize", this.onResize);
  }
  draw() {}
  destroy() {
    window.removeEventListener("resize", HANDLER);
  }
}

module.exports = { Panel };
"""
CHART = """
import * as React from "react";

export function Chart(props) {
  React.useEffect(() => {
    const draw = () => props.values.length;
    window.addEventListener("resize", () => draw());
    return () => window.removeEventListener("resize", draw);
  }, [props.values]);
  return null;
}
"""


def package(root: Path, name: str, files: dict[str, str]) -> None:
    folder = root / "node_modules" / name
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(f'{{"name": "{name}", "version": "1.0.0"}}', "utf-8")
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")


def with_page(root: Path) -> None:
    package(root, "jsdom", {"index.js": JSDOM})


def with_react(root: Path) -> None:
    package(root, "react", {"index.js": REACT})
    package(root, "react-dom", {"index.js": DOM, "client.js": CLIENT})


def confirm(root: Path, name: str, text: str, trigger: str = "") -> Confirmed:
    file = root / name
    file.write_text(text, "utf-8")
    return confirm_files([file], trigger)


@pytest.mark.parametrize(("removed", "confirmed"), [("() => this.draw()", True), ("this.onResize", False)])
def test_listeners_on_the_page(removed: str, confirmed: bool, tmp_path: Path) -> None:
    with_page(tmp_path)
    trigger = "" if confirmed else "Panel.constructor"
    found = confirm(tmp_path, "panel.js", PANEL.replace("HANDLER", removed), trigger)
    if confirmed:
        assert "confirmed" in found.statuses.values(), found
    else:
        assert found.trigger["status"] != "confirmed", found.trigger


def test_without_a_page_the_command_is_told(tmp_path: Path) -> None:
    found = confirm(tmp_path, "panel.js", PANEL.replace("HANDLER", "() => this.draw()"))
    reasons = [row["reason"] for row in found.report.verdicts]
    assert any("run `npm install --no-save jsdom`" in reason for reason in reasons), reasons


def test_a_component_is_shown_and_taken_off(tmp_path: Path) -> None:
    with_page(tmp_path)
    with_react(tmp_path)
    found = confirm(tmp_path, "chart.mjs", CHART)
    assert set(found.statuses.values()) == {"confirmed"}, found
    fixed = CHART.replace('"resize", () => draw()', '"resize", draw')
    assert confirm(tmp_path, "fixed.mjs", fixed, "Chart").trigger["status"] != "confirmed"


def test_code_that_runs_in_node_too_gets_no_page(tmp_path: Path) -> None:
    package(tmp_path, "jsdom", {"index.js": "throw new Error('opened');\n"})
    asked = "if (typeof window !== 'undefined') window.addEventListener"
    text = PANEL.replace("window.addEventListener", asked)
    found = confirm(tmp_path, "panel.js", text, "Panel.constructor")
    assert "opened" not in found.trigger["reason"], found.trigger
