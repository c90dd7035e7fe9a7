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
  const listener = addAbortListener(signal, () => upload.cancel());
  try {
    return `${upload.name} sent`;
  } finally {
    listener[Symbol.dispose]();
  }
}

export function serve(name) {
  return send(new Upload(name), shutdown.signal);
}
