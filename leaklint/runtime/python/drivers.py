"""Writes drivers in Python: a call plan as a workload that can be read, run and kept as a regression test."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from leaklint.runtime import places
from leaklint.runtime.agent import Driver, Missing
from leaklint.runtime.drivers import Argument, CallPlan, Make
from leaklint.runtime.suspect import Callable

_LIBRARY = {
    "Path": ("pathlib", 'pathlib.Path(f"text-{i}")'),
    "PurePath": ("pathlib", 'pathlib.PurePath(f"text-{i}")'),
    "datetime": ("datetime", "datetime.datetime.fromtimestamp(i)"),
    "date": ("datetime", "datetime.date.fromordinal(700000 + i)"),
    "timedelta": ("datetime", "datetime.timedelta(seconds=i)"),
    "UUID": ("uuid", "uuid.UUID(int=i)"),
    "Decimal": ("decimal", "decimal.Decimal(i)"),
    "Fraction": ("fractions", "fractions.Fraction(i + 1, 7)"),
    "Logger": ("logging", 'logging.getLogger("leaklint")'),
    "StringIO": ("io", 'io.StringIO(f"text-{i}")'),
    "TextIO": ("io", 'io.StringIO(f"text-{i}")'),
    "BytesIO": ("io", 'io.BytesIO(b"%d" % i)'),
    "BinaryIO": ("io", 'io.BytesIO(b"%d" % i)'),
    "Lock": ("threading", "threading.Lock()"),
    "Event": ("threading", "threading.Event()"),
    "Namespace": ("argparse", "argparse.Namespace()"),
    "SimpleNamespace": ("types", "types.SimpleNamespace(id=i)"),
}
_PLACED = {
    "file": "a_file(i)",
    "folder": "a_folder(i)",
    "address": 'f"http://127.0.0.1:{a_port()}/text-{i}"',
    "host": '"127.0.0.1"',
    "port": "a_port()",
    "moment": "0.01",
}
_IN_A_THREAD = (
    "raised = []",
    "threading.excepthook = lambda args: raised.append(args.exc_value)",
    "thread = threading.Thread(target=work)",
    "thread.start()",
    "thread.join()",
    "if raised:",
    "    raise raised[0]",
)
_CONVERSIONS = {"str": "str(i)", "string": "str(i)", "float": "float(i)", "bool": "bool(i % 2)"}


def write(plan: CallPlan, project: str) -> Driver:
    """A plan as a workload."""
    _, module = package_root(Path(plan.file))
    imported, body = _statements(plan)
    text = f'"""Calls `{plan.callable.text}` of {plan.path} again and again. Made by leaklint.\n\n'
    text += f'Try it with: leaklint confirm {shlex.quote(plan.path)} --workload THIS_FILE\n"""\n\n'
    imports, proxy = "", ""
    before = "".join(f"\n\n{call}\n" for call in _stand_ins(plan, module))
    for name in _NEEDS:
        if _NEEDS[name].search(body + before + ("Proxy()" if plan.stands_in else "")):
            more, part = _carried(name)
            imports, proxy = imports + more, proxy + part
    made = "".join(f"import {name}\n" for name in sorted(imported)) + imports
    text += made + ("\n" if made else "")
    text += proxy + before + _import(module) + body if before else _import(module) + proxy + body
    return Driver(
        "python",
        plan.name,
        plan.origin,
        text,
        outermost=plan.outermost,
        keeps_instance=plan.keeps_instance or bool(plan.kept) or bool(plan.inner),
        stands_in=plan.stands_in,
        roots=roots(Path(plan.file), project),
    )


def _stand_ins(plan: CallPlan, module: str) -> Iterator[str]:
    """Calls that have something stand in for what is not there, before the program is loaded."""
    if plan.stands_in:
        yield f"stand_in({plan.file!r}, {module!r})"
    if plan.placed and places.starts_programs(plan.file):
        yield "stand_in_for_programs()"


def repeat(command: tuple[str, ...], project: str) -> Driver:
    """`python script.py …` or `python -m module …` run inside one interpreter, again and again."""
    words = list(command)
    if words and os.path.basename(words[0]).startswith("python"):
        words = words[1:]
    if not words or (words[0] != "-m" and not words[0].endswith(".py")) or words == ["-m"]:
        raise Missing(
            f"`{shlex.join(command)}` cannot be repeated inside one interpreter",
            "give `python script.py …` or `python -m module …`",
        )
    module = words[0] == "-m"
    target, rest = (words[1], words[2:]) if module else (os.path.abspath(words[0]), words[1:])
    run = f'runpy.run_module({target!r}, run_name="__main__", alter_sys=True)'
    if not module:
        run = f'runpy.run_path({target!r}, run_name="__main__")'
    text = f'''"""Runs `{shlex.join(command)}` again and again in one interpreter. Made by leaklint."""

import runpy
import sys


def iterate(i):
    sys.argv = [{target!r}, *{rest!r}]
    try:
        {run}
    except SystemExit as end:
        if end.code not in (None, 0):
            raise RuntimeError(f"ended with {{end.code}}") from None
'''
    start = Path.cwd() if module else Path(target).parent
    return Driver("python", shlex.join(command), "repeat", text, roots=(str(start), project), command=command)


