"use strict";
// What is read of a process at a sample, after a forced collection.

const v8 = require("node:v8");
const vm = require("node:vm");
const page = require("./page.cjs");
const { timers } = require("./probes.cjs");

const CHEAP = 25; // milliseconds

const turn = () => new Promise((resolve) => setImmediate(resolve));

function collector() {
  if (globalThis.gc) return globalThis.gc;
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}
const collect = collector();

/** Counters and watched holders; counts: whether all objects are counted. */
async function reading(watches, counts) {
  await turn();
  await turn();
  collect();
  collect();
  const memory = process.memoryUsage();
  const counters = {
    v8_bytes: memory.heapUsed,
    external_bytes: memory.external + memory.arrayBuffers,
    rss_bytes: memory.rss,
    timers: timers(),
  };
  const watched = watches.map((watch) => watch.read());
  if (counts && v8.queryObjects) counters.count = v8.queryObjects(Object, { format: "count" });
  return { counters, watched };
}

/**
 * Counting all objects is exact and dear: where it is slow, only a run whose verdict it decides pays for it,
 * and one without a finding, whose verdict it mostly decides, pays more. The quickest of three tries tells,
 * for another process may have had the processor. The objects of a page are too many to be counted at all.
 */
function countsObjects(watches, watched) {
  if (!v8.queryObjects || page.isOpen()) return false;
  const unread = (watch, index) => watched[index].length === null;
  if (watches.every(unread) || watches.some((watch, index) => watch.suspect.code && unread(watch, index))) return true;
  const most = watches.some((watch) => watch.suspect.code) ? CHEAP : CHEAP * 4;
  return [1, 2, 3].some(() => {
    const began = performance.now();
    v8.queryObjects(Object, { format: "count" });
    return performance.now() - began < most;
  });
}

/** Bytes that stay, a call, between two readings. */
function bytesPerCall(before, after, calls) {
  const external = Math.max(0, after.external_bytes - before.external_bytes);
  return Math.max(0, Math.round(((after.v8_bytes - before.v8_bytes + external) / calls) * 10) / 10);
}

/** Seconds that a probe adds to one run of its site. */
function cost(state) {
  const probe = (value) => (state.active ? value : value + 1);
  const began = process.hrtime.bigint();
  for (let i = 0; i < 20000; i += 1) probe(i);
  return Number(process.hrtime.bigint() - began) / 20000 / 1e9;
}

module.exports = { bytesPerCall, cost, countsObjects, reading, turn };
