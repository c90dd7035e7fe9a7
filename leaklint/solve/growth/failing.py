"""What code asks for before it goes one way: whether work failed, or succeeded."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# callees that run their function when the work failed, or was given up
_ON_FAILURE = regex(
    r"exceptionally\w*|onError\w*|doOnError|catch|addErrback|onFailure|onCancel\w*|doOnCancel"
)
_FAILED = regex(r"(?i)\w*(error|fail|exception|cause|isCancelled|timeout)\w*|e|ex|t")
_WORKED = regex(r"(?i)is_?(success|succeeded|successful|ok|done)|ok|success|succeeded")


class Failing:
    """Answers about the tests of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def fails(self, effect: int) -> bool:
        """Whether an effect comes when something went wrong: in a handler, or a branch that asks for it."""
        row = self.unit.effects[effect]
        for number in self.index.regions(row.region):
            region = self.unit.regions[number]
            if region.kind == "except" or (
                region.kind == "branch" and self._asks_failed(region.test, region.negated)
            ):
                return True
        given = self.index.argument_of.get(self.index.function(row.scope))
        call = self.unit.effects[given[0]] if given is not None else None
        if not isinstance(call, Call) or given is None:
            return False
        if call.name in ("subscribe", "then"):
            return given[1] == 1
        return bool(_ON_FAILURE.fullmatch(call.name))

    def _asks_failed(self, test: int, negated: bool) -> bool:
        """`error != null`, `!future.isSuccess()`."""
        if test == NONE:
            return False
        name, negated = self.asked(test, negated)
        return bool((_WORKED if negated else _FAILED).fullmatch(name))

    def asked(self, test: int, negated: bool) -> tuple[str, bool]:
        """The name of what a test asks for, and whether it asks for the opposite.

        `error`, `error != null` and `!future.isSuccess()`; "" for anything else.
        """
        row = self.unit.values[test]
        if row.kind == "operation" and row.text == "not":
            return self.asked(row.parts[0], not negated)
        if row.kind == "operation" and row.text in ("!=", "is not", "==", "is") and len(row.parts) == 2:
            if self.unit.values[row.parts[1]].kind != "null":
                return "", negated
            return self.asked(row.parts[0], negated ^ (row.text in ("==", "is")))
        return self.index.name_of(test), negated
