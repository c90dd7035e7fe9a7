"use strict";
// What the edited source calls, and what is read of it at a sample. Holders are remembered weakly.

const { AsyncLocalStorage, executionAsyncResource } = require("node:async_hooks");
const events = require("node:events");
const fs = require("node:fs");
const { inspect } = require("node:util");
const { MAY_FAIL, makes } = require("./edit.cjs");
const page = require("./page.cjs");

const DEEPEST = 4;
const MOST_ENTRIES = 200000;
const MOST_HOLDERS = 20000;
const MOST_OUTCOMES = 40;

class Watch {
  constructor(suspect) {
    this.suspect = suspect;
    this.kind = suspect.holder.kind;
    this.hits = 0;
    this.site = 0;
    this.released = suspect.releases.map(() => false);
    /** For each release that stands for a failure: runs that did not return, and what came of some that did. */
    this.outcomes = suspect.releases.map(({ why }) => (why === MAY_FAIL ? { open: 0, values: [] } : null));
    this.refs = [];
    this.known = new WeakSet();
    this.seen = 0;
    this.used = false;
    /** Timers that a timer started: a chain of them goes on, where one that runs once is soon over. */
    this.chained = new WeakSet();
    /** Pointers that were allocated and not handed back; one that is given again was free in between. */
    this.blocks = new Set();
    /** Whether the site makes what is watched, and does not add to it. */
    this.results = makes(suspect) || this.kind === "object";
  }

  remember(value) {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
    if (this.known.has(value) || this.refs.length >= MOST_HOLDERS) return;
    this.known.add(value);
    this.seen += 1;
    this.used = true; // from now on none alive means none kept
    this.refs.push(new WeakRef(value));
  }

  alive() {
    const found = [];
    this.refs = this.refs.filter((ref) => {
      const value = ref.deref();
      if (value !== undefined) found.push(value);
      return value !== undefined;
    });
    return found;
  }

  read() {
    let length = null;
    let entries = null;
    try {
      [length, entries] = this.measure(this.alive());
    } catch {
      length = null; // code of the checked program may run, and throw
    }
    this.outcomes.forEach((row, index) => {
      if (row) this.released[index] ||= row.open > 0 || row.values.some(failed);
    });
    if (length === null && this.used) length = 0;
    // a site that gives one object back again and again tells nothing
    if (this.kind === "unknown" && this.seen === 1 && this.hits > 1) length = null;
    if (length !== null) this.used = true;
    return { length, entries, hits: this.hits, release_hits: this.released };
  }

  measure(found) {
    switch (this.kind) {
      case "timer":
        // one that runs once ends by itself: a series is too short to see it
        return [found.filter((row) => !row._destroyed && (row._repeat !== null || this.chained.has(row))).length, null];
      case "observer":
        return [found.length, null];
      case "block":
        return [this.blocks.size, null];
      case "listener":
      case "registry":
        return [known(found.map((target) => listeners(target, this.suspect.holder.event))), null];
    }
    if (!found.length) return [null, null];
    return this.results ? [found.length, null] : [sum(found, deepLength), sum(found, ownLength)];
  }
}

const sum = (items, measure) => items.reduce((total, item) => total + measure(item), 0);

/** The sum; null when nothing is known of any. */
const known = (lengths) => (lengths.every((length) => length === null) ? null : sum(lengths, Number));

/** Whether a promise was rejected, or a timer came to its end. */
function failed(value) {
  if (value instanceof Promise) return inspect(value, { depth: 0 }).slice(0, 60).includes("<rejected>");
  return isTimer(value) && value._destroyed && value._onTimeout !== null;
}

const isTimer = (value) => value !== null && typeof value === "object" && "_onTimeout" in value;

function timers() {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout" || name === "Immediate").length;
}

/** Listeners for an event, or for all where it is not known; of a target of another kind, what its fields hold. */
function listeners(target, event) {
  if (typeof target.listenerCount === "function" && typeof target.eventNames === "function") {
    return sum(event ? [event] : target.eventNames(), (name) => target.listenerCount(name));
  }
  const shown = page.listeners(target, event);
  if (shown !== null) return shown;
  if (target instanceof EventTarget) {
    if (event) return events.getEventListeners(target, event).length;
    const symbol = Object.getOwnPropertySymbols(target).find((row) => row.description === "kEvents");
    return symbol ? sum([...target[symbol].values()], (root) => root.size) : null;
  }
  return deepLength(target) || null;
}

