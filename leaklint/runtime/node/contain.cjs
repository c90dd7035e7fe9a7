"use strict";
// Keeps the checked program from what belongs to the agent: the standard streams, and fixed ports.

const net = require("node:net");
const { Readable } = require("node:stream");

exports.contain = () => {
  process.removeAllListeners("warning");
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const nothing = Readable.from([]);
  Object.defineProperty(process, "stdin", { configurable: true, get: () => nothing });
  const listen = net.Server.prototype.listen;
  // both series run at the same time, and would want the same port
  net.Server.prototype.listen = function (first, ...rest) {
    if (typeof first === "number" || /^\d+$/.test(first)) return listen.call(this, 0, ...rest);
    if (first && typeof first === "object" && "port" in first) return listen.call(this, { ...first, port: 0 }, ...rest);
    return listen.call(this, first, ...rest);
  };
};
