"""Chooses what to call and with what arguments, in no language yet.

A `CallPlan` says it; `leaklint.runtime.<language>.drivers.write` turns a plan into source in workload form.
Arguments are made anew for every call from the iteration number, so that `iterate(0)` again and again
is the series with the same arguments and `iterate(0)`, `iterate(1)`, … the one with fresh ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Literal

import msgspec

from leaklint.runtime import makes, places
from leaklint.runtime.makes import CONVERTED, GUESSES, TYPES, Guess, arguments, keep
from leaklint.runtime.makes import Argument as Argument
from leaklint.runtime.makes import Make as Make
from leaklint.runtime.makes import kept as kept_in
from leaklint.runtime.makes import make_type as make_type
from leaklint.runtime.suspect import Callable, Entry, Handler, Outline

END_OF_LIFE = frozenset(("__del__", "finalize"))
"""Methods that the runtime calls when nothing holds the object any more: never a driver."""


class Step(msgspec.Struct, frozen=True):
    """A further call: a method of the same object, or a function or static method."""

    callable: Callable
    arguments: tuple[Argument, ...] = ()


class CallPlan(msgspec.Struct, frozen=True):
    """One way to drive a file.

    instance: module variable to call a method on. construct: arguments of the constructor, when an
    object is to be made: once in `setup` if `keeps_instance`, else for every call and dropped after it,
    its `teardown` methods called. handler: emit instead of calling. outermost: see Entry.
    after: what is called next in the same iteration, on the same object: the releases of the holder.
    inner: arguments of what the callable makes, for a handler that is made. apart: texts of one call
    differ, and numbers start from 1. fails: the first, second, third or fourth
    call of what was made up raises. placed: files and peers that arguments name are there; opens: methods
    that make the object ready. threaded: each call is made in a thread of its own. stands_in: see Driver.
    """

    path: str
    file: str
    language: Literal["python", "javascript", "java"]
    callable: Callable
    arguments: tuple[Argument, ...] = ()
    instance: str = ""
    construct: tuple[Argument, ...] | None = None
    keeps_instance: bool = False
    teardown: tuple[str, ...] = ()
    handler: Handler | None = None
    outermost: bool = True
    origin: Literal["generated", "trigger"] = "generated"
    package: str = ""
    dialect: str = ""
    after: tuple[Step, ...] = ()
    fails: bool = False
    apart: bool = False
    placed: bool = False
    opens: tuple[Callable, ...] = ()
    threaded: bool = False
    stands_in: bool = False
    inner: tuple[Argument, ...] = ()

    @property
    def kept(self) -> tuple[Make, ...]:
        """What is handed to all calls, made once before the first."""
        steps = (given for step in self.after for given in step.arguments)
        return tuple(dict.fromkeys(kept_in((*self.arguments, *self.inner, *(self.construct or ()), *steps))))

    @property
    def name(self) -> str:
        return f"{self.path}:{self.callable.text}" + "".join(f", {step.callable.text}" for step in self.after)


def plans(outline: Outline, entry: Entry, *, keeps_instance: bool, owner: str = "") -> Iterator[CallPlan]:
    """The plans of an entry, the likeliest first; the next one is tried when a driver raises.

    keeps_instance: methods are called on one object, because the holder is its field. owner: the class of
    that field, of which one object is handed to all calls.
    """
    seen: set[CallPlan] = set()
    for guess in GUESSES if outline.language == "python" else GUESSES[:-1]:
        plan = _plan(outline, entry.callable, guess, keeps_instance, frozenset((owner,)))
        if plan is None or (
            plan.placed
            and not plan.opens
            and not (outline.language == "python" and places.starts_programs(outline.file))
            and not makes.are_placed((*plan.arguments, *(plan.construct or ())))
        ):
            return
        plan = msgspec.structs.replace(plan, handler=entry.handler, outermost=entry.outermost)
        if entry.handler is not None and entry.handler.method == "made":
            classes = {row.name: row for row in outline.classes}
            known: Guess = "named" if guess == "apart" else guess
            inner = keep(arguments(entry.handler.params, classes, known, 0), frozenset((owner,)))
            plan = msgspec.structs.replace(plan, inner=inner)
        if plan not in seen:
            seen.add(plan)
            yield plan


def balanced(outline: Outline, plan: CallPlan, releases: Iterable[str]) -> CallPlan | None:
    """The plan with the releases called after it, with equal arguments; None when there are none to call.

    Values depend on their type and the iteration only, so a key that was added is the key that is removed.
    What only a release asks for is what the call gave: the key, or the handle, that was made inside.
    """
    if plan.apart:
        return None
    classes = {row.name: row for row in outline.classes}
    owners = frozenset(make.type for make in plan.kept)
    steps = []
    for name in dict.fromkeys(releases):
        for item in outline.callables:
            same = item.owner in ("", plan.callable.owner) or bool(item.flags & {"static", "classmethod"})
            hidden = item.inside or item.kind == "constructor" or item.name in END_OF_LIFE
            if item.text == name and same and not hidden and item != plan.callable:
                given = keep(arguments(item.params, classes, "named", 0), owners)
                steps.append(Step(item, _handed_back(plan, given)))
    return msgspec.structs.replace(plan, after=tuple(steps)) if steps else None


def _handed_back(plan: CallPlan, given: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """The arguments of a release, of which those that the call before had no like of are what it gave."""
    known = {parameter.name for parameter in plan.callable.params}
    if plan.language == "java" or plan.handler is not None or plan.callable.kind == "constructor":
        return given
    return tuple(
        msgspec.structs.replace(row, make=Make("result", text=row.name, parts=(row.make,)))
        if row.name not in known and row.make.kind in ("text", "integer", "proxy", "typed")
        else row
        for row in given
    )


def failing(plan: CallPlan) -> CallPlan:
    """The plan with arguments that fail, functions among them."""
    construct = None if plan.construct is None else makes.failing(plan.construct)
    return msgspec.structs.replace(
        plan, arguments=makes.failing(plan.arguments), construct=construct, fails=True
    )


def trigger_plans(outline: Outline, target: Callable) -> Iterator[CallPlan]:
    """The plans of a callable that the user named: a single argument is the iteration number."""
    seen: set[CallPlan] = set()
    owners = frozenset(row.holder.owner for row in outline.suspects if row.holder.kind == "field")
    for guess in GUESSES[:-1]:
        plan = _plan(outline, target, guess, True, owners)
        if plan is None:
            return
        needed = [argument for argument in plan.arguments if not argument.keyword]
        if len(needed) == 1 and len(plan.arguments) == 1:
            number = Make("iteration", _declared(target, needed[0].name))
            if number.type == "" or TYPES.get(number.type) in CONVERTED:
                plan = msgspec.structs.replace(plan, arguments=(Argument(needed[0].name, number),))
        plan = msgspec.structs.replace(plan, origin="trigger")
        if plan not in seen:
            seen.add(plan)
            yield plan


def find_target(outline: Outline, name: str) -> list[Callable]:
    """The callables of a file that `name` may mean: a function, `Class.method`, or a bare method name.

    In Java a bare name means a method of the class that the file is called after, if that has one.
    """
    exact = [item for item in outline.callables if item.text == name and not item.inside]
    if exact:
        return exact[:1]
    found = [
        item
        for item in outline.callables
        if not item.inside and (item.name == name or item.exported == name or item.text.endswith("." + name))
    ]
    if outline.language == "java":
        main = PurePath(outline.path).stem
        found = [item for item in found if item.owner == main] or found
    return found if len({item.text for item in found}) > 1 else found[:1]  # overloads: the first one


def _declared(target: Callable, name: str) -> str:
    return next((parameter.type for parameter in target.params if parameter.name == name), "")


def _plan(
    outline: Outline, target: Callable, guess: Guess, keeps_instance: bool, owners: frozenset[str]
) -> CallPlan | None:
    classes = {row.name: row for row in outline.classes}
    known: Guess = "named" if guess == "apart" else guess
    owner = classes.get(target.owner)
    if target.inside or "abstract" in target.flags:
        return None
    static = bool(target.flags & {"static", "classmethod"}) or not target.owner
    construct: tuple[Argument, ...] | None = None
    instance = ""
    if target.kind == "constructor":
        keeps_instance = False
    elif not static:
        if target.instances:
            instance = target.instances[0]
        elif outline.language == "javascript" and owner is None:
            instance = target.owner  # an object literal, which is its only instance
        elif owner is None or owner.abstract or owner.kind in ("interface", "object"):
            return None
        else:
            construct = keep(arguments(owner.constructor, classes, known, 0), owners)
    given = keep(arguments(target.params, classes, known, 0), owners)
    given = makes.apart(given) if guess == "apart" else given
    ready = construct is not None and guess == "placed"
    return CallPlan(
        outline.path,
        outline.file,
        outline.language,
        target,
        given,
        instance,
        construct,
        keeps_instance and construct is not None,
        owner.teardown if owner is not None and not static and not keeps_instance and not instance else (),
        package=outline.package,
        dialect=outline.dialect,
        apart=guess == "apart",
        placed=guess == "placed",
        opens=_opens(outline, target) if ready else (),
    )


def _opens(outline: Outline, target: Callable) -> tuple[Callable, ...]:
    """The method that makes an object of the target's class ready, if it has one that asks for nothing."""
    own = {item.name: item for item in outline.callables if item.owner == target.owner and not item.inside}
    found = (own[name] for name in places.OPENS if name in own and name != target.name)
    asked = (item for item in found if all(row.has_default or row.rest for row in item.params))
    return tuple(asked)[:1]