function ownLength(value) {
  const found = parts(value);
  return found === null ? 0 : found.length;
}

function parts(value) {
  if (value === null || typeof value !== "object") return null;
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.values()];
  if (value instanceof Set) return [...value];
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) return [];
  if (ArrayBuffer.isView(value)) return [];
  const proto = Object.getPrototypeOf(value);
  return proto === null || proto === Object.prototype ? Object.values(value) : null;
}

/** Entries of a container and of the containers in it; of any other object, of what its fields hold. */
function deepLength(root) {
  const seen = new Set();
  let total = 0;
  const pending = [[root, 0]];
  while (pending.length && seen.size < MOST_ENTRIES) {
    const [item, depth] = pending.pop();
    if (seen.has(item)) continue;
    let found = parts(item);
    if (found === null && depth === 0 && item !== null && typeof item === "object") {
      found = Object.values(item);
      total -= found.length;
    }
    if (found === null) continue;
    seen.add(item);
    total += found.length;
    if (depth < DEEPEST) for (const part of found) if (typeof part === "object") pending.push([part, depth + 1]);
  }
  return Math.max(total, 0);
}

/** The functions that edited source calls, as the global `__leaklint`, and drivers, as `leaklint`. */
function install(watches) {
  const state = { active: false };
  // what a call leaves to timers goes on between the calls; following it slows promises down
  const later = watches.some((watch) => watch.kind === "timer") ? new AsyncLocalStorage() : null;
  const left = () => later !== null && later.getStore() !== undefined && later.getStore() !== state.call;
  /** Makes a call; what it leaves to later is known to come from it. */
  state.make = (call) => (later === null ? call() : later.run((state.call = {}), call));
  const hit = (number, site) => {
    const watch = watches[number];
    if (state.active || left()) {
      watch.hits += 1;
      watch.site = site;
    }
    return watch;
  };
  globalThis.__leaklint = globalThis.leaklint = {
    scopes: new Map(),
    /** Something that a module declares, exported or not. */
    reach(file, name, subject) {
      const scope = this.scopes.get(fs.realpathSync(file));
      try {
        if (scope) return scope(name);
      } catch {
        // a name that is known to itself only: `module.exports = class Name {}`
      }
      const last = name.split(".").pop();
      const found = [subject, subject.default].map((from) => from && name.split(".").reduce((at, key) => at && at[key], from));
      if (typeof subject === "function" && subject.name === last) return subject;
      const known = found.find((value) => value !== undefined);
      if (known === undefined) throw new Error(`${name} cannot be reached from outside of its module`);
      return known;
    },
    /** Shows a component of React, or one that uses a hook, and takes it off again. */
    mount: page.mount,
    /** The driven module; typed ones may have a loader of our own. */
    load: (file) => state.load(file),
    /** Runs the tests that loaded files have handed to `node:test` once. */
    runTests: () => state.tests.runAll(),
    /** A function that a call was handed, by where it stands. */
    given(at) {
      if (!this.routes.has(at)) throw new Error("nothing was handed that function while the module was loaded");
      return this.routes.get(at);
    },
    handed(at, value) {
      this.routes.set(at, value);
      return value;
    },
    routes: new Map(),
    made(number, value) {
      watches[number].remember(value);
      return value;
    },
    see(number, value, site, depth) {
      const watch = hit(number, site);
      if (depth === 0) watch.remember(value);
      return value;
    },
    ran(number, value, site) {
      const watch = hit(number, site);
      if (watch.kind === "block") watch.blocks.add(value);
      else if (watch.kind !== "registry" && watch.kind !== "resource") watch.remember(value);
      const again = later !== null && watch.kind === "timer" && (left() || isTimer(executionAsyncResource()));
      if (again && isTimer(value)) watch.chained.add(value);
      return value;
    },
    tries(number, release) {
      if (state.active) watches[number].outcomes[release].open += 1;
    },
    gone(number, release, value) {
      const watch = watches[number];
      const row = watch.outcomes[release];
      if (state.active && row) {
        row.open -= 1;
        if (row.values.length < MOST_OUTCOMES && value !== null && typeof value === "object") row.values.push(value);
      } else if (state.active) watch.released[release] = true;
      watch.blocks.delete(value);
      return value;
    },
  };
  return state;
}

module.exports = { Watch, install, parts, timers };
