"use strict";
// Stands in for `node:test` while test files are repeated: collects their tests once, and runs them on demand.
// The real runner keeps every test that it ever ran, which would look like a leak.

const real = require("node:test");

const root = suite("", null);
let current = root;

function suite(name, parent) {
  return { name, parent, items: [], hooks: { before: [], after: [], beforeEach: [], afterEach: [] } };
}

/** (name, options, function) with any of them left out, as `node:test` takes them. */
function parsed(given) {
  const found = { name: "", options: {}, body: null };
  for (const item of given) {
    if (typeof item === "string") found.name = item;
    else if (typeof item === "function") found.body = item;
    else if (item !== null && typeof item === "object") found.options = item;
  }
  found.name ||= (found.body && found.body.name) || "a test";
  return found;
}

const left = ({ options, body }) => !body || options.skip || options.todo;

function test(...given) {
  const found = parsed(given);
  if (!left(found)) current.items.push({ ...found, parent: current });
  return Promise.resolve();
}

function describe(...given) {
  const found = parsed(given);
  if (left(found)) return;
  const inner = suite(found.name, current);
  current.items.push(inner);
  current = inner;
  try {
    found.body({ name: found.name, signal: new AbortController().signal });
  } finally {
    current = inner.parent;
  }
}

const hook = (name) => (body) => void current.hooks[name].push(body);

let fail = () => {};
process.on("uncaughtException", (error) => fail(error));

/** Runs a function that takes a context, and a callback if it has a second parameter; what it throws later counts. */
function run(body, context) {
  return new Promise((resolve, reject) => {
    fail = reject;
    if (body.length > 1) body(context, (error) => (error ? reject(error) : resolve()));
    else resolve(body(context));
  });
}

async function all(bodies, context) {
  for (const body of bodies) await run(body, context);
}

async function runSuite(one) {
  await all(one.hooks.before, {});
  try {
    for (const item of one.items) await (item.items ? runSuite(item) : runTest(item, around(item.parent)));
  } finally {
    await all(one.hooks.after, {});
  }
}

/** Hooks around each test of a suite, with those of the suites around it. */
function around(one) {
  const chain = [];
  for (let item = one; item; item = item.parent) chain.unshift(item.hooks);
  return { before: chain.flatMap((row) => row.beforeEach), after: chain.reverse().flatMap((row) => row.afterEach) };
}

async function runTest(item, hooks) {
  const mock = new real.mock.constructor();
  const own = { before: [...hooks.before], after: [...hooks.after] };
  const end = [];
  const nothing = () => {};
  const context = {
    name: item.name,
    fullName: item.name,
    mock,
    assert: require("node:assert"),
    signal: new AbortController().signal,
    before: (body) => run(body, context),
    after: (body) => void end.push(body),
    beforeEach: (body) => void own.before.push(body),
    afterEach: (body) => void own.after.unshift(body),
    test: async (...given) => {
      const inner = parsed(given);
      if (!left(inner)) await runTest(inner, own);
    },
    ...Object.fromEntries(["diagnostic", "skip", "todo", "plan", "runOnly"].map((name) => [name, nothing])),
  };
  context.it = context.test;
  try {
    await all(own.before, context);
    await run(item.body, context);
  } finally {
    await all(own.after, context);
    await all(end, context);
    mock.reset();
  }
}

for (const define of [test, describe]) {
  define.only = define;
  define.skip = () => Promise.resolve();
  define.todo = define.skip;
}

module.exports = test;
module.exports.test = test;
module.exports.it = test;
module.exports.describe = describe;
module.exports.suite = describe;
module.exports.before = hook("before");
module.exports.after = hook("after");
module.exports.beforeEach = hook("beforeEach");
module.exports.afterEach = hook("afterEach");
module.exports.only = test;
module.exports.skip = test.skip;
module.exports.todo = test.skip;
module.exports.mock = real.mock;
module.exports.run = real.run;
/** One run of all tests that were collected; how many there are. */
module.exports.runAll = async () => {
  if (!root.items.length) throw new Error("the files define no test with node:test");
  await runSuite(root);
};
