"""What a workload beside a Java file can name of it, and expressions for values of the types in it.

An empty expression means: only reflection can make it.
"""

from __future__ import annotations

import re
from pathlib import Path

from leaklint.runtime.derive import outline
from leaklint.runtime.drivers import CallPlan
from leaklint.runtime.jvm.values import ITERATION, Imports, library, parts
from leaklint.runtime.suspect import Callable, Class

DEPTH = 3
"""Objects within objects that are written out; deeper ones are left to reflection."""

_OPEN = re.compile(
    r"(Completable|Scheduled)?Future|CompletionStage|(Int|Long|Double)?Stream|Iterator|(Input|Output)Stream|"
    r"(Buffered)?(Reader|Writer)|(Auto)?Closeable|Socket|Connection|Channel|Arena|(Scheduled)?ExecutorService"
)
_SHARED = re.compile(r"(get|current|find|lookup|shared|peek|instance|default)(?![a-z])")
"""Methods that give away what goes on after the call."""

_NARROWED = ("java.lang.Class", "java.lang.Comparable")
"""Types whose values here fit no other type argument."""

_PRIVATE = re.compile(r"\bprivate\b[\w\s]*\b(?:class|record|enum|interface)\s+(\w+)")


class Sight:
    """The file of a plan."""

    def __init__(self, plan: CallPlan) -> None:
        found = outline(Path(plan.file), plan.path)
        self.rows = {row.name: row for row in found.classes}
        self.tops = tuple(name for name in self.rows if "." not in name)
        self.text = Path(plan.file).read_text("utf-8", "replace")
        self._imports = Imports(self.text)
        self._private = frozenset(_PRIVATE.findall(self.text))
        self._constructors: dict[str, list[Callable]] = {}
        setters = (item for item in found.callables if item.name.startswith("set") and len(item.params) == 1)
        self._beans = frozenset(item.owner for item in setters)
        for item in found.callables:
            if item.kind == "constructor":
                self._constructors.setdefault(item.owner, []).append(item)
        self._places = plan.callable.owner
        self._paired = bool(plan.after)

    def row(self, name: str) -> Class | None:
        """The class that a bare or dotted name means where the plan calls: nested ones first."""
        around = self._places
        while around:
            if f"{around}.{name}" in self.rows:
                return self.rows[f"{around}.{name}"]
            around = around.rpartition(".")[0]
        if name in self.rows:
            return self.rows[name]
        nested = [row for key, row in self.rows.items() if key.endswith("." + name)]
        return nested[0] if len(nested) == 1 and not self._imports.full(name) else None

    def visible(self, owner: str) -> bool:
        """Whether the workload can name a class."""
        while owner:
            before, _, name = owner.rpartition(".")
            if owner not in self.rows or name in self._private:
                return False
            owner = before
        return True

    def type(self, owner: str) -> str:
        """An expression for the class object."""
        if self.visible(owner):
            return f"{owner}.class"
        top, _, inner = owner.partition(".")
        return f'Made.type({top}.class, "{inner.replace(".", "$")}")'

    def static(self, target: Callable) -> bool:
        return "static" in target.flags and target.kind != "constructor"

    def single(self, owner: str) -> bool:
        """Whether a class makes its only objects itself."""
        row = self.rows.get(owner)
        if row is None:
            return False
        made = self._constructors.get(owner, ())
        hidden = bool(made) and all("private" in item.flags for item in made)
        return row.kind == "enum" or (hidden and bool(self._getter(owner)))

    def instance(self, owner: str) -> str:
        """An expression for an object to call methods on."""
        row = self.rows[owner]
        if self.single(owner) and self.visible(owner):
            return f"{owner}.{row.members[0]}" if row.kind == "enum" and row.members else self._getter(owner)
        written = "" if self.single(owner) else self._construction(row, 0)
        return written or f"{self._cast(owner)}Made.instance({self.type(owner)}, i)"

    def iteration(self, name: str) -> str:
        """The number of the iteration as a value of a type."""
        return ITERATION.get(name) or self.value(name, ())

    def value(self, name: str, type_args: tuple[str, ...], depth: int = 0, *, inside: bool = False) -> str:
        """A value of a declared type. inside: it is a type argument, whose own arguments are not known."""
        if name.endswith("[]") and not self._imports.full(name):
            element = self.value(name[:-2], type_args, depth, inside=True)
            base = name.replace("[]", "")
            row = self.row(base)
            base = row.name if row is not None else self._imports.full(base)
            return f"new {base}{name[name.index('[') :]} {{{element}}}" if element else ""
        row = self.row(name)
        if row is not None:
            return self._of_class(row, depth, inside)
        full = self._imports.full(name)
        if not full:
            return ""
        if full in _NARROWED and any(arg not in ("?", "Object") for arg in type_args):
            return ""
        wanted = parts(full)
        if wanted and (inside or len(type_args) not in (0, wanted)):
            return ""
        given = [self.value(arg, (), depth, inside=True) for arg in type_args or ("String",) * wanted]
        return library(full, *given) if all(given) or not wanted else ""

    def _of_class(self, row: Class, depth: int, inside: bool) -> str:
        if not self.visible(row.name) or (inside and self._generic(row)):
            return ""
        if row.kind == "enum":
            return f"{row.name}.values()[i % {row.name}.values().length]"
        written = "" if self._paired else self._construction(row, depth + 1)
        return written or f"Made.of({row.name}.class, i)"

    def _construction(self, row: Class, depth: int) -> str:
        """`new Order("text-" + i)`, where that can be said."""
        made = self._constructors.get(row.name, ())
        hidden = len(made) > 1 or any("private" in item.flags for item in made)
        plain = row.static and row.kind in ("class", "record") and not row.abstract and self.visible(row.name)
        if not plain or hidden or depth > DEPTH or "import lombok" in self.text or self._generic(row):
            return ""
        if depth and not row.constructor and row.name in self._beans:
            return ""  # `Made` fills it
        given = [self.value(item.type, item.type_args, depth) for item in row.constructor]
        return f"new {row.name}({', '.join(given)})" if all(given) else ""

    def _generic(self, row: Class) -> bool:
        name = row.name.rpartition(".")[2]
        return bool(re.search(rf"\b(?:class|record|interface)\s+{name}\s*<", self.text))

    def _getter(self, owner: str) -> str:
        """What gives away the only object of a class: a static method, else a static field."""
        name = re.escape(owner.rpartition(".")[2])
        declared = rf"^(?!.*\bprivate\b).*\bstatic\b[^;=(]*?\b{name}\s+(\w+)\s*\(\s*\)"
        method = re.search(declared, self.text, re.MULTILINE)
        if method is not None:
            return f"{owner}.{method[1]}()"
        field = re.search(rf"^.*\bstatic\b[^;=(]*?\b{name}\s+(\w+)\s*[=;]", self.text, re.MULTILINE)
        if field is None:
            return ""
        hidden = "private" in field[0] or not self.visible(owner)
        if hidden:
            return f"{self._cast(owner)}Made.instance({self.type(owner)}, i)"
        return f"{owner}.{field[1]}"

    def _cast(self, owner: str) -> str:
        return f"({owner}) " if self.visible(owner) else ""

    def gives_open(self, target: Callable) -> bool:
        """Whether a call gives something that its caller has to use up or to end."""
        if target.kind == "constructor" or _SHARED.match(target.name):
            return False
        lines = self.text.splitlines()[target.line - 1 : target.line + 4]
        found = re.search(rf"([\w.]+)(?:<[^();]*>)?\s+{re.escape(target.name)}\s*\(", " ".join(lines))
        name = found[1].rpartition(".")[2] if found else ""
        row = self.row(name) if name else None
        return bool(_OPEN.fullmatch(name)) or (
            row is not None and row.name != target.owner and "close" in row.teardown
        )
