"use strict";
// Loader hooks for ES modules; they run in a thread of their own.

const { readFileSync } = require("node:fs");
const { fileURLToPath } = require("node:url");
const { edit } = require("./edit.cjs");

let plan = { watches: [], files: {} };

exports.initialize = async (data) => {
  plan = data;
};

exports.load = async (url, context, next) => {
  const result = await next(url, context);
  if (result.format !== "module" || !url.startsWith("file:")) return result;
  const file = fileURLToPath(url);
  if (!(file in plan.files)) return result;
  const source = edit(readFileSync(file), plan.watches, file, plan.files[file]);
  return source === null ? result : { ...result, source };
};
