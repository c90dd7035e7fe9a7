"""What calls do with a value that they are handed: borrow it, wrap it, or take over the duty to end it."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lending import Lending
from leaklint.solve.once import solved

# names of methods that may end what they are handed, or keep it
_TAKES = regex(
    r"(?i)_*(close|release|return|give|free|clean|clear|finish|end|dispose|destroy|wrap|proxy|set|add|put|register|"
    r"with|init|bind|hold|track|store|save|offer|push|commit|rollback|abort|recycle|quiet|safe|try|adopt|own|accept|"
    r"submit|complete|resolve|onNext|super|this|of$|just$|from|create|new|make|build|open|start|next|handle|transfer)"
)
# names of methods that hand on what they are given, for good
_HANDS_ON = regex(
    r"(?i)_*(write|send|fire|add|offer|push|enqueue|flush|emit|release|retain|store|put|set|complete)"
)


class Takers:
    """Calls of one unit that are handed a value which must be ended."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    @solved
    def lending(self) -> Lending:
        return Lending(self.index)

    def borrows(self, call: Call, row: Native) -> bool:
        """Whether a call of something else only uses a value that it is handed."""
        if f".{call.name}" in row.borrowers and not self._is_own(call):
            return True
        if row.lent and not call.new and not _TAKES.match(call.name) and not self._settles(call):
            return True
        if call.name in row.borrowers:
            plain = call.new and not (call.args and self.is_class(call.args[-1]))
            return plain or call.name == "super"
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        if place.symbol == NONE or place.path:
            return False
        return f"{self.unit.symbols[place.symbol].name}.{call.name}" in row.borrowers

    def _settles(self, call: Call) -> bool:
        """JavaScript: `ok(connection)` of `new Promise((ok, fail) => …)`."""
        symbol = self.index.symbol(self.unit.places[call.callee]) if call.callee != NONE else None
        if self.unit.language != "javascript" or symbol is None or symbol.kind != "parameter":
            return False
        given = self.index.argument_of.get(symbol.scope)
        made = self.unit.effects[given[0]] if given is not None else None
        return isinstance(made, Call) and made.new and made.name == "Promise"

    def _is_own(self, call: Call) -> bool:
        """Java: `load(stream)`, a method of this class, whatever libraries have of that name."""
        if call.receiver == NONE:  # imported with `static`, or no method at all
            callee = self.index.symbol(self.unit.places[call.callee]) if call.callee != NONE else None
            return call.new or callee is None or "static" not in callee.flags or callee.kind != "import"
        symbol = self.index.symbol(self.unit.places[call.receiver])
        if symbol is None or symbol.kind != "this" or self.unit.places[call.receiver].path:
            return False
        if symbol.target == NONE or self.index.method(symbol.target, call.name) != NONE:
            return True
        # what a base class in another file does, `setFont(font)`, the model knows
        return not (call.name.startswith("set") or self._is_imported(symbol.target))

    def _is_imported(self, owner: int) -> bool:
        """Java: whether plain calls that are no methods of a class come with `import static GL11.*`."""
        row = self.unit.owners[owner]
        return (
            not row.bases
            and row.outer == NONE
            and any(symbol.imported == "*" and "static" in symbol.flags for symbol in self.unit.symbols)
        )

    def wraps(self, number: int, row: Native) -> bool:
        """Whether an effect makes an object that ends the value when it is ended itself."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or not call.new or call.name not in row.wrappers:
            return False
        return not (call.args and self.is_class(call.args[-1]))

    def is_lent(self, number: int, local: Place, row: Native) -> bool:
        """Whether the function of this file that is called only calls methods of what it is given."""
        call = self.unit.effects[number]
        callee = self.index.callee_scope(number) if self.unit.language == "python" else NONE
        if not isinstance(call, Call):
            return False
        if self.unit.language == "java":
            return self.lending.lends(number, local, row.end, lambda taker: self.borrows(taker, row))
        if callee == NONE or self.unit.scopes[callee].kind == "constructor":
            return False
        params = self.unit.scopes[callee].params
        for position, value in enumerate(call.args):
            given = self.unit.values[value]
            if given.kind != "place" or self.unit.places[given.place] != local:
                continue
            if position >= len(params) or self.index.uses.of_symbol.get(params[position]):
                return False
            if self.index.uses.ended(Place(params[position]), row.end):
                return False
        return not any(local.symbol in self.index.uses.symbols_in(value) for _, value in call.keywords)

    def is_used_behind(self, number: int, local: Place) -> bool:
        """Whether a method of this file is handed a value that its caller goes on using: it was only lent."""
        call = self.unit.effects[number]
        if self.index.callee_scope(number) == NONE or _HANDS_ON.match(call.name):  # type: ignore[union-attr]
            return False
        around = set(self.index.regions(call.region))
        return any(
            other > number
            and isinstance(later := self.unit.effects[other], Call)
            and (
                (later.receiver != NONE and self.unit.places[later.receiver] == local)
                or any(local.symbol in self.index.uses.symbols_in(value) for value in later.args)
            )
            and all(
                region in around or self.unit.regions[region].kind in ("with", "try", "finally")
                for region in self.index.regions(later.region)
            )
            for other in self.index.of_function.get(self.index.function(call.scope), ())
        )

    def leaves_ending(self, number: int, local: Place, row: Native) -> bool:
        """Whether a call leaves ending a local to the function that made it."""
        call = self.unit.effects[number]
        if not isinstance(call, Call):
            return False
        return self.borrows(call, row) or (self.unit.language == "java" and self.is_lent(number, local, row))

    def is_class(self, value: int) -> bool:
        return self.unit.values[value].kind == "class"
