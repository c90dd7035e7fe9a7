"""Arguments as JavaScript expressions in `i`, and how a driver reaches the names of a module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from leaklint.runtime.drivers import Argument, CallPlan
from leaklint.runtime.makes import Make
from leaklint.runtime.node.modules import imported

_LIBRARY = {
    "Date": "new Date(i)",
    "RegExp": "new RegExp(`text-${i}`)",
    "URL": "new URL(`http://localhost/text-${i}`)",
    "URLSearchParams": "new URLSearchParams({ text: `text-${i}` })",
    "Error": "new Error(`text-${i}`)",
    "Symbol": "Symbol.for(`text-${i}`)",
    "symbol": "Symbol.for(`text-${i}`)",
    "ArrayBuffer": "new ArrayBuffer(8)",
    "EventTarget": "new EventTarget()",
    "Event": "new Event(`text-${i}`)",
    "AbortController": "new AbortController()",
    "AbortSignal": "new AbortController().signal",
    "Headers": "new Headers({ text: `text-${i}` })",
    "Request": "new Request(`http://localhost/text-${i}`)",
    "EventEmitter": "new EventEmitter()",
    "WeakMap": "new WeakMap()",
    "WeakSet": "new WeakSet()",
}
_CONVERSIONS = {"string": "String(i)", "String": "String(i)", "boolean": "i % 2 === 1", "bigint": "BigInt(i)"}
_MAPS = frozenset(("Map", "ReadonlyMap", "HashMap"))
_EMITTER_NAME = re.compile(r"(?i)(emitter|^bus)$")
_SIGNAL_NAME = re.compile(r"(?i)^(abort_?)?signal$")
_ADDRESS_NAME = re.compile(r"(?i)(^|_|[a-z])(url|uri|href|origin|endpoint)$")
"""Text that must be an address. Nothing listens at that port."""

_OBJECT_NAME = re.compile(
    r"(?i)^(req|res|request|response|reply|ctx|context|event|evt|e|socket|ws|conn|connection|client|session|"
    r"stream|element|el|node|target|obj|object|o|item|row|record|job|task|entity|model|doc|document|order|payload|"
    r"packet|parent|owner|component|widget|view|state|store|self|user|account|product|customer|invoice|entry)$"
)
"""Parameters whose properties are read: text would answer `undefined`, and nothing would raise."""

PROXY = """
let latest;

/** Answers to anything. The same number gives the same object, so that equal arguments are equal. */
const proxy = (i) => (latest && latest.i === i ? latest : (latest = { i, value: answer(i, "object") })).value;

let calls = 0, fails = 0;

/** A call of what was made up: where work is to fail, one of the first four throws. */
function count() {
  calls += 1;
  if (calls === fails) throw new Error("made to fail");
}

const handed = [];
const ENDS = ["end", "finish", "close", "disconnect"];

/** A request, a socket or a connection that was made up for one call ends with it, and says so. */
function hangUp() {
  const rows = handed.splice(0);
  for (const event of ENDS) for (const row of rows) if (row.event === event) row.listener();
}

/** What listens to something that was made up. */
function listening(key, self) {
  if (/^(on|once|addListener|addEventListener|prependListener)$/.test(key)) {
    return (event, listener) => {
      count();
      if (typeof listener === "function") handed.push({ event, listener });
      return self;
    };
  }
  return (event, listener) => {
    const at = handed.findIndex((row) => row.event === event && row.listener === listener);
    if (at >= 0) handed.splice(at, 1);
    return self;
  };
}

const OVER =
  /^(destroyed|closed|aborted|ended|finished|cancell?ed|disposed|(writable|readable)(Ended|Finished)|headersSent)$/;
const LISTENS = /^(on|once|off|(add|remove|prepend)(Event)?Listener)$/;
const TEXTUAL = /(id|key|name|url|path|email|token|type|text|title|code)$/i;

/** Whether a call decorates: it is handed one function or class, or a member of one, and gives it back. */
const decorates = ({ length, 0: first, 1: second }) =>
  (length === 1 && typeof first === "function") || (length === 3 && typeof second === "string");

