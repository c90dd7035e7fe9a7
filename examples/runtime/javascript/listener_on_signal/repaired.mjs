import { setImmediate } from "node:timers/promises";

const shutdown = new AbortController();
process.once("SIGTERM", () => shutdown.abort());

class Request {
  constructor(path) {
    this.path = path;
    this.cancelled = false;
    this.done = new AbortController();
    shutdown.signal.addEventListener("abort", () => this.cancel(), { signal: this.done.signal });
  }

  cancel() {
    this.cancelled = true;
  }

  async send() {
    await setImmediate();
    this.done.abort();
    return this.cancelled ? "" : `page at ${this.path}`;
  }
}

export async function serve(path) {
  return new Request(path).send();
}
