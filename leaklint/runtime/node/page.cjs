"use strict";
// A page for code that needs one: jsdom of the project, and the renderer of React of the project.

const fs = require("node:fs");
const Module = require("node:module");

const OURS = /^(Object|Function|Array|Number|parse\w+|Infinity|NaN|undefined|Boolean|String|Symbol|Date|Promise|RegExp|\w*Error|globalThis|JSON|Math|Intl|\w*ArrayBuffer|Atomics|\w+\d\w*Array|DataView|BigInt|(Weak)?(Map|Set)|Proxy|Reflect|FinalizationRegistry|WeakRef|(de|en)codeURI\w*|(un)?escape|eval|is\w+|WebAssembly|(set|clear)(Timeout|Interval|Immediate)|queueMicrotask|structuredClone|performance|console|crypto|fetch|global|self|_.*)$/;
/** What a page shares with Node: its own clocks are the ones that are watched. */
const CLOCKS = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"];

const turn = () => new Promise((resolve) => setImmediate(resolve));

let opened = false;

const isOpen = () => opened;

/** Gives the process a page. file: of the project whose jsdom it is. */
function open(file) {
  opened = true;
  const { JSDOM, VirtualConsole } = Module.createRequire(file)("jsdom");
  const { window } = new JSDOM("<!doctype html><html><body></body></html>", {
    url: "http://localhost/",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
  });
  for (const name of CLOCKS) window[name] = globalThis[name];
  for (const name of new Set([...Object.getOwnPropertyNames(window), ...Object.getOwnPropertyNames(window.EventTarget.prototype)])) {
    if (OURS.test(name) || name === "constructor") continue;
    const value = window[name];
    const plain = typeof value === "function" && !value.prototype;
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: plain ? value.bind(window) : value });
  }
  Object.defineProperty(globalThis, "self", { configurable: true, writable: true, value: window });
}

/** How many listeners an event target of the page has; null for what is none. */
function listeners(target, event) {
  const symbol = Object.getOwnPropertySymbols(target).find((row) => row.description === "impl");
  const known = symbol && target[symbol]._eventListeners;
  if (!known) return null;
  return (event ? [known[event] || []] : Object.values(known)).reduce((total, rows) => total + rows.length, 0);
}

/** Shows a component once, and takes it off the page again. body: makes the call, within a render. */
async function mount(file, body) {
  const of = Module.createRequire(fs.realpathSync(file)); // it may be seen through a link, without its packages
  const { createElement, isValidElement } = of("react");
  const shows = (given) => isValidElement(given) || ["string", "number"].includes(typeof given) || Array.isArray(given);
  const Shown = () => {
    const given = body();
    return shows(given) ? given : null;
  };
  const place = document.createElement("div");
  document.body.append(place);
  let wrong = null;
  const unmount = show(of, place, createElement(Shown), (error) => (wrong = wrong || error));
  await turn();
  await turn();
  unmount();
  place.remove();
  await turn();
  if (wrong) throw wrong;
}

/** Renders, and returns what ends that; by the way of React 18 and newer, else by the older one. */
function show(of, place, element, failed) {
  const dom = of("react-dom");
  if (typeof dom.render === "function" && !dom.version.startsWith("18")) {
    dom.render(element, place);
    return () => dom.unmountComponentAtNode(place);
  }
  const root = of("react-dom/client").createRoot(place, { onUncaughtError: failed });
  dom.flushSync(() => root.render(element));
  return () => dom.flushSync(() => root.unmount());
}

module.exports = { isOpen, listeners, mount, open };
