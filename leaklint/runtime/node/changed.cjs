"use strict";
// What a loader hook makes of an ES module: its text with probes.

const fs = require("node:fs");
const { fileURLToPath } = require("node:url");
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
  return source === null ? result : { ...result, source: source + tail(file) };
};
