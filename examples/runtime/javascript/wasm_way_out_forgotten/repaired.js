// A hand-made module: `malloc` hands out blocks, from a list of those that were freed or from the end of the
// memory; `free` puts one into the list; `hash` reads bytes.
const CODE = `
AGFzbQEAAAABEANgAX8Bf2ABfwBgAn9/AX8DBAMAAQIFAwEAAQYMAn8BQYAIC38BQQALByEEBm1lbW9yeQIABm1hbGxvYwAA
BGZyZWUAAQRoYXNoAAIKngEDWQEBfyAAQT9qQUBxIQAjAQRAIwEoAgAgAE8EQCMBIQEgASgCBCQBIAFBCGoPCwsjACEBIAEg
AGpBCGokACMAPwBBEHRLBEBBAUAAGgsgASAANgIAIAFBCGoLEwAgAEEIayMBNgIEIABBCGskAQsuAQF/AkADQCABRQ0BIAJB
H2wgAC0AAGohAiAAQQFqIQAgAUEBayEBDAALCyACCw==`;

const wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(CODE, "base64"))).exports;

function hash(bytes) {
  const pointer = wasm.malloc(bytes.length);
  new Uint8Array(wasm.memory.buffer).set(bytes, pointer);
  const value = wasm.hash(pointer, bytes.length);
  if (value === 0) {
    wasm.free(pointer);
    throw new Error("no hash");
  }
  wasm.free(pointer);
  return value;
}

function serve() {
  try {
    return hash(new Uint8Array(40));
  } catch {
    return 0;
  }
}

module.exports = { serve };
