import { setImmediate } from "node:timers/promises";

const pending = new Map();

async function load(key) {
  await setImmediate();
  return { key };
}

export async function serve(key) {
  const work = load(key);
  pending.set(key, work);
  try {
    return await work;
  } finally {
    pending.delete(key);
  }
}
