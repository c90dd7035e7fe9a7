import { setImmediate } from "node:timers/promises";

const stopped = new Promise((resolve) => process.once("SIGTERM", () => resolve("stopped")));

async function read(name) {
  await setImmediate();
  return { name };
}

export async function serve(name) {
  return Promise.race([read(name), stopped]);
}