_LOOP = re.compile(rb"\basyncio\b")
"""Where the loop that runs may be asked for."""

_FLASK = re.compile(rb"^(?:from|import)[ \t]+flask\b", re.MULTILINE)
_RELATIVE = re.compile(rb"^[ \t]*from[ \t]+(\.+)", re.MULTILINE)


def package_root(file: Path) -> tuple[Path, str]:
    """The folder to import from and the dotted name of a file: packages are followed to the outermost.

    Folders that relative imports go through are packages as well, whether they say so or not.
    """
    folder = file.resolve().parent
    parts = [] if file.name == "__init__.py" else [file.stem]
    steps = _steps(file)
    while folder.parent != folder and (
        (folder / "__init__.py").exists() or (steps > 0 and "." not in folder.name)
    ):
        parts.insert(0, folder.name)
        folder = folder.parent
        steps -= 1
    return folder, ".".join(parts)


def _steps(file: Path) -> int:
    """How many folders the relative imports of a file go through."""
    try:
        return max(map(len, _RELATIVE.findall(file.read_bytes())), default=0)
    except OSError:
        return 0


def roots(file: Path, project: str) -> tuple[str, ...]:
    """Folders to import from: that of the outermost package, then the project and its `src`."""
    found = [str(package_root(file)[0]), project]
    if os.path.isdir(os.path.join(project, "src")):
        found.append(os.path.join(project, "src"))
    return tuple(dict.fromkeys(found))


_NEEDS = {
    "proxy": re.compile(r"\bProxy\("),
    "given": re.compile(r"\ba_(file|folder)\("),
    "peer": re.compile(r"\ba_port\("),
    "requested": re.compile(r"\ba_request\("),
    "programs": re.compile(r"\bstand_in_for_programs\("),
    "stand_in": re.compile(r"\bstand_in\("),
    "result": re.compile(r"\bhanded_back\("),
}


@cache
def _carried(name: str) -> tuple[str, str]:
    """What a driver carries along: its imports, and the rest."""
    source = files(__package__).joinpath(f"{name}.py").read_text("utf-8").split('"""\n\n', 1)[1]
    imports, line, text = source.partition("\n\n\n")
    return f"{imports}\n", line[1:] + text


def _import(module: str) -> str:
    if all(part.isidentifier() for part in module.split(".")):
        return f"import {module} as subject\n"
    return f"import importlib\n\nsubject = importlib.import_module({module!r})\n"


def _statements(plan: CallPlan) -> tuple[set[str], str]:
    """Modules that the body imports, and the functions of the workload."""
    imported: set[str] = set()
    lines = ["", ""]
    made = _made(plan, imported)
    before = {kept_name(make): expression(make.parts[0], imported) for make in plan.kept}
    waits = _is_async(plan.callable) or (plan.placed and _mentions(plan.file, _LOOP))
    opened = [("await " if _is_async(item) else "") + f"made.{item.name}()" for item in plan.opens]
    if made and plan.keeps_instance:
        before["made"] = made
    given = _arguments(plan.arguments, imported)
    product = plan.handler is not None and plan.handler.method == "made"
    if product:
        before["the_made"] = f"subject.{plan.callable.name}({given})"
    if before:
        head = "async def setup():" if waits else "def setup():"
        lines += [head, f"    global {', '.join(before)}", "    i = 0"]
        lines += [f"    {name} = {text}" for name, text in before.items()]
        lines += [*(f"    {call}" for call in opened if plan.keeps_instance), "", ""]
    lines.append("async def iterate(i):" if waits else "def iterate(i):")
    inside = [f"made = {made}", *opened] if made and not plan.keeps_instance else []
    calls = (
        [] if plan.callable.kind == "constructor" else [_call(plan, plan.callable, plan.arguments, imported)]
    )
    if product:
        wait = "await " if _is_async(plan.callable) else ""
        calls = [f"{wait}the_made({_arguments(plan.inner, imported)})"]
    calls += [_call(plan, step.callable, step.arguments, imported) for step in plan.after]
    if any("handed_back(" in call for call in calls):
        calls[0] = f"given = {calls[0]}"
    if plan.teardown and calls:
        inside += ["try:", *("    " + call for call in calls), "finally:"]
        inside += [f"    made.{method}()" for method in plan.teardown]
    else:
        if len(calls) == 1:
            calls[0] = f"return {calls[0]}"
        inside += [*calls, *(f"made.{method}()" for method in plan.teardown)]
    if not plan.stands_in and _mentions(plan.file, _FLASK):
        inside = ["with a_request(subject, i):", *(f"    {line}" for line in inside)]
    if plan.threaded and not waits:
        imported.add("threading")
        inside = ["def work():", *(f"    {line}" for line in inside), "", *_IN_A_THREAD]
    if plan.apart:
        inside.insert(0, "i += 1")
    if any("Proxy(" in line for line in (*lines, *inside)):
        inside[:0] = ["Proxy._calls.clear()", *(["Proxy._fails = i % 4 + 1"] if plan.fails else [])]
    lines += ["    " + line for line in inside]
    return imported, "\n".join(lines) + "\n"


