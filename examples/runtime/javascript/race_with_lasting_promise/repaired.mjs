import { setImmediate } from "node:timers/promises";

const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());

async function read(name, signal) {
  await setImmediate(undefined, { signal });
  return { name };
}

export async function serve(name) {
  return read(name, stopping.signal);
}
