"""The stable text form of a unit, for tests and `leaklint dev ir FILE`.

Scopes are indented as they nest; each line is a symbol, an effect, or the opening of a region.
"""

from __future__ import annotations

from leaklint.ir.records import (
    NONE,
    Bind,
    Call,
    Delete,
    Effect,
    Leave,
    Opaque,
    Place,
    Region,
    Scope,
    Unit,
    Value,
)
from leaklint.source import SourceFile


def dump(unit: Unit, source: SourceFile) -> str:
    """Text form of a unit; `source` gives the line of each row."""
    return "\n".join(_Dump(unit, source).lines()) + "\n"


def place_text(unit: Unit, place: int | Place) -> str:
    """A place as a person would write it, e.g. `this<Cart>.rows[]`."""
    row = unit.places[place] if isinstance(place, int) else place
    if row.symbol != NONE:
        symbol = unit.symbols[row.symbol]
        root = symbol.name
        if symbol.kind == "this":
            root = f"this<{unit.owners[symbol.target].name}>"
    elif row.call != NONE:
        call = unit.effects[row.call]
        root = f"{call.name if isinstance(call, Call) else '?'}()"
    else:
        root = "?"
    return root + "".join(row.path)


def value_text(unit: Unit, value: int) -> str:
    """A value as a person would write it, cut to its shape."""
    if value == NONE:
        return "-"
    row: Value = unit.values[value]
    none = len(row.parts)
    parts = ", ".join(
        (f"{key}: " if key else f"[{value_text(unit, at)}]: " if at != NONE else "") + value_text(unit, part)
        for part, key, at in zip(
            row.parts, row.keys or ("",) * none, row.computed or (NONE,) * none, strict=True
        )
    )
    match row.kind:
        case "place":
            return place_text(unit, row.place)
        case "string":
            return repr(row.text)
        case "number" | "boolean" | "null":
            return row.text or row.kind
        case "container":
            return f"{row.text}({parts})"
        case "closure":
            return f"closure#{row.scope}"
        case "class":
            return f"class {unit.owners[row.owner].name or '?'}"
        case "call":
            return f"result({place_text(unit, Place(NONE, (), row.call))})"
        case "operation":
            return f"({row.text} {parts})"
        case _:
            return f"{row.kind}({parts})"


class _Dump:
    def __init__(self, unit: Unit, source: SourceFile) -> None:
        self.unit = unit
        self.source = source
        self.children: dict[int, list[int]] = {}
        for index, scope in enumerate(unit.scopes):
            self.children.setdefault(scope.parent, []).append(index)
        self.symbols: dict[int, list[int]] = {}
        for index, symbol in enumerate(unit.symbols):
            self.symbols.setdefault(symbol.scope, []).append(index)
        self.effects: dict[int, list[int]] = {}
        for index, effect in enumerate(unit.effects):
            self.effects.setdefault(effect.scope, []).append(index)

    def lines(self) -> list[str]:
        out = [f"unit {self.unit.language} {self.unit.dialect}".rstrip()]
        for owner in self.unit.owners:
            bases = ", ".join(value_text(self.unit, base) for base in owner.bases)
            flags = _flags(owner.flags)
            out.append(f"owner {owner.kind} {owner.name or '?'}({bases}){flags}")
        self.scope(0, 0, out)
        if self.unit.exports:
            out.append("exports " + ", ".join(sorted(self.unit.exports)))
        for comment in self.unit.comments:
            out.append(f"comment {self.line(comment.at)} {comment.text}")
        for problem in self.unit.problems:
            out.append(f"problem {self.line(problem.at)} {problem.message}")
        return out

    def line(self, at: int) -> str:
        return "{}:{}".format(*self.source.position(at))

    def scope(self, index: int, depth: int, out: list[str]) -> None:
        row: Scope = self.unit.scopes[index]
        pad = "  " * depth
        params = ", ".join(self.symbol(symbol) for symbol in row.params)
        decorators = "".join(f" @{value_text(self.unit, value)}" for value in row.decorators)
        captures = ", ".join(place_text(self.unit, Place(symbol)) for symbol in row.captures)
        tail = f" captures {captures}" if captures else ""
        name = f" {row.name}" if row.name else ""
        out.append(
            f"{pad}{row.kind}#{index}{name}({params}) {self.line(row.at)}"
            f"{_flags(row.flags)}{decorators}{tail}"
        )
        for symbol in self.symbols.get(index, []):
            kind = self.unit.symbols[symbol].kind
            if kind not in ("parameter", "this"):
                out.append(f"{pad}  {kind} {self.symbol(symbol)}")
        for effect in self.effects.get(index, []):
            out.append(f"{pad}  {self.effect(effect)}")
        for child in self.children.get(index, []):
            self.scope(child, depth + 1, out)

    def symbol(self, index: int) -> str:
        row = self.unit.symbols[index]
        text = row.name
        if row.type:
            text += f": {row.type}" + (f"<{', '.join(row.type_args)}>" if row.type_args else "")
        if row.kind == "import":
            text += f" = {row.module}:{row.imported}"
        return text + _flags(row.flags)

    def effect(self, index: int) -> str:
        unit = self.unit
        effect: Effect = unit.effects[index]
        where = f"[{self.line(effect.at)}]{self.region(effect.region)}"
        match effect:
            case Bind():
                key = f"[{value_text(unit, effect.key)}]" if effect.key != NONE else ""
                target = place_text(unit, effect.target)
                op = f" {effect.op}" if effect.op else ""
                return f"{where} {effect.how}{op} {target}{key} = {value_text(unit, effect.value)}"
            case Delete():
                key = f"[{value_text(unit, effect.key)}]" if effect.key != NONE else ""
                return f"{where} delete {place_text(unit, effect.target)}{key}"
            case Call():
                args = [value_text(unit, arg) for arg in effect.args]
                args += [f"{name}={value_text(unit, value)}" for name, value in effect.keywords]
                new = "new " if effect.new else ""
                if effect.receiver != NONE:
                    callee = f"{place_text(unit, effect.receiver)}.{effect.name}"
                else:
                    callee = place_text(unit, effect.callee)
                return f"{where} {new}{callee}({', '.join(args)})"
            case Leave():
                return f"{where} {effect.how} {value_text(unit, effect.value)}"
            case Opaque():
                return f"{where} opaque {effect.what}"

    def region(self, index: int) -> str:
        text = ""
        while index != NONE:
            row: Region = self.unit.regions[index]
            what: str = row.kind
            if row.test != NONE:
                what += f" {'not ' if row.negated else ''}{value_text(self.unit, row.test)}"
            if row.iterates != NONE:
                what += f" in {value_text(self.unit, row.iterates)}"
            if row.catches != NONE:
                what += f" {value_text(self.unit, row.catches)}"
            if row.leaves:
                what += f" -> {row.leaves}"
            text = f" {{{what}}}" + text
            index = row.parent
        return text


def _flags(flags: frozenset[str]) -> str:
    return f" <{', '.join(sorted(flags))}>" if flags else ""
