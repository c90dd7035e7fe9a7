const { Worker } = require("node:worker_threads");

const SOURCE = `
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", (text) => parentPort.postMessage(text.length));
`;

class Counter {
  async count(text) {
    const worker = new Worker(SOURCE, { eval: true });
    worker.postMessage(text);
    return this.answer(worker);
  }

  answer(worker) {
    return new Promise((resolve) => worker.once("message", resolve));
  }
}

async function serve(number) {
  return new Counter().count(`text ${number}`);
}

module.exports = { serve };