/** standsIn: for what an absent module gives. It decorates without a change, and is an empty base class. */
function answer(i, name, standsIn) {
  const known = new Map();
  const self = new Proxy(function () {}, {
    get(target, key) {
      if (key === "then" || (key === "prototype" && !standsIn)) return undefined;
      if (key === "prototype") return target.prototype;
      if (key === Symbol.toPrimitive) return (hint) => (hint === "number" ? i : `${name}-${i}`);
      if (key === "toString" || key === "toJSON") return () => `${name}-${i}`;
      if (key === Symbol.iterator) return [][Symbol.iterator];
      if (typeof key === "symbol") return undefined;
      if (key === "length" || key === "size") return 1;
      if (OVER.test(key) && !known.has(key)) return false;
      if (LISTENS.test(key) && !known.has(key)) return listening(key, self);
      const isText = TEXTUAL.test(key) && !standsIn;
      if (!known.has(key)) known.set(key, isText ? `${key}-${i}` : answer(i, key, standsIn));
      return known.get(key);
    },
    set: (target, key, value) => (known.set(key, value), true),
    has: () => true,
    apply: (target, owner, given) => {
      count();
      if (standsIn && decorates(given)) return given.length === 3 ? given[2] : given[0];
      return (known.has("()") ? known : known.set("()", answer(i, name, standsIn))).get("()");
    },
    construct: (target, given, made) =>
      made === self ? answer(i, name) : Reflect.construct(Object, [], made),
  });
  return self;
}
"""

RESULT = """
/** What a call gave, for whoever asks for it by that name: itself, or its member; `other` if neither fits. */
function handedBack(given, name, other) {
  const isObject = (value) => value !== null && ["object", "function"].includes(typeof value);
  const named = isObject(given) && [name, /id$/i.test(name) ? "id" : name].find((key) => key in given);
  const found = named ? given[named] : given;
  return typeof found === typeof other || (isObject(found) && isObject(other)) ? found : other;
}
"""
"""What a driver with releases carries along."""


class Namespace:
    """Names that a driver uses: exported ones through the module, the others through the agent."""

    def __init__(self, plan: CallPlan) -> None:
        self.variables: dict[str, str] = {}
        """Variables of the driver, with what `setup` gives them."""
        self._needed: dict[str, str] = {}
        self._imported = set(imported(Path(plan.file)))
        self._exported = {
            target.owner or target.name: target.exported
            for target in (plan.callable, *(step.callable for step in plan.after))
            if target.exported not in ("", "default", "module.exports", "*")
        }

    def imports(self, name: str) -> bool:
        """Whether a type is the file's own word, such as the `Request` of a framework."""
        return name in self._imported

    @property
    def modules(self) -> Iterator[tuple[str, str]]:
        """Modules of Node that the driver requires, with their variables."""
        yield from self._needed.items()

    def need(self, name: str, module: str) -> None:
        self._needed[name] = module

    def of(self, name: str) -> str:
        """An expression for something that the module declares."""
        if name in ("exports", "module.exports"):
            return "subject"
        if name in self._exported:
            return f"subject.{self._exported[name]}"
        variable = "its_" + re.sub(r"\W", "_", name)
        if variable not in self.variables:
            self.variables[variable] = f"globalThis.leaklint.reach(file, {json.dumps(name)}, subject)"
        return variable


def values(arguments: tuple[Argument, ...], names: Namespace) -> str:
    return ", ".join(_argument(argument, names) for argument in arguments)


def _argument(argument: Argument, names: Namespace) -> str:
    make = argument.make
    if make.kind == "text" and make.type == "string" and _ADDRESS_NAME.search(argument.name):
        return "`http://localhost:9/text-${i}`"
    if make.kind == "text" and not make.type:
        if _EMITTER_NAME.search(argument.name):
            return expression(Make("typed", "EventEmitter"), names)
        if _SIGNAL_NAME.search(argument.name):
            return expression(Make("typed", "AbortSignal"), names)
        if _ADDRESS_NAME.search(argument.name):
            return "`http://localhost:9/text-${i}`"
        if _OBJECT_NAME.search(argument.name):
            return "proxy(i)"
    return expression(make, names)


def expression(make: Make, names: Namespace) -> str:
    """A value as an expression in `i`."""
    match make.kind:
        case "iteration":
            return _CONVERSIONS.get(make.type, "i")
        case "text":
            return f"`text-${{i}}{make.text}`"
        case "integer":
            return "BigInt(i)" if make.type == "bigint" else "i"
        case "real":
            return "i"
        case "boolean":
            return "true"
        case "bytes":
            return "Buffer.from(`text-${i}`)"
        case "null":
            return "undefined" if make.type in ("undefined", "void") else "null"
        case "callback":
            return "() => {}"
        case "member":
            return f"{names.of(make.type)}.{make.text}"
        case "kept":
            return kept_name(make)
        case "result":
            return f'handedBack(given, "{make.text}", {expression(make.parts[0], names)})'
        case "construct":
            return f"new {names.of(make.type)}({', '.join(expression(part, names) for part in make.parts)})"
        case "typed" if make.type.rpartition(".")[2] in _LIBRARY and not names.imports(make.type):
            text = _LIBRARY[make.type.rpartition(".")[2]]
            if "EventEmitter" in text:
                names.need("EventEmitter", "node:events")
            return text
        case "list" | "set" | "tuple" | "map":
            return _container(make, [expression(part, names) for part in make.parts])
    return "proxy(i)"


def kept_name(make: Make) -> str:
    """The variable of what is handed to all calls."""
    return "the_" + re.sub(r"\W", "_", make.type)


def _container(make: Make, parts: list[str]) -> str:
    if make.kind == "set":
        return f"new Set([{', '.join(parts)}])"
    if make.kind == "map":
        return (
            f"new Map([[{parts[0]}, {parts[1]}]])"
            if make.type in _MAPS
            else f"{{ [{parts[0]}]: {parts[1]} }}"
        )
    return f"[{', '.join(parts)}]"
