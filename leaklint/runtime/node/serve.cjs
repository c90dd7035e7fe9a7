"use strict";
// The agent inside Node: the conversation of docs/runtime-protocol.md, and the calls themselves.

const fs = require("node:fs");
const net = require("node:net");
const readline = require("node:readline");
const v8 = require("node:v8");
const { pathToFileURL } = require("node:url");
const { hook } = require("./load.cjs");
const { contain } = require("./contain.cjs");
const page = require("./page.cjs");
const { Watch, install } = require("./probes.cjs");
const { bytesPerCall, cost, countsObjects, reading, turn } = require("./readings.cjs");
const { countable, newest, route } = require("./route.cjs");

const MARK = "\x1e";
const MOST_ITEMS = 10000;
const run = { calls: 0, errors: 0, error: "", same: false, watches: [], iterate: null, teardown: null, counts: false };
let state = { active: false };

contain();
process.on("uncaughtException", failed);
process.on("unhandledRejection", failed);

function failed(error) {
  run.errors += 1;
  if (!run.error) run.error = describe(error);
}

/** Kind and text of an error in one line, with the innermost line of code that threw it. */
function describe(error) {
  if (!(error instanceof Error)) return String(error).slice(0, 200);
  const frame = String(error.stack).split("\n").find((line) => /^\s+at .*\/[^/]+:\d+/.test(line) && !line.includes("node:"));
  const where = frame && /([^/(\s]+):(\d+):\d+\)?$/.exec(frame);
  const text = `${error.name}: ${error.message}`.replace(/__leaklint\.\w+\(\.\.\.\)/g, "…");
  return text.split("\n")[0].slice(0, 200) + (where ? ` (${where[1]}:${where[2]})` : "");
}

async function start(plan) {
  run.same = plan.inputs === "same";
  if (plan.page) page.open(plan.page);
  run.watches = plan.watches.map((suspect) => new Watch(suspect));
  state = install(run.watches);
  state.load = hook(plan);
  if (plan.driver.origin === "repeat") state.tests = require("./tests.cjs");
  const { file } = plan.driver;
  // `require` of an ES module passes the loader hooks by, so what may be one is imported
  const workload = file.endsWith(".cjs") ? require(file) : await import(pathToFileURL(file).href);
  const of = (name) => workload[name] || (workload.default && workload.default[name]);
  run.iterate = of("iterate");
  run.teardown = of("teardown");
  if (typeof run.iterate !== "function") throw new Error("the workload has no function iterate(i)");
  if (of("setup")) await finish(of("setup")());
  run.counts = countsObjects(run.watches, (await sample(0)).watched);
  for (let i = 0; i < 4; i += 1) await sample(0);
  return { ok: true, runtime: `Node ${process.versions.node}`, pid: process.pid, hit_seconds: run.watches.length ? cost(state) : 0 };
}

async function finish(result) {
  if (result === null || typeof result !== "object") return;
  if (typeof result.then === "function") {
    await result;
  } else if (typeof result.next === "function" && typeof result[Symbol.iterator] === "function") {
    let count = 0;
    for (const _ of result) if (++count >= MOST_ITEMS) break;
  } else if (typeof result.next === "function" && typeof result[Symbol.asyncIterator] === "function") {
    let count = 0;
    for await (const _ of result) if (++count >= MOST_ITEMS) break;
  }
}

async function call(count) {
  state.active = true;
  for (let i = 0; i < count; i += 1) {
    const number = run.same ? 0 : run.calls;
    run.calls += 1;
    try {
      const result = state.make(() => run.iterate(number));
      if (result !== null && typeof result === "object") await finish(result);
    } catch (error) {
      failed(error);
    }
  }
  state.active = false;
  state.call = null;
}

async function sample(count) {
  const began = performance.now();
  const first = run.calls === 0 && count > 0;
  await call(count);
  // where no holder is filled, the heap decides
  if (first && !run.watches.some((watch) => watch.hits)) run.counts = !page.isOpen();
  const called = performance.now();
  const found = await reading(run.watches, run.counts);
  return {
    calls: run.calls,
    ...found,
    errors: run.errors,
    error: run.error,
    call_seconds: (called - began) / 1000,
    probe_seconds: (performance.now() - called) / 1000,
  };
}

async function explain(count, number) {
  const before = (await sample(0)).counters;
  const after = (await sample(count)).counters;
  const found = { retaining_path: [], allocation_site: "", bytes_per_call: bytesPerCall(before, after, count), types: {} };
  // where only the heap grows, a site that ran and whose results leave no trace is the likeliest
  const watch = run.watches[number] || run.watches.find((row) => row.hits && row.results && !row.used);
  if (!watch) return found;
  const last = newest(watch);
  const counted = countable(last);
  if (counted) {
    const known = v8.queryObjects(counted, { format: "count" });
    await call(count);
    await turn();
    const more = (v8.queryObjects(counted, { format: "count" }) - known) / count;
    if (more > 0) found.types[counted.name] = Math.round(more * 100) / 100;
  }
  return { ...found, ...route(watch, run.project) };
}

async function answer(request) {
  switch (request.do) {
    case "start":
      run.project = request.plan.project;
      return start(request.plan);
    case "sample":
      return { sample: await sample(request.calls) };
    case "explain":
      return { explanation: await explain(request.calls, request.watch) };
    default:
      if (run.teardown) await finish(run.teardown());
      return { ok: true };
  }
}

async function main() {
  // a socket, for a read that is under way in the thread pool would keep `process.exit` from ending
  const lines = readline.createInterface({ input: new net.Socket({ fd: 0, writable: false }) });
  for await (const line of lines) {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = await answer(request);
    } catch (error) {
      reply = { failure: `${request.do === "start" ? "setup" : request.do} raised ${describe(error)}` };
    }
    fs.writeSync(1, `${MARK}${JSON.stringify(reply)}\n`);
    if (request.do === "close") process.reallyExit(0);
  }
  process.reallyExit(0);
}

main();
