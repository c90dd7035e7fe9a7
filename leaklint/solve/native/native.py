"""Values that must be ended by hand: where they are made, where they go, and who ends them.

A value is followed through locals, wrappers that only borrow it, and one field. Handing it to anything
else hands over the duty to end it: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.models import Native
from leaklint.solve.aliases import Aliases
from leaklint.solve.called import CalledRows
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lending import Lending
from leaklint.solve.lifecycle import first_word
from leaklint.solve.names import Patterns, callee_name, is_from
from leaklint.solve.native.exits import Exits
from leaklint.solve.native.ways import Ways
from leaklint.solve.once import once_a_table, solved
from leaklint.solve.repeats import Repeats
from leaklint.solve.uses import Uses

_FLUENT = ("set", "with", "add", "enable", "use", "optimize", "prepare", "increase", "disable")
_LAZY = frozenset({"filter", "map", "flatMap", "sorted", "limit", "skip", "peek", "distinct", "onClose"})
# names of methods that may end what they are handed, or keep it
_TAKES = regex(
    r"(?i)_*(close|release|return|give|free|clean|clear|finish|end|dispose|destroy|wrap|proxy|set|add|put|register|"
    r"with|init|bind|hold|track|store|save|offer|push|commit|rollback|abort|recycle|quiet|safe|try|adopt|own|accept|"
    r"submit|complete|onNext|super|this|of$|just$|from|create|new|make|build|open|start|next|handle|transfer)"
)
# names of methods that hand on what they are given, for good
_HANDS_ON = regex(
    r"(?i)_*(write|send|fire|add|offer|push|enqueue|flush|emit|release|retain|store|put|set|complete)"
)
_IN_MEMORY = ("ByteArray", "String", "CharArray", "Null", "Closed", "FastByteArray", "ByteBuf")
_STREAMS = ("Stream", "Reader", "Writer", "Socket", "Channel", "Connection", "Buffer", "Buf", "[]", "Entry")
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
_GIVES_BACK = ("recycle", "release", "free", "giveBack", "putBack", "reclaim")


class NativeLeak(msgspec.Struct):
    """A value that nobody ends. how: kept in a local, in a field, or dropped when a slot is taken.

    chained: only a method of it was called, and the value itself was kept nowhere.
    early: its function ends it, and leaves before that at `evidence`.
    failed: its function ends it, catches a failure of `evidence` before that, and does not end it then.
    overwritten: a loop makes one after the other, and the last one is ended.
    received: a handler is given it, and is the last to use it.
    """

    effect: int
    row: Native
    how: Literal[
        "local",
        "field",
        "borrowed",
        "dropped",
        "chained",
        "early",
        "failed",
        "thrown",
        "overwritten",
        "received",
    ]
    place: Place
    evidence: int = NONE


def _suffixed(row: Native) -> list[str]:
    return [f"*{end}" for end in row.suffixes]


def _finished(row: Native) -> list[str]:
    """The calls that end a chain which builds one."""
    return [f".{name}" for name in row.finish or ["build"]] if row.builders else []


class _Table:
    """What must be ended, by how it is made; `given_back`: what whoever borrows it gives back."""

    def __init__(self, rows: list[Native]) -> None:
        made = [(row, Patterns([*row.make, *_suffixed(row), *_finished(row)])) for row in rows]
        self.made = CalledRows(((row, patterns), [patterns]) for row, patterns in made)
        self.given_back = [row for row in rows if row.packages and row.types and not row.lent]


_table = once_a_table(_Table)


class Natives:
    """All values of a unit that must be ended, as far as nobody does. `rows` says which are meant."""

    def __init__(self, index: Index, aliases: Aliases, repeats: Repeats, rows: list[Native]) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.repeats = repeats
        self.rows = rows
        self._imports: dict[int, set[str]] = {}  # by the identity of the row
        self.found: list[NativeLeak] = []
        self.made: set[int] = set()  # calls that a row speaks of
        table = _table(rows)
        called = index.named.keys()
        callers: dict[int, Native] = {}
        for row, patterns in table.made.of(called):
            if is_from(self.unit, index.import_modules, row.packages):
                seen: set[int] = set()
                for name in patterns.among(called):
                    for number in index.named[name]:
                        if number not in seen and self._is_made(number, row, patterns):
                            seen.add(number)
                            self.made.add(number)
                            self.found += self._judge(number, row)
                            callers |= dict.fromkeys(self._handed_out(number, row), row)
        for number, row in callers.items():
            self.found += self._judge(number, row)
        if table.given_back and self._gives_back():
            for row in table.given_back:
                if is_from(self.unit, index.import_modules, row.packages):
                    self.found += self._dropped(row)
        self.found.sort(key=lambda leak: (leak.effect, bool(leak.row.suffixes)))

    # -- what is meant

    def _gives_back(self) -> bool:
        return any(
            name.startswith(_GIVES_BACK) for names in self.index.method_names.values() for name in names
        )

    def _is_made(self, number: int, row: Native, patterns: Patterns) -> bool:
        """Whether a call makes one, of the package that is meant."""
        if row.suffixes:
            return self._is_opened(number, row)
        if row.builders and f".{self._name_of(number)}" in _finished(row):
            return self._is_built(number, row)
        return patterns.match(self.unit, number) and self._is_from(row, number)

    def _is_built(self, number: int, row: Native) -> bool:
        """`ManagedChannelBuilder.forAddress(host, port).usePlaintext().build()`, and through a variable."""
        begun = number
        for _ in range(12):
            call = self.unit.effects[begun] if begun != NONE else None
            if not isinstance(call, Call) or call.receiver == NONE:
                return False
            place = self.unit.places[call.receiver]
            if place.path:
                return False
            if place.symbol != NONE:
                kind = self.unit.symbols[place.symbol].type
                if not kind.endswith("Builder") or not bool(self._named(row) & {kind, "*"}):
                    return False
                return any(name == kind or name.startswith(f"{kind}.") for name in row.builders)
            name = callee_name(self.unit, place.call) if place.call != NONE else ""
            if name in row.builders:
                return not row.packages or bool(self._named(row) & {name.partition(".")[0], "*"})
            begun = place.call
        return False

    def _is_from(self, row: Native, number: int) -> bool:
        """Whether the file imports the package that a name is meant from."""
        if row.receivers and not self._is_received(number, tuple(row.receivers)):
            return False
        return not row.packages or bool(self._named(row) & self._roots(number, row))

    def _is_of_file(self, call: Call, row: Native) -> bool:
        """`new Scanner(file)`, `new Scanner(Path.of(…))`; not `new Scanner(text)`."""
        if not call.args:
            return False
        value = self.unit.values[call.args[0]]
        if value.kind == "call":
            name = callee_name(self.unit, value.call)
            return any(name == made or name.startswith(f"{made}.") for made in [*row.opens, "Paths"])
        symbol = self.index.symbol(self.unit.places[value.place]) if value.kind == "place" else None
        return symbol is not None and symbol.type in row.opens

    def _is_opened(self, number: int, row: Native) -> bool:
        """Whether `new` opens something of its own, and neither wraps a stream nor lives in memory."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if not call.new or call.receiver != NONE or not call.args or call.name.startswith(_IN_MEMORY):
            return False
        if not call.name[0].isupper():
            return False
        return not any(self._is_stream(value) for value in call.args)

    def _is_stream(self, value: int) -> bool:
        """Whether an argument is a stream, or may be one: then whoever made it has to end it."""
        row = self.unit.values[value]
        if row.kind == "place":
            symbol = self.index.symbol(self.unit.places[row.place])
            return symbol is None or symbol.kind == "this" or self._type_of(row.place).endswith(_STREAMS)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and call.name.endswith(_STREAMS)
        return row.kind not in ("string", "number", "boolean", "null", "operation", "template")

    def _type_of(self, place: int) -> str:
        """The declared type of a variable or field; "Stream" where it is unknown."""
        row = self.unit.places[place]
        symbol = self.unit.symbols[row.symbol]
        return symbol.type or "Stream" if not row.path else ""

    def _is_received(self, number: int, ends: tuple[str, ...]) -> bool:
        """Whether the name or the type of what a method is called on ends in one of some words."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        names = [*place.path[-1:]]
        symbol = self.index.symbol(place)
        if symbol is not None:
            names += [] if place.path else [symbol.name, symbol.type]
        elif place.call != NONE:
            names.append(self.unit.effects[place.call].name)  # type: ignore[union-attr]
        return any(name.lower().endswith(ends) for name in names if name)

    def _roots(self, number: int, row: Native) -> set[str]:
        name = callee_name(self.unit, number)
        root = name.partition(".")[0] if name else ""
        if self.unit.language == "python" and name in row.make:
            return self._named(row)  # the whole name says where it is from, however it was imported
        if self.unit.language == "javascript" and row.receivers:
            return self._named(row)  # a method of what another library hands out
        return {root, *row.types, "*"}

    def _named(self, row: Native) -> set[str]:
        """Names that the file imports from the packages of a row; `*` stands for all of one."""
        known = self._imports.get(id(row))
        if known is None:
            known = self._imports[id(row)] = {
                symbol.imported.rpartition(".")[2] or symbol.name
                for symbol in self.unit.symbols
                if symbol.kind == "import" and symbol.module.startswith(tuple(row.packages))
            }
            if self.unit.package and self.unit.package.startswith(tuple(row.packages)):
                known.clear()  # the library itself: its classes own each other
        return known

    @solved
    def uses(self) -> Uses:
        return Uses(self.unit)

    @solved
    def ways(self) -> Ways:
        return Ways(self.index)

    @solved
    def lending(self) -> Lending:
        return Lending(self.index, self.uses)

    @solved
    def exits(self) -> Exits:
        return Exits(self.index)

    def _handed_out(self, number: int, row: Native) -> list[int]:
        """Calls of the function of this file that makes one for whoever calls it."""
        wraps = self.unit.language == "java"
        taker = self.uses.of_call.get(number)
        while wraps and taker is not None and self._wraps(taker, row):
            taker = self.uses.of_call.get(taker)
        effect = self.unit.effects[taker] if taker is not None else None
        if self.unit.language == "javascript" or effect is None or (wraps and not row.at_once):
            return []
        if isinstance(effect, Bind) and effect.how in ("declare", "assign"):
            local = self.unit.places[effect.target]
            takers = self.uses.of_symbol.get(local.symbol, []) if local.symbol != NONE else []
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
            and (call.receiver == NONE or self._is_this(call.receiver))
            for other in self.index.of_function.get(function, ())
        )

    def _is_this(self, place: int) -> bool:
        row = self.unit.places[place]
        symbol = self.index.symbol(row)
        return symbol is not None and symbol.kind == "this" and not row.path

    def _is_lent(self, number: int, local: Place, row: Native) -> bool:
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
            if position >= len(params) or self.uses.of_symbol.get(params[position]):
                return False
        return not any(local.symbol in self.uses.symbols_in(value) for _, value in call.keywords)

    def _is_borrowed(self, number: int, local: Place, row: Native) -> bool:
        """Whether a call leaves ending a local to the function that made it."""
        call = self.unit.effects[number]
        if not isinstance(call, Call):
            return False
        return self.borrows(call, row) or (self.unit.language == "java" and self._is_lent(number, local, row))

    # -- where a value goes

    def _judge(self, number: int, row: Native) -> Iterator[NativeLeak]:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.args and self._is_class(call.args[-1]):
            return  # an anonymous subclass may end itself
        if row.opens and not self._is_of_file(call, row):
            return
        if row.within and self._is_within(call.scope, row):
            return
        if row.begun_by and self._starts_up(call.scope):
            return
        if 0 <= row.nothing_at < len(call.args) and self.unit.values[call.args[row.nothing_at]].text == "0":
            return
        result = self._last_of_chain(number, row)
        consumer = self.uses.of_call.get(result)
        while consumer is not None and self._wraps(consumer, row):
            result = consumer
            consumer = self.uses.of_call.get(result)
        if row.early and (consumer is None or isinstance(self.unit.effects[consumer], Call)):
            return
        if consumer is None:
            following = self.uses.chained.get(result)
            if following is not None and (row.lent or self._gives_out(following, row)):
                return  # a getter more likely than one of its own
            if following is not None and self._is_given_on(following):
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
            if self.borrows(effect, row) and not self._ended_by_name(row):
                yield NativeLeak(number, row, "borrowed", Place(NONE, (), number), consumer)
        elif isinstance(effect, Bind) and effect.how in ("declare", "assign"):
            target = self.unit.places[effect.target]
            leak = self._kept(target, row, number, 0)
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

    def _is_given_on(self, number: int) -> bool:
        """Whether a chain ends in a step that only says what a later user of the stream will do."""
        while number in self.uses.chained:
            number = self.uses.chained[number]
        call = self.unit.effects[number]
        taker = self.unit.effects[self.uses.of_call[number]] if number in self.uses.of_call else None
        if isinstance(taker, Bind) and taker.how == "enter":
            return True
        return isinstance(call, Call) and call.name in _LAZY

    def _is_made_again(self, number: int, consumer: object) -> bool:
        """Whether it is made per call, or by the initializer of an instance field."""
        if isinstance(consumer, Bind) and self.unit.scopes[consumer.scope].kind == "class":
            target = self.unit.places[consumer.target]
            return target.symbol != NONE and self.unit.symbols[target.symbol].kind == "this"
        return self.repeats.repeats(number)

    def _kept(self, target: Place, row: Native, number: int, depth: int) -> NativeLeak | None:
        """The leak of a value that a variable or field holds, or None when somebody may end it."""
        if target.symbol == NONE or "[]" in target.path or depth > 3:
            return None
        symbol = self.unit.symbols[target.symbol]
        if not target.path:
            if symbol.kind not in ("variable", "constant") or symbol.scope == 0:
                return None
            return self._in_local(target, row, number, depth)
        if symbol.kind == "this" and len(target.path) == 1 and not row.early:
            return self._in_field(target, row, number)
        return None

    def _in_local(self, local: Place, row: Native, number: int, depth: int) -> NativeLeak | None:
        if row.begun_by and not self.uses.ended(local, row.begun_by):
            return None
        how, evidence = self.ways.left_open(
            local, number, row.end, lambda taker: self._is_borrowed(taker, local, row), row.at_once
        )
        if how == "early" or (how == "failed" and not row.early) or (how == "thrown" and not row.minor):
            return NativeLeak(number, row, how, local, evidence)
        if self.exits.overwritten(local, number, row.end):
            return NativeLeak(number, row, "overwritten", local)
        if row.early:
            return None
        for consumer in self.uses.of_symbol.get(local.symbol, ()):
            effect = self.unit.effects[consumer]
            if isinstance(effect, Call) and self._wraps(consumer, row):
                if self._wrapper_ended(consumer, row, number, depth):
                    return None
                around = self._wrapper_left(consumer, row, number, depth)
                if around is not None:
                    return NativeLeak(number, row, around.how, local, around.evidence)
            elif isinstance(effect, Call):
                lent = self.borrows(effect, row) or self._is_lent(consumer, local, row)
                lent = lent or (row.counted and self._is_used_behind(consumer, local))
                if effect.name in row.end or not lent:
                    return None
            elif isinstance(effect, Bind) and effect.how in ("declare", "assign"):
                target = self.unit.places[effect.target]
                return self._kept(target, row, number, depth + 1) if target != local else None
            else:
                return None  # returned, stored, entered by a with statement
        if self.uses.ended(local, [*row.end, *row.gives_out]) or self._chain_given_on(local, row):
            return None
        return NativeLeak(number, row, "local", local)

    def _is_used_behind(self, number: int, local: Place) -> bool:
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
                or any(local.symbol in self.uses.symbols_in(value) for value in later.args)
            )
            and all(
                region in around or self.unit.regions[region].kind in ("with", "try", "finally")
                for region in self.index.regions(later.region)
            )
            for other in self.index.of_function.get(self.index.function(call.scope), ())
        )

    def _wraps(self, number: int, row: Native) -> bool:
        """Whether an effect makes an object that ends the value when it is ended itself."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or not call.new or call.name not in row.wrappers:
            return False
        return not (call.args and self._is_class(call.args[-1]))

    def _wrapper_left(self, number: int, row: Native, made: int, depth: int) -> NativeLeak | None:
        """The leak of a wrapper that is ended on some ways only: the value is then, too."""
        taker = self.uses.of_call.get(number, NONE)
        effect = self.unit.effects[taker] if taker != NONE else None
        if not isinstance(effect, Bind) or effect.how not in ("declare", "assign") or depth >= 3:
            return None
        leak = self._kept(self.unit.places[effect.target], row, made, depth + 1)
        return leak if leak is not None and leak.how in ("early", "failed", "thrown") else None

    def _wrapper_ended(self, number: int, row: Native, made: int, depth: int) -> bool:
        """Whether somebody may end the wrapper around a value, and the value with it."""
        while number in self.uses.of_call:
            taker = self.uses.of_call[number]
            effect = self.unit.effects[taker]
            if isinstance(effect, Bind) and effect.how in ("declare", "assign") and depth < 3:
                return self._kept(self.unit.places[effect.target], row, made, depth + 1) is None
            if not self._wraps(taker, row):
                return True
            number = taker
        return number not in self.uses.chained

    def _chain_given_on(self, local: Place, row: Native) -> bool:
        """Java: `return options.setA(…).setB(…)`, where each step gives back the same object."""
        if self.unit.language != "java":
            return False
        for number, call in enumerate(self.unit.effects):
            if not isinstance(call, Call) or call.receiver == NONE or not call.name.startswith(_FLUENT):
                continue
            if call.name in row.begun_by:
                continue  # `event -> dialog.setVisible(false)` gives nothing back
            if self.unit.places[call.receiver] == local and self._last_of_chain(number) in self.uses.of_call:
                return True
        return False

    def _is_inherited(self, field: Place) -> bool:
        """Java: whether a field is none of the class, whose base in another file may end it."""
        owner = self.unit.symbols[field.symbol].target
        if self.unit.language != "java" or not self.unit.owners[owner].bases:
            return False
        return not any(
            symbol.kind == "field"
            and "." + symbol.name == field.path[0]
            and self.unit.scopes[symbol.scope].owner == owner
            for symbol in self.unit.symbols
        )

    def _in_field(self, field: Place, row: Native, number: int) -> NativeLeak | None:
        owner = self.unit.symbols[field.symbol].target
        if self.repeats.is_singleton(owner) or self._is_inherited(field):
            return None
        if self._field_ended(field, row.end, row):
            return None
        if row.begun_by and not self._field_ended(field, row.begun_by):
            return None
        if row.hidden_by and not self._is_hidden(field, row.hidden_by):
            return None
        for consumer in self.uses.of_field.get(field.path[0], ()):
            effect = self.unit.effects[consumer]
            if isinstance(effect, Call) and self.borrows(effect, row):
                continue
            return None  # handed over, given out, or moved
        return NativeLeak(number, row, "field", field)

    def _is_hidden(self, field: Place, names: list[str]) -> bool:
        """`window.setVisible(false)`: put aside, and not ended."""
        for name in names:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                off = not call.args or self.unit.values[call.args[0]].text == "false"
                if off and call.receiver != NONE and self.unit.places[call.receiver] == field:
                    return True
        return False

    def _field_ended(self, field: Place, ends: list[str], row: Native | None = None) -> bool:
        """Whether any end is called on a field of that name, or on a local that means it."""
        step = field.path[0]
        gives = row.gives_out if row is not None else ()
        given = [name for name in gives if name.startswith("get")]  # `getChannel()`, which ends both
        for name in (*ends, *given):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                for place in (self.unit.places[call.receiver], *self.aliases.of(call.receiver)):
                    if step in place.path:
                        return True
        return False

    def _ended_by_name(self, row: Native) -> bool:
        """Whether the unit ends any value of this sort that it did not make a name for (`inf.end()`)."""
        for name in row.end:
            if name == "close":
                continue  # closing the borrower: says nothing of what it borrowed
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                if place is not None and place.symbol != NONE and not place.path:
                    symbol = self.unit.symbols[place.symbol]
                    if symbol.kind == "global":
                        return True
                elif place is not None and place.path:
                    return True
        return False

    # -- a value given back and dropped

    def _dropped(self, row: Native) -> Iterator[NativeLeak]:
        """`recycle(value)` that keeps it when a slot is free, and otherwise forgets it."""
        if not self._named(row):
            return
        for scope in self.unit.scopes:
            if scope.kind not in ("method", "function") or not scope.name.startswith(_GIVES_BACK):
                continue
            for param in scope.params:
                symbol = self.unit.symbols[param]
                if symbol.type in row.types and {symbol.type, "*"} & self._named(row):
                    leak = self._conditionally_kept(param, row)
                    if leak is not None:
                        yield leak

    def _conditionally_kept(self, param: int, row: Native) -> NativeLeak | None:
        if self.uses.ended(Place(param), row.end):
            return None
        kept = [number for number in self.uses.of_symbol.get(param, ()) if self._stores(number)]
        if not kept or not all(self._under_condition(number, param) for number in kept):
            return None
        return NativeLeak(kept[0], row, "dropped", Place(param), kept[0])

    def _stores(self, number: int) -> bool:
        effect = self.unit.effects[number]
        return isinstance(effect, Call) or (
            isinstance(effect, Bind) and bool(self.unit.places[effect.target].path)
        )

    def _under_condition(self, number: int, param: int) -> bool:
        """Whether a branch decides that asks for something else than the value itself."""
        for index in self.index.regions(self.unit.effects[number].region):
            region = self.unit.regions[index]
            if region.kind == "branch" and region.test != NONE and not region.negated:
                return param not in self.uses.symbols_in(region.test)
        return False

    # -- calls

    def _ends(self, number: int, row: Native) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.name in row.end

    def borrows(self, call: Call, row: Native) -> bool:
        if f".{call.name}" in row.borrowers and not self._is_own(call):
            return True
        if row.lent and not call.new and not _TAKES.match(call.name):
            return True
        if call.name in row.borrowers:
            plain = call.new and not (call.args and self._is_class(call.args[-1]))
            return plain or call.name == "super"
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        if place.symbol == NONE or place.path:
            return False
        return f"{self.unit.symbols[place.symbol].name}.{call.name}" in row.borrowers

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

    def _is_class(self, value: int) -> bool:
        return self.unit.values[value].kind == "class"

    def _last_of_chain(self, number: int, row: Native | None = None) -> int:
        """The last call of `new Options().setA(…).setB(…)`: each gives back the same object."""
        while True:
            following = self.uses.chained.get(number)
            if following is None:
                return number
            call = self.unit.effects[following]
            assert isinstance(call, Call)
            if not call.name.startswith((*_FLUENT, *row.chains) if row is not None else _FLUENT):
                return number
            number = following
