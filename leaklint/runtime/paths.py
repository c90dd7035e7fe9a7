"""Where a place of the IR is to be found in a running process."""

from __future__ import annotations

from leaklint.ir import NONE, Place
from leaklint.runtime.outline import Namer
from leaklint.runtime.suspect import HolderPath
from leaklint.solve.holding.holder import Holder


def holder_path(namer: Namer, place: Place, holder: Holder | None) -> HolderPath:
    """Where a place is to be found at run time."""
    text = namer.facts.holder_name(place)
    symbol = namer.unit.symbols[place.symbol] if place.symbol != NONE else None
    if symbol is None:
        return HolderPath("unknown", text)
    steps = tuple(step[1:] for step in place.path if step != "[]")
    inside = namer.function(symbol.scope) if symbol.scope > 0 else ""
    private = "private" in symbol.flags or any(step.startswith("#") for step in steps)
    match symbol.kind:
        case "this" if steps:
            owner = namer.owner(symbol.target)
            instances = namer.instances(symbol.target)
            return HolderPath(
                "field", text, steps[0], owner, steps=steps[1:], instances=instances, private=private
            )
        case "class" if steps and symbol.target != NONE:
            owner = namer.owner(symbol.target)
            return HolderPath("static", text, steps[0], owner, steps=steps[1:], private=private)
        case "function" if steps:
            return HolderPath("attribute", text, steps[0], function=symbol.name, steps=steps[1:])
        case "parameter" if holder is not None and holder.default_of != NONE:
            return HolderPath("default", text, symbol.name, function=namer.function(symbol.scope))
        case "variable" | "constant" | "import" if symbol.scope == 0:
            return HolderPath("variable", text, symbol.name, steps=steps)
        case "variable" | "constant" | "parameter":
            return HolderPath("closure", text, symbol.name, function=inside, steps=steps)
    return HolderPath("unknown", text, symbol.name, steps=steps)
