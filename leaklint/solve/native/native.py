"""Values that must be ended by hand: where they are made, where they go, and who ends them.

A value is followed through locals, wrappers that only borrow it, and one field. Handing it to anything
else hands over the duty to end it: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.models import Native
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import first_word
from leaklint.solve.native.chains import Chains
from leaklint.solve.native.dropped import Dropped
from leaklint.solve.native.extended import Extended
from leaklint.solve.native.fields import Fields
from leaklint.solve.native.following import Following
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.making import Making
from leaklint.solve.native.takers import Takers
from leaklint.solve.once import solved
from leaklint.solve.repeats import Repeats

# what a program has one of: `make_app`
_WHOLES = ("_app", "_application", "_server", "_service")
# first words of functions that run once
_STARTS_UP = frozenset(
    {
        "init",
        "initialize",
        "start",
        "install",
        "setup",
        "main",
        "run",
        "configure",
        "launch",
        "serve",
        "privileged",
    }
)


class Natives:
    """All values of a unit that must be ended, as far as nobody does. `rows` says which are meant."""

    def __init__(self, index: Index, aliases: Aliases, repeats: Repeats, rows: list[Native]) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.repeats = repeats
        self.rows = rows
        self.making = Making(index, rows)
        self.found: list[NativeLeak] = []
        self.made: set[int] = set()  # calls that a row speaks of
        callers: dict[int, Native] = {}
        for number, row in (*self.making.found(), *Extended(index, rows).found()):
            self.made.add(number)
            if self.making.is_collected(number):
                continue
            self.found += self._judge(number, row)
            callers |= dict.fromkeys(self._handed_out(number, row), row)
        for number, row in callers.items():
            self.found += self._judge(number, row)
        if self.making.takes_back:
            self.found += Dropped(index, self.making).found()
        if self.found:
            self.found.sort(key=lambda leak: (leak.effect, bool(leak.row.suffixes)))

    @solved
    def takers(self) -> Takers:
        return Takers(self.index)

    @solved
    def chains(self) -> Chains:
        return Chains(self.index)

    @solved
    def fields(self) -> Fields:
        return Fields(self.index, self.aliases, self.repeats, self.takers)

    @solved
    def following(self) -> Following:
        return Following(self.index, self.takers, self.chains, self.fields)

    def ends_another(self, leak: NativeLeak) -> bool:
        """Whether a class ends another of its fields with such a value: this one was forgotten."""
        for name in leak.row.end:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                values = [self.unit.values[value] for value in call.args]
                named = [row.place for row in values if row.kind == "place"]
                for place in (self.unit.places[each] for each in (call.receiver, *named) if each != NONE):
                    other = place.symbol == leak.place.symbol and place != leak.place
                    if other and len(place.path) == 1 and self._is_made(place, leak.row):
                        return True
        return False

    def _is_made(self, field: Place, row: Native) -> bool:
        """Whether a field is given a value of a sort."""
        binds = [self.index.bind(number) for number in self.index.binds.get(field, ())]
        values = [self.unit.values[bind.value] for bind in binds if bind.value != NONE]
        names = {
            self._name_of(value.call) for value in values if value.kind == "call" and value.call in self.made
        }
        return any(name in row.make or f".{name}" in row.make for name in names)

    def _handed_out(self, number: int, row: Native) -> list[int]:
        """Calls of the function of this file that makes one for whoever calls it."""
        wraps = self.unit.language == "java"
        taker = self.index.uses.of_call.get(number)
        while wraps and taker is not None and self.takers.wraps(taker, row):
            taker = self.index.uses.of_call.get(taker)
        effect = self.unit.effects[taker] if taker is not None else None
        if self.unit.language == "javascript" or effect is None or (wraps and not row.at_once):
            return []
        if isinstance(effect, Bind) and effect.how in ("declare", "assign"):
            local = self.unit.places[effect.target]
            takers = self.index.uses.of_symbol.get(local.symbol, []) if local.symbol != NONE else []
            if local.path or len(takers) != 1:
                return []
            effect = self.unit.effects[takers[0]]
        if not isinstance(effect, Leave) or effect.how != "return":
            return []
        callers = self.index.callers.get(self.index.function(effect.scope), [])
        return [caller for caller in callers if caller not in self.made and not self._class_ends(caller)]

    def _class_ends(self, number: int) -> bool:
        """`openJar()`, and `closeJar()` in the same function: the class knows what it opened."""
        function = self.index.function(self.unit.effects[number].scope)
        return any(
            isinstance(call := self.unit.effects[other], Call)
            and not call.args
            and call.name.lower().startswith(("close", "release"))
            and (call.receiver == NONE or self.index.is_this(call.receiver))
            for other in self.index.of_function.get(function, ())
        )

    def _judge(self, number: int, row: Native) -> Iterator[NativeLeak]:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.args and self.takers.is_class(call.args[-1]):
            return  # an anonymous subclass may end itself
        if row.opens and not self.making.is_of_file(call, row):
            return
        if row.within and self._is_within(call.scope, row):
            return
        if row.begun_by and self._starts_up(call.scope):
            return
        if 0 <= row.nothing_at < len(call.args) and self.unit.values[call.args[row.nothing_at]].text == "0":
            return
        result = self.chains.last(number, row)
        consumer = self.index.uses.of_call.get(result)
        while consumer is not None and self.takers.wraps(consumer, row):
            result = consumer
            consumer = self.index.uses.of_call.get(result)
        if row.early and (consumer is None or isinstance(self.unit.effects[consumer], Call)):
            return
        if consumer is None:
            following = self.index.uses.chained.get(result)
            if following is not None and (row.lent or self._gives_out(following, row)):
                return  # a getter more likely than one of its own
            if following is not None and self.chains.is_given_on(following):
                return
            if following is not None and row.begun_by and self._name_of(following) not in row.begun_by:
                return  # never begun
            if following is not None and self.repeats.repeats(number) and not self._ends(following, row):
                yield NativeLeak(number, row, "chained", Place(NONE, (), number), following)
            return
        effect = self.unit.effects[consumer]
        if not self._is_made_again(number, effect):
            return
        if isinstance(effect, Call):
            if self.takers.borrows(effect, row) and not self.fields.ends_any(row):
                yield NativeLeak(number, row, "borrowed", Place(NONE, (), number), consumer)
        elif isinstance(effect, Bind) and effect.how in ("declare", "assign"):
            target = self.unit.places[effect.target]
            leak = self.following.left(target, row, number)
            if leak is not None:
                yield leak

    def _is_within(self, scope: int, row: Native) -> bool:
        """Whether a call around ends what the function handed to it makes, or an object of the file does."""
        for name in row.within:
            for number in self.index.calls.get(name, ()):
                if getattr(self.unit.effects[number], "new", False):
                    return True
        for function in self.index.enclosing(scope):
            number, _ = self.index.argument_of.get(function, (NONE, 0))
            call = self.unit.effects[number] if number != NONE else None
            if isinstance(call, Call) and call.name in row.within:
                return True
        return False

    def _starts_up(self, scope: int) -> bool:
        """Whether a function is named as one that runs once: what it begins may last."""
        scopes = [self.unit.scopes[function] for function in self.index.enclosing(scope)]
        return any(
            row.kind != "constructor"
            and (first_word(row.name) in _STARTS_UP or row.name.lower().endswith(_WHOLES))
            for row in scopes
        )

    def _gives_out(self, number: int, row: Native) -> bool:
        return self._name_of(number) in row.gives_out

    def _name_of(self, number: int) -> str:
        call = self.unit.effects[number]
        return call.name if isinstance(call, Call) else ""

    def _ends(self, number: int, row: Native) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.name in row.end

    def _is_made_again(self, number: int, consumer: object) -> bool:
        """Whether it is made per call, or by the initializer of an instance field."""
        if isinstance(consumer, Bind) and self.unit.scopes[consumer.scope].kind == "class":
            target = self.unit.places[consumer.target]
            return target.symbol != NONE and self.unit.symbols[target.symbol].kind == "this"
        return self.repeats.repeats(number)
