"use strict";
// Puts the probes into watched files while Node loads them, by whichever of its loaders they come.

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { pathToFileURL } = require("node:url");
const { changed, parses, resolved, standIn } = require("./changed.cjs");
const { edit, tail } = require("./edit.cjs");
const typed = require("./typed.cjs");

const withoutMark = (text) => text.replace(/^\uFEFF/, "");

/** Sets the hooks. Returns what drivers load a typed module with. */
function hook(plan) {
  const files = {};
  const subject = plan.driver.roots[0];
  if (subject) files[subject] = "";
  for (const watch of plan.watches) files[watch.file] = watch.digest;
  const probed = (file) => (file in files ? edit(fs.readFileSync(file), plan.watches, file, files[file]) : null);
  const repeats = plan.driver.origin === "repeat";
  hookCommonJs(probed);
  const absent = plan.driver.stands_in ? fs.realpathSync(subject) : "";
  if (absent) hookAbsent(absent);
  if (repeats) hookTests();
  hookModules({ watches: plan.watches, files, repeats, absent });
  const compile = hookTyped(Object.keys(files), probed);
  return async (file) => (compile ? require(file) : import(pathToFileURL(file).href));
}

function hookCommonJs(probed) {
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, file, ...rest) {
    const found = typed.isTyped(file) ? null : probed(file);
    // what another loader has changed already is left alone, and what the probes break is run without them
    const same = found !== null && withoutMark(content) === withoutMark(fs.readFileSync(file, "utf8"));
    const text = same ? found.replace(/^#!.*/, "") + tail(file) : content;
    const fits = rest[0] === "module" ? parses : compiles; // `require` of an ES module comes here too
    return compile.call(this, same && !fits(text, file) ? content : text, file, ...rest);
  };
}

/** What a file requires, and is not there, is what the driver stands in with. */
function hookAbsent(file) {
  const load = Module._load;
  Module._load = function (request, parent, ...rest) {
    try {
      return load.call(this, request, parent, ...rest);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND" || !error.requireStack || error.requireStack[0] !== file) throw error;
      return globalThis.leaklint.standIn(request);
    }
  };
}

/** What is required as `node:test` collects tests, and runs none. */
function hookTests() {
  const tests = require("./tests.cjs");
  const load = Module._load;
  Module._load = function (request, ...rest) {
    return request === "node:test" ? tests : load.call(this, request, ...rest);
  };
}

function compiles(text, filename) {
  try {
    return Boolean(new vm.Script(Module.wrap(text), { filename }));
  } catch {
    return false;
  }
}

function hookModules(data) {
  if (Module.registerHooks) {
    Module.registerHooks({
      resolve: (name, context, next) => {
        try {
          return resolved(data, name) || next(name, context);
        } catch (error) {
          return standIn(data, name, context, error);
        }
      },
      load: (url, context, next) => changed(data, url, next(url, context)),
    });
  } else {
    Module.register(pathToFileURL(path.join(__dirname, "hooks.cjs")).href, { data });
  }
}

/** Whether the project has a compiler that loads its typed files from now on. */
function hookTyped(files, probed) {
  const first = files.find(typed.isTyped);
  const compile = first ? typed.compiler(first) : null;
  if (compile) {
    typed.install(compile, (file) => {
      const text = probed(file);
      return text === null ? [withoutMark(fs.readFileSync(file, "utf8")), ""] : [text, tail(file)];
    });
  }
  return compile !== null;
}

module.exports = { hook };
