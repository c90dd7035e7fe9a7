"""Writes drivers in JavaScript: call plans as workloads that can be read, run and kept as regression tests.

It does not choose what to call: `leaklint.runtime.drivers` does.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

from leaklint.runtime.agent import Driver, Missing
from leaklint.runtime.drivers import CallPlan
from leaklint.runtime.entries import HANDED, MADE
from leaklint.runtime.node.modules import TYPED, installed, is_module, uses_react
from leaklint.runtime.node.repeats import repeat as repeat
from leaklint.runtime.node.values import PROXY, RESULT, Namespace, expression, kept_name, values
from leaklint.runtime.suspect import Callable

_RENDERED = re.compile(r"([A-Z]\w*[a-z]|use[A-Z])")
"""Names of components and hooks."""

_BUILT = frozenset((".vue", ".svelte", ".astro"))
"""Files that only the build of a project makes modules of."""


def write(plan: CallPlan, project: str) -> Driver:
    """A plan as a workload. Raises Missing for what JavaScript gives no way to call."""
    if Path(plan.file).suffix in _BUILT:
        raise Missing(
            f"{Path(plan.file).name} is built before it runs",
            "give a --workload that mounts and unmounts the built component",
        )
    if plan.callable.name.startswith("#"):
        raise Missing(f"`{plan.callable.text}` is private", "give a --trigger that leads to it")
    names = Namespace(plan)
    body = _workload(plan, names)
    text = f"// Calls `{plan.callable.text}` of {plan.path} again and again. Made by leaklint.\n"
    text += f"// Try it with: leaklint confirm {shlex.quote(plan.path)} --workload THIS_FILE\n\n"
    text += '"use strict";\n\n'
    text += "".join(
        f"const {name} = require({module!r});\n".replace("'", '"') for name, module in names.modules
    )
    text += (
        f'const path = require("node:path");\n\nconst file = path.resolve({_shown(plan.file, project)});\n'
    )
    text += f"let subject{''.join(f', {name}' for name in names.variables)};\n"
    if "proxy(" in body or plan.stands_in:
        text += PROXY
    if "handedBack(" in body:
        text += RESULT
    if plan.stands_in:
        text += "\nglobalThis.leaklint.standIn = (name) => answer(0, name, true);\n"
    return Driver(
        "javascript",
        plan.name,
        plan.origin,
        text + body,
        outermost=plan.outermost,
        keeps_instance=plan.keeps_instance or bool(plan.kept) or is_made(plan),
        stands_in=plan.stands_in,
        roots=(os.path.realpath(plan.file), project),
    )


def _shown(file: str, project: str) -> str:
    """The file as the driver names it: relative to the project, where drivers run, if it lies in there."""
    relative = os.path.relpath(os.path.realpath(file), os.path.realpath(project))
    return json.dumps(file if relative.startswith("..") else Path(relative).as_posix())


def _workload(plan: CallPlan, names: Namespace) -> str:
    """The functions of the workload."""
    calls = _calls(plan, names)
    if any("handedBack(" in call for call in calls):
        calls[0] = f"const given = await {calls[0]}"
    made = _made(plan, names)
    ends = [f"await made.{method}()" for method in plan.teardown]
    kept = bool(made) and plan.keeps_instance
    before = [f"const made = {made}"] if made and not kept else []
    lasting = {kept_name(make): expression(make.parts[0], names) for make in plan.kept}
    names.variables |= dict.fromkeys(lasting, "")
    if kept:
        lasting["made"] = made
    if is_made(plan):
        names.variables["the_made"] = ""
        lasting["the_made"] = f"{names.of(plan.callable.name)}({values(plan.arguments, names)})"
    setup = ["const i = 0", *(f"{name} = {text}" for name, text in lasting.items())] if lasting else []
    if ends and calls:
        inside = [*before, "try {", *(f"  {_awaited(call)};" for call in calls), "} finally {"]
        inside += [*(f"  {end};" for end in ends), "}"]
    elif len(calls) == 1 and "proxy(i" in calls[0]:
        inside = [*before, f"const given = await {calls[0]}", "hangUp()", "return given"]
    elif len(calls) == 1:
        inside = [*before, f"return {calls[0]}"]
    else:
        inside = [*before, *map(_awaited, calls), *ends]
    lines = ["", "exports.setup = async () => {"]
    if Path(plan.file).suffix in TYPED:
        lines.append("  subject = await globalThis.leaklint.load(file);")
    elif is_module(Path(plan.file)):
        lines.append('  subject = await import(require("node:url").pathToFileURL(file).href);')
    else:
        lines.append("  subject = require(file);")
    lines += [f"  {name} = {source};" for name, source in names.variables.items() if source]
    lines += [f"  {line};" for line in setup]
    lines += ["};", "", "exports.iterate = async (i) => {"]
    if "hangUp()" in inside:
        inside.insert(0, "handed.length = 0")
    if plan.apart:
        inside.insert(0, "i += 1")
    if plan.fails and "proxy(" in "".join((*setup, *inside)):
        inside.insert(0, "calls = 0, fails = i % 4 + 1")
    lines += [f"  {line}" if line.endswith(("{", "}", ";")) else f"  {line};" for line in inside]
    return "\n".join([*lines, "};"]) + "\n"


def _awaited(call: str) -> str:
    return call if call.startswith("const ") else f"await {call}"


def _made(plan: CallPlan, names: Namespace) -> str:
    """The expression that makes the object to call methods on; "" when none is needed."""
    if plan.callable.kind == "constructor":
        return f"new {names.of(plan.callable.owner)}({values(plan.arguments, names)})"
    if plan.construct is None:
        return ""
    if plan.keeps_instance:
        names.variables["made"] = ""
    return f"new {names.of(plan.callable.owner)}({values(plan.construct, names)})"


def _calls(plan: CallPlan, names: Namespace) -> list[str]:
    first = plan.callable
    calls = []
    if plan.handler is not None:
        calls.append(_emission(plan, names))
    elif first.kind != "constructor":
        calls.append(_call(plan, first, values(plan.arguments, names), names))
    for step in plan.after:
        calls.append(_call(plan, step.callable, values(step.arguments, names), names))
    return calls


def _emission(plan: CallPlan, names: Namespace) -> str:
    """What runs a handler: its emitter emits."""
    handler = plan.handler
    assert handler is not None
    if handler.method == HANDED and handler.span is not None:
        return f"globalThis.leaklint.given({handler.span.at})({values(plan.arguments, names)})"
    if is_made(plan):
        member = f".{handler.event}" if handler.event else ""
        return f"the_made{member}({values(plan.inner, names)})"
    emitter, event = names.of(handler.emitter), json.dumps(handler.event)
    if handler.method == "addEventListener":
        return f"{emitter}.dispatchEvent(new Event({event}))"
    rest = values(plan.arguments, names)
    return f"{emitter}.emit({event}{', ' + rest if rest else ''})"


def is_made(plan: CallPlan) -> bool:
    """Whether what the callable returns is driven."""
    return plan.handler is not None and plan.handler.method == MADE


def _call(plan: CallPlan, target: Callable, given: str, names: Namespace) -> str:
    if _is_rendered(plan, target):
        return f"globalThis.leaklint.mount(file, () => {names.of(target.name)}({given}))"
    static = not target.owner or "static" in target.flags
    if not target.owner:
        return f"{names.of(target.name)}({given})"
    before = names.of(target.owner) if static else names.of(plan.instance) if plan.instance else "made"
    member = f"{before}{_member(target.name, names)}"
    if "setter" in target.flags:
        return f"({member} = {given})"
    if flagged_getter(target):
        return member
    call = f"{member}({given})"
    return (
        f"[...{call}]" if plan.after and "generator" in target.flags and "async" not in target.flags else call
    )


def _is_rendered(plan: CallPlan, target: Callable) -> bool:
    """Whether only a renderer calls a function: a component of React or a hook, where both are at hand."""
    file = Path(plan.file)
    if target.owner or not _RENDERED.match(target.name) or not uses_react(file):
        return False
    return {"jsdom", "react-dom"} <= set(installed(file, ("jsdom", "react-dom")))


def _member(name: str, names: Namespace) -> str:
    """Access to a member: `.name`, or `[its_kName]` for one with a computed name."""
    if not name.startswith("["):
        return f".{name}"
    inner = name[1:-1].strip()
    return f"[{names.of(inner)}]" if inner.isidentifier() else f"[{inner}]"


def flagged_getter(target: Callable) -> bool:
    """Whether reading the property is the call."""
    return bool(target.flags & {"getter", "property"})
