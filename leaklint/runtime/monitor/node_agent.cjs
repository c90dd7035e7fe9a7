// Reports what Node knows of its memory. `leaklint monitor` preloads it with NODE_OPTIONS=--require.
"use strict";
const { isMainThread } = require("node:worker_threads");
const folder = process.env.LEAKLINT_MONITOR_FOLDER;

if (isMainThread && folder) {
  const { renameSync, writeFileSync } = require("node:fs");
  const { join } = require("node:path");
  const interval = Number(process.env.LEAKLINT_MONITOR_INTERVAL || 1) * 1000;
  let collect = () => {};
  if (process.env.LEAKLINT_MONITOR_COLLECT === "1") {
    require("node:v8").setFlagsFromString("--expose-gc");
    collect = require("node:vm").runInNewContext("gc");
  }

  const report = () => {
    try {
      collect();
      const { heapUsed, heapTotal, external } = process.memoryUsage();
      const file = join(folder, `${process.pid}.json`);
      const values = { runtime: "node", heap_used: heapUsed, heap_committed: heapTotal, external };
      writeFileSync(`${file}.new`, JSON.stringify(values));
      renameSync(`${file}.new`, file);
    } catch {
      clearInterval(timer); // the folder has gone: nobody watches any more
    }
  };
  const timer = setInterval(report, interval);
  timer.unref(); // never keeps the program alive
  report();
}
