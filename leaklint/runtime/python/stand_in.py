"""Modules that a program imports and that are not there: its text goes into drivers that need it."""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
import typing

if typing.TYPE_CHECKING:
    from leaklint.runtime.python.proxy import Proxy


class StandIn(Proxy):
    """Answers to anything. As a decorator it changes nothing, as a base class it adds nothing."""

    def __call__(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        return super().__call__(*args, **kwargs)

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (Base,) if next(row for row in bases if isinstance(row, StandIn)) is self else ()

    def __instancecheck__(self, instance: object) -> bool:
        return False


class Base:
    """A base class that is not there."""

    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        pass

    def __init_subclass__(cls, **kwargs: typing.Any) -> None:
        pass

    def __getattr__(self, name: str) -> typing.Any:
        return _member(type(self).__name__, name)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of some names, and those around and inside of them, where nothing else does."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: typing.Any = None, target: typing.Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        asked = any(f"{row}.".startswith(f"{fullname}.") for row in self._names)
        inside = any(fullname.startswith(f"{row}.") for row in self._names)
        found = asked or inside
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if found else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        vars(module)["__getattr__"] = lambda name: _member(spec.name, name)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _member(owner: str, name: str) -> StandIn:
    if name.startswith("__"):
        raise AttributeError(name)
    return StandIn(0, owner, name)


def stand_in(file: str, module: str) -> None:
    """Lets what a file imports in any case be there. What it tries to import may be missing."""
    with open(file, "rb") as text:
        rows = ast.parse(text.read()).body
    names = {alias.name for row in rows if isinstance(row, ast.Import) for alias in row.names}
    for row in rows:
        if isinstance(row, ast.ImportFrom):
            name = "." * row.level + (row.module or "")
            names.add(importlib.util.resolve_name(name, module.rpartition(".")[0]))
    sys.meta_path.append(Finder(names))
