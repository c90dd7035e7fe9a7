"use strict";
// The way from a module through a holder to its newest entry, for people.

const path = require("node:path");
const { parts } = require("./probes.cjs");

const DEPTH = 4;

/** Retaining path and allocation site of a watch. */
function route(watch, project) {
  const { suspect } = watch;
  const file = path.relative(project, suspect.file).split(path.sep).join("/");
  const line = (suspect.sites[watch.site] || suspect.sites[0]).span.line;
  return {
    allocation_site: `${file}:${line}`,
    retaining_path: [`module ${file}`, ...toHolder(suspect.holder), ...inwards(suspect.holder, watch.alive().at(-1))],
  };
}

function toHolder(holder) {
  const name = [holder.name, ...holder.steps].join(".");
  switch (holder.kind) {
    case "variable":
      return [name];
    case "static":
      return [holder.owner, name];
    case "field":
      return [holder.instances[0] || holder.owner, name];
    case "closure":
      return [`${holder.function}()`, name];
    case "attribute":
    case "default":
      return [holder.function, name];
    case "listener":
    case "registry":
      return [holder.name.replace(/\.(on|once|addListener|addEventListener)$/, ""), `listeners${holder.event ? ` for ${holder.event}` : ""}`];
    case "timer":
      return ["active timers", holder.text];
  }
  return [holder.text];
}

/** The kinds of entries from a container to the first object that is none. */
function inwards(holder, value) {
  if (["listener", "registry", "timer"].includes(holder.kind)) return ["function"];
  const steps = [];
  let item = value;
  for (let depth = 0; depth < DEPTH && filled(item); depth += 1) {
    steps.push(Array.isArray(item) || item instanceof Set ? `${kindOf(item)} item` : `${kindOf(item)} value`);
    item = parts(item).at(-1);
  }
  if (steps.length) steps.push(kindOf(item));
  return steps;
}

const filled = (value) => parts(value) !== null && parts(value).length > 0;

function kindOf(value) {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return (value.constructor && value.constructor.name) || "Object";
}

/** What the newest entry of a holder is, through the containers in it. */
function newest(watch) {
  let item = watch.alive().at(-1);
  for (let depth = 0; depth < DEPTH && filled(item); depth += 1) item = parts(item).at(-1);
  return item;
}

/** The class of an object, when there is one whose instances can be counted. */
function countable(value) {
  const made = value !== null && typeof value === "object" && !filled(value) ? value.constructor : null;
  return typeof made === "function" && made !== Object && require("node:v8").queryObjects ? made : null;
}

module.exports = { countable, newest, route };
