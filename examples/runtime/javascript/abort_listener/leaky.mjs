import { addAbortListener } from "node:events";

const shutdown = new AbortController();
process.once("SIGTERM", () => shutdown.abort());

class Upload {
  constructor(name) {
    this.name = name;
    this.cancelled = false;
  }

  cancel() {
    this.cancelled = true;
  }
}

function send(upload, signal) {
  addAbortListener(signal, () => upload.cancel());
  return `${upload.name} sent`;
}

export function serve(name) {
  return send(new Upload(name), shutdown.signal);
}
