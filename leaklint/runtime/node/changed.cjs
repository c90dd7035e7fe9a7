"use strict";
// What a loader hook makes of an ES module: its text with probes.

const fs = require("node:fs");
const { stripTypeScriptTypes } = require("node:module");
const vm = require("node:vm");
const path = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");
const { edit, tail } = require("./edit.cjs");

const MODULES = new Set(["module", "module-typescript", "commonjs-typescript"]);

/** The result of a loader, with probes; as it was where another loader has changed the text already. */
exports.changed = (plan, url, result) => {
  if (!MODULES.has(result.format) || !url.startsWith("file:")) return result;
  const file = fileURLToPath(url);
  if (!(file in plan.files)) return result;
  const raw = fs.readFileSync(file);
  if (result.source && !raw.equals(Buffer.from(result.source))) return result;
  const source = edit(raw, plan.watches, file, plan.files[file]);
  // what the probes break is run without them
  if (source === null || !parses(source + tail(file), file, result.format)) return result;
  return { ...result, source: source + tail(file) };
};

/** Whether a text is an ES module, with types or without. Parses it, and runs nothing. */
function parses(text, identifier, format = "module") {
  try {
    const plain = format.endsWith("-typescript") ? stripTypeScriptTypes(text) : text;
    if (format === "commonjs-typescript") return Boolean(new vm.Script(`(async () => {${plain}\n})`));
    return Boolean(new vm.SourceTextModule(plain, { identifier }));
  } catch (error) {
    return !(error instanceof SyntaxError);
  }
}

exports.parses = parses;

const TESTS = pathToFileURL(path.join(__dirname, "tests.cjs")).href;

/** Where an import leads that is ours to answer: tests are collected while a command is repeated. */
exports.resolved = (plan, name) => (plan.repeats && name === "node:test" ? { url: TESTS, shortCircuit: true } : null);

/** A module that stands for one which the called file imports by name, where that is not there. */
exports.standIn = (plan, name, context, error) => {
  const from = context.parentURL && context.parentURL.startsWith("file:") ? fileURLToPath(context.parentURL) : "";
  if (!plan.absent || from !== plan.absent) throw error;
  const source = exported(fs.readFileSync(from, "utf8"), name)
    .map((row) => `export ${row === "default" ? "default" : `const ${row} =`} globalThis.leaklint.standIn(${JSON.stringify(row)});`)
    .join("\n");
  return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true };
};

/** The names that a text imports from a module. */
function exported(text, name) {
  const found = new Set(["default"]);
  for (const [, clause, from] of text.matchAll(/\bimport\s+([^'"();]+?)\s+from\s*['"]([^'"]+)['"]/g)) {
    const inner = from === name && /{([^}]*)}/.exec(clause);
    for (const row of inner ? inner[1].split(",") : []) found.add(row.trim().split(/\s+as\s+/)[0]);
  }
  return [...found].filter(Boolean);
}