def _mentions(file: str, pattern: re.Pattern[bytes]) -> bool:
    try:
        return pattern.search(Path(file).read_bytes()) is not None
    except OSError:
        return False


def _made(plan: CallPlan, imported: set[str]) -> str:
    """The expression that makes the object to call methods on; "" when none is needed."""
    if plan.callable.kind == "constructor":
        return f"subject.{plan.callable.owner}({_arguments(plan.arguments, imported)})"
    if plan.construct is not None:
        return f"subject.{plan.callable.owner}({_arguments(plan.construct, imported)})"
    return ""


def _call(plan: CallPlan, target: Callable, arguments: tuple[Argument, ...], imported: set[str]) -> str:
    """One call as an expression, awaited or run to its end where that must happen before the next."""
    static = not target.owner or bool(target.flags & {"static", "classmethod"})
    if static:
        before = f"subject.{target.owner}" if target.owner else "subject"
    else:
        before = f"subject.{plan.instance}" if plan.instance else "made"
    call = "" if "property" in target.flags else f"({_arguments(arguments, imported)})"
    text = f"{before}.{_mangled(target.name, target.owner)}{call}"
    if _is_async(target) and _is_async(plan.callable):
        return f"await {text}"
    if plan.after and "generator" in target.flags and "async" not in target.flags:
        return f"list({text})"
    return text


def _is_async(target: Callable) -> bool:
    return "async" in target.flags and "generator" not in target.flags


def _mangled(name: str, owner: str) -> str:
    if owner and name.startswith("__") and not name.endswith("__"):
        return f"_{owner.rpartition('.')[2].lstrip('_')}{name}"
    return name


def _arguments(arguments: tuple[Argument, ...], imported: set[str]) -> str:
    return ", ".join(
        (f"{argument.name}=" if argument.keyword else "") + expression(argument.make, imported)
        for argument in arguments
    )


def expression(make: Make, imported: set[str]) -> str:
    """A value as an expression in `i`."""
    match make.kind:
        case "iteration":
            return _CONVERSIONS.get(make.type, "i")
        case "text":
            return f'f"text-{{i}}{make.text}"'
        case "integer":
            return "i"
        case "real":
            return "i + 0.5"
        case "boolean":
            return "True"
        case "bytes":
            return 'b"%d" % i'
        case "null":
            return "None"
        case "callback":
            given = [expression(part, imported) for part in make.parts]
            return f"lambda *args, **kwargs: {given[0] if given else None}"
        case "member":
            return f"subject.{make.type}.{make.text}"
        case "placed":
            return _placed(make, imported)
        case "kept":
            return kept_name(make)
        case "result":
            return f'handed_back(given, "{make.text}", {expression(make.parts[0], imported)})'
        case "construct":
            return f"subject.{make.type}({_constructor(make, imported)})"
        case "typed" if make.type.rpartition(".")[2] in _LIBRARY:
            module, text = _LIBRARY[make.type.rpartition(".")[2]]
            imported.add(module)
            return text
        case "list" | "set" | "tuple" | "map":
            return _container(make, [expression(part, imported) for part in make.parts])
    return "Proxy(i)"


def _placed(make: Make, imported: set[str]) -> str:
    if make.text == "command":
        return '"true"' if make.type in ("", "str") else '["true"]'
    if make.type.rpartition(".")[2] in ("Path", "PurePath"):
        imported.add("pathlib")
        return f"pathlib.Path({_PLACED[make.text]})"
    return _PLACED[make.text]


def kept_name(make: Make) -> str:
    """The variable of what is handed to all calls."""
    return "the_" + make.type.replace(".", "_")


def _constructor(make: Make, imported: set[str]) -> str:
    names = make.names or ("",) * len(make.parts)
    return ", ".join(
        (f"{name}=" if name else "") + expression(part, imported)
        for name, part in zip(names, make.parts, strict=True)
    )


def _container(make: Make, parts: list[str]) -> str:
    unhashable = any(part.kind in ("list", "set", "map") for part in make.parts[:1])
    if make.kind == "list":
        return f"[{', '.join(parts)}]"
    if make.kind == "tuple":
        return f"({', '.join(parts)},)"
    if make.kind == "set":
        return "set()" if unhashable else f"{{{', '.join(parts)}}}"
    return "{}" if unhashable else f"{{{parts[0]}: {parts[1]}}}"
