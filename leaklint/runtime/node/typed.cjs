"use strict";
// Loads TypeScript and JSX with the compiler that the project has: file by file, as CommonJS, types unchecked.
// Node's own type stripping needs none of this. Nothing is written: compiled text stays in memory.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");

const SUFFIXES = [".ts", ".tsx", ".cts", ".mts", ".jsx"];
const WRITTEN_AS = { ".js": [".ts", ".tsx", ".jsx"], ".mjs": [".mts"], ".cjs": [".cts"], ".jsx": [".tsx"] };
const URL_OF_MODULE = "const its_url = require('node:url').pathToFileURL(__filename).href;";

const COMPILERS = [
  ["esbuild", esbuild],
  ["tsx/package.json", (file) => esbuild(createFrom(file, "esbuild"))],
  ["vite/package.json", (file) => esbuild(createFrom(file, "esbuild"))],
  ["@swc/core", swc],
  ["sucrase", sucrase],
  ["typescript", typescript],
];

const createFrom = (file, name) => Module.createRequire(file).resolve(name);

/** (text, file) => JavaScript, by the first compiler that the project of `file` has; null for none. */
function compiler(file) {
  const resolve = Module.createRequire(file).resolve;
  for (const [name, make] of COMPILERS) {
    try {
      return make(resolve(name));
    } catch {
      // not installed, or for another platform
    }
  }
  return null;
}

/** Whether a file imports React by its name, as elements were made before React 17. */
const imports = (text) => /\bimport\s+(\*\s+as\s+)?React\b|\bReact\s*=\s*require/.test(text);

function esbuild(place) {
  const { transformSync } = require(place);
  const compile = (text, file) =>
    transformSync(text, {
      loader: path.extname(file).replace(/^\.[cm]/, ".").slice(1),
      format: "cjs",
      jsx: imports(text) ? "transform" : "automatic",
      target: `node${process.versions.node}`,
      define: { "import.meta.url": "its_url" },
      banner: text.includes("import.meta") ? URL_OF_MODULE : "",
      sourcefile: file,
      sourcemap: "inline",
      sourcesContent: false,
    }).code;
  compile("", "probe.ts");
  return compile;
}

function swc(place) {
  const { transformSync } = require(place);
  return (text, file) =>
    transformSync(text, {
      filename: file,
      swcrc: false,
      configFile: false,
      sourceMaps: "inline",
      module: { type: "commonjs" },
      jsc: { target: "es2022", parser: { syntax: "typescript", tsx: file.endsWith("x"), decorators: true }, transform: { react: { runtime: imports(text) ? "classic" : "automatic" } } },
    }).code;
}

function sucrase(place) {
  const { transform } = require(place);
  return (text, file) =>
    transform(text, { filePath: file, transforms: ["typescript", "imports", ...(file.endsWith("x") ? ["jsx"] : [])], jsxRuntime: imports(text) ? "classic" : "automatic", production: true }).code;
}

function typescript(place) {
  const ts = require(place);
  if (!ts.transpileModule) return native(place);
  return (text, file) =>
    ts.transpileModule(text, {
      fileName: file,
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        jsx: imports(text) ? ts.JsxEmit.React : ts.JsxEmit.ReactJSX,
        esModuleInterop: true,
        experimentalDecorators: true,
        inlineSourceMap: true,
      },
    }).outputText;
}

const NATIVE =
  "--ignoreConfig --noCheck --noResolve --noLib --isolatedModules --esModuleInterop --experimentalDecorators " +
  "--inlineSourceMap --module commonjs --target es2022 --outDir .";

/** TypeScript 7 has a command alone: it compiles a copy. What it says of types that it cannot see is no matter. */
function native(place) {
  const command = path.join(path.dirname(place), "tsc.js");
  const compile = (text, file) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "typed-"));
    try {
      const name = file.endsWith("x") ? "copy.tsx" : "copy.ts";
      fs.writeFileSync(path.join(folder, name), text);
      const jsx = imports(text) ? "react" : "react-jsx";
      spawnSync(process.execPath, [command, ...NATIVE.split(" "), "--jsx", jsx, name], { cwd: folder, stdio: "ignore" });
      return fs.readFileSync(path.join(folder, "copy.js"), "utf8");
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  };
  compile("", "probe.ts");
  return compile;
}

/** Loads typed files through `compile`; edit(file) gives [text with probes, what stands behind it]. */
function install(compile, edit) {
  for (const suffix of SUFFIXES) {
    Module._extensions[suffix] = (module, file) => {
      const [text, tail] = edit(file);
      module._compile(compile(text, file) + tail, file);
    };
  }
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, ...rest) {
    try {
      return resolve.call(this, request, ...rest);
    } catch (error) {
      const suffix = path.extname(request);
      for (const written of WRITTEN_AS[suffix] || []) {
        try {
          return resolve.call(this, request.slice(0, -suffix.length) + written, ...rest);
        } catch {
          // the next one
        }
      }
      throw error;
    }
  };
}

const isTyped = (file) => SUFFIXES.includes(path.extname(file));

module.exports = { compiler, install, isTyped };
