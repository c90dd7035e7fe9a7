"""Writes drivers in Java: call plans as workloads that can be read, compiled and kept as regression tests.

A workload lies in the package of what it calls. What it cannot name there, or knows no value for, is reached
by reflection (`Made`, in values.py). Its `roots` are folders of sources, and a file that lies elsewhere than
its package says; its `class_path` is the build output of the project. Nothing is compiled here.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from leaklint.runtime.agent import Driver, Missing
from leaklint.runtime.drivers import Argument, CallPlan
from leaklint.runtime.jvm.classpath import class_path, source_roots
from leaklint.runtime.jvm.sight import Sight
from leaklint.runtime.jvm.values import casts, made
from leaklint.runtime.suspect import Callable, Parameter

SETUP = 8
"""The number that the object which stays is made from: a limit or a size of 0 would be no use."""


def write(plan: CallPlan, project: str) -> Driver:
    """A plan as a workload. Raises Missing for what Java gives no way to call."""
    sight = Sight(plan)
    _refuse(plan, sight)
    body = _workload(plan, sight)
    text = f"// Calls `{plan.callable.text}` of {plan.path} again and again. Made by leaklint.\n"
    text += f"// Try it with: leaklint confirm {shlex.quote(plan.path)} --workload Workload.java\n\n"
    text += f"package {plan.package};\n\n" if plan.package else ""
    reflected = "\n" + made(tuple(casts(sight.text))) if "Made." in body else ""
    text += "public class Workload {\n" + body + reflected + "}\n"
    file = Path(plan.file)
    return Driver(
        "java",
        plan.name,
        plan.origin,
        text,
        outermost=plan.outermost,
        keeps_instance=plan.keeps_instance and not sight.single(plan.callable.owner),
        roots=source_roots(file, plan.package, project, sight.tops),
        class_path=class_path(file, project),
    )


def repeat(command: tuple[str, ...], project: str) -> Driver:
    """Raises Missing: what a command of Java starts ends with its virtual machine."""
    raise Missing(
        f"`{shlex.join(command)}` cannot be repeated inside one JVM",
        "give a --workload whose iterate(i) runs it; docs/runtime.md shows one for JUnit",
    )


def _refuse(plan: CallPlan, sight: Sight) -> None:
    target = plan.callable
    row = sight.rows.get(target.owner)
    if target.kind != "constructor" or row is None:
        return
    if row.abstract or row.kind == "enum":
        kind = "an enum" if row.kind == "enum" else "abstract"
        raise Missing(f"no `{target.owner}` can be made: it is {kind}")
    if "private" in target.flags and plan.origin == "generated":
        raise Missing(f"only `{target.owner}` itself makes one", "give a --trigger that leads to it")


def _workload(plan: CallPlan, sight: Sight) -> str:
    """The members of the workload."""
    target = plan.callable
    held = "" if sight.static(target) else _object(plan, sight)
    kind = target.owner if sight.visible(target.owner) else "Object"
    single = sight.single(target.owner) and target.kind != "constructor"
    kept = bool(held) and plan.keeps_instance and not single
    steps = [] if target.kind == "constructor" else [(target, plan.arguments)]
    steps += [(step.callable, step.arguments) for step in plan.after]
    calls = [_call(item, _given(item, arguments, sight), sight) for item, arguments in steps]
    ends = [] if single or kept else [_teardown(plan, name, sight) for name in plan.teardown if held]
    inside = [f"{kind} made = {held};"] if held and not kept else []
    if ends and calls:
        inside += ["try {", *(f"    {call};" for call in calls), "} finally {"]
        inside += [*(f"    {end};" for end in ends), "}"]
    else:
        inside += [f"{call};" for call in (*calls, *ends)]
    if plan.apart:
        inside.insert(0, "i += 1;")
    if "Made." in held + "".join(inside):
        inside[:0] = ["Made.begin();", *(["Made.fails = i % 4 + 1;"] if plan.fails else [])]
    members = []
    if kept:
        members += [
            f"private {kind} made;",
            "",
            "public void setup() throws Exception {",
            f"    int i = {SETUP};",
        ]
        members += [f"    made = {held};", "}", ""]
    members += ["public void iterate(int i) throws Exception {", *(f"    {line}" for line in inside), "}"]
    return "".join(f"    {line}\n" if line else "\n" for line in members)


def _object(plan: CallPlan, sight: Sight) -> str:
    """The expression for the object to call methods on, or for the one that a constructor makes."""
    target = plan.callable
    if target.kind != "constructor":
        return sight.instance(target.owner)
    given = _given(target, plan.arguments, sight)
    visible = sight.visible(target.owner)
    plain = visible and sight.rows[target.owner].static and "private" not in target.flags
    if given is not None and plain:
        return f"new {target.owner}({', '.join(given)})"
    words = (sight.type(target.owner), _signature("", target.params), "i", *(given or ()))
    call = f"Made.construct({', '.join(words)})"
    return f"({target.owner}) {call}" if visible else call


def _given(target: Callable, arguments: tuple[Argument, ...], sight: Sight) -> list[str] | None:
    """Expressions for all parameters; None when one of them has to be made by reflection."""
    makes = {argument.name: argument.make for argument in arguments}
    given = []
    for parameter in target.params:
        make = makes.get(parameter.name)
        if make is not None and make.kind == "iteration":
            text = sight.iteration(parameter.type)
        else:
            text = sight.value(parameter.type, parameter.type_args)
            text += f' + "{make.text}"' if make is not None and make.kind == "text" and make.text else ""
        if not text:
            return None
        given.append(text)
    return given


def _call(target: Callable, given: list[str] | None, sight: Sight) -> str:
    """One call, with what it gives used up and ended as a caller would."""
    static = sight.static(target)
    if given is not None and sight.visible(target.owner) and "private" not in target.flags:
        call = f"{target.owner if static else 'made'}.{target.name}({', '.join(given)})"
    else:
        before = sight.type(target.owner) if static else "made"
        words = (before, _signature(target.name, target.params), "i", *(given or ()))
        call = f"Made.call({', '.join(words)})"
    return f"Made.end({call})" if sight.gives_open(target) else call


def _teardown(plan: CallPlan, name: str, sight: Sight) -> str:
    if sight.visible(plan.callable.owner):
        return f"made.{name}()"
    return f'Made.call(made, "{name}()", i)'


def _signature(name: str, parameters: tuple[Parameter, ...]) -> str:
    types = (re.sub(r"^.*\.", "", parameter.type) for parameter in parameters)
    return f'"{name}({", ".join(types)})"'
