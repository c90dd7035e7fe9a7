"use strict";
// The agent inside a running server, preloaded through NODE_OPTIONS: the same conversation over a socket, without
// calls of its own. LEAKLINT_AGENT is the address to connect to, LEAKLINT_PLAN a file with the plan.

const { isMainThread } = require("node:worker_threads");

if (isMainThread && process.env.LEAKLINT_AGENT && process.env.LEAKLINT_PLAN) listen();

function listen() {
  const fs = require("node:fs");
  const net = require("node:net");
  const readline = require("node:readline");
  const { hook } = require("./load.cjs");
  const { Watch, install } = require("./probes.cjs");
  const { bytesPerCall, cost, countsObjects, reading } = require("./readings.cjs");
  const { route } = require("./route.cjs");

  const plan = JSON.parse(fs.readFileSync(process.env.LEAKLINT_PLAN, "utf8"));
  const watches = plan.watches.map((suspect) => new Watch(suspect));
  const state = install(watches);
  hook(plan);
  let counts = false;
  let looked = null;

  async function sample() {
    const began = performance.now();
    const found = await reading(watches, counts);
    const row = { calls: 0, errors: 0, error: "", call_seconds: 0, probe_seconds: (performance.now() - began) / 1000 };
    return { ...row, ...found };
  }

  async function answer(request) {
    switch (request.do) {
      case "start":
        counts = countsObjects(watches, (await sample()).watched);
        state.active = true; // what ran while it started proves nothing
        return { ok: true, runtime: `Node ${process.versions.node}`, hit_seconds: watches.length ? cost(state) : 0 };
      case "sample":
        return { sample: await sample() };
      case "look":
        looked = (await sample()).counters;
        return { ok: true };
      case "explain": {
        const bytes_per_call = bytesPerCall(looked, (await sample()).counters, request.calls);
        const watch = watches[request.watch];
        const found = watch ? route(watch, plan.project) : { retaining_path: [], allocation_site: "" };
        return { explanation: { ...found, bytes_per_call, types: {} } };
      }
    }
    return { ok: true };
  }

  const [port, token] = process.env.LEAKLINT_AGENT.split(":");
  const link = net.connect(Number(port), "127.0.0.1");
  link.unref(); // never keeps the program alive
  link.on("error", () => {}); // leaklint has gone
  link.write(`${JSON.stringify({ token, pid: process.pid })}\n`);
  readline.createInterface({ input: link }).on("line", async (line) => {
    let reply;
    try {
      reply = await answer(JSON.parse(line));
    } catch (error) {
      reply = { failure: String(error) };
    }
    link.write(`${JSON.stringify(reply)}\n`);
  });
}
