"""Decides how sure a registration is to be made again and again, one more each time."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.acquired import Acquired, Leak
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairing.acquisition import Acquisition

# classes that are the program, and methods that start what runs once
_PROGRAMS = ("Main", "Launcher", "Application", "Starter", "Bootstrap")
_STARTS = frozenset(
    {"start", "init", "initialize", "register", "install", "configure", "setup", "boot", "activate"}
)
_BEGINS = _STARTS | {
    "cli",
    "main",
    "serve",
    "listen",
    "launch",
    "bootstrap",
    "startServer",
    "runServer",
    "program",
}
# functions that do one piece of work for each call
_WORKS = regex(
    r"_?(run|exec|execute|spawn|process|perform|convert|build|compile|render|fetch|call|handle|import|export|__call_)(_|[A-Z])\w*"
)
_SERVES = regex(r"_*(run|serve)_?(forever|until_\w+)|main_?loop")
_PARTS = 40  # of an argument that are looked at


class Registering:
    """Judges the registrations of one unit that nothing takes back."""

    def __init__(self, acquired: Acquired) -> None:
        self.acquired = acquired
        self.pairs = acquired.pairs
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle
        self.repeats = acquired.repeats
        self.per_call = acquired.per_call
        self.finished = acquired.finished

    def confidence(self, leak: Leak) -> Confidence | None:
        """How sure a registration is to be made again and again.

        A plain function that registers module-level code is most often start-up configuration.
        """
        scope = self.unit.effects[leak.item.effect].scope
        if self._is_fallback(leak.item.effect) or self._at_start(scope):
            return "low"
        if self.unit.language == "python" and (self._serves(scope) or self._is_put_back(leak.item.effect)):
            return "low"  # until the program is told to stop; as it was before
        if self._ends_program(leak.item.callback):
            return "low"  # only the program itself listens so, once
        if self.unit.language == "python" and self._hands_on(leak.item.effect):
            return "low"  # callers decide how often
        if leak.item.pair.done_by:
            kept = self.finished.is_numbered(leak.item) or self.finished.is_given_back(leak.item)
            return "medium" if self.finished.is_done_with(leak.item) and not kept else "low"
        if leak.item.pair.when_closed and (leak.where != "class" or not leak.teardown):
            return "low"  # serves until the process ends
        if self.acquired.is_in_field(leak.item):
            owner = self.unit.scopes[self.index.function(scope)].owner
            return None if self.repeats.is_singleton(owner) else "medium"
        hook = leak.item.pair.callback >= 0 and self.unit.language == "java" and self._starts(scope)
        if hook and not self._is_one_of_many(leak.item):
            return "low"  # of what is started once
        if self.unit.language == "javascript" and not leak.teardown and self._is_begin(scope):
            return "low"  # the program, or its one server, hears signals from its start on
        made = self.unit.scopes[self.index.function(scope)].kind == "constructor"
        if made and leak.item.pair.name == "log appender" and not leak.teardown:
            return "low"  # an extension that is made once
        if made and leak.item.pair.name == "import path entry":
            return "low"  # what loads modules by their names is made once
        kind, place = self.pairs.callbacks.identity(leak.item.callback)
        wraps = leak.item.pair.name != "log appender" and self._wraps_parameter(leak.item.callback)
        if leak.where == "function" and self.unit.language == "javascript" and self._is_of_work(leak):
            return "medium"
        own_state = (kind in ("inline", "rebound") and not wraps) or (
            place is not None
            and (
                self.unit.symbols[place.symbol].kind == "this"
                or self.per_call.refers_to_call(leak.item.callback, scope)
            )
        )
        if leak.where == "class":
            owner = self.lifecycle.owner_of(scope)
            per_call = leak.item.pair.callback < 0 and self.unit.language == "java" and not made
            if self.repeats.is_singleton(owner) and not per_call:
                return None
            if leak.item.pair.callback < 0 and self.lifecycle.is_registrar(scope):
                return "low"  # `install()` of what is installed once
            work = leak.item.pair.callback < 0 or self._is_made_for_work(leak.item)
            return "medium" if own_state or work else "low"
        if self.lifecycle.is_registrar(scope) or leak.item.callback == NONE:
            return "low"
        here = self._is_closed_here(leak.item) or self._is_made_for_work(leak.item)
        return "medium" if own_state or here else "low"

    def _ends_program(self, callback: int) -> bool:
        """JavaScript: `process.on(signal, () => stop().then(() => process.exit(0)))`."""
        row = self.unit.values[callback] if callback != NONE and self.unit.language == "javascript" else None
        if row is None or row.kind != "closure":
            return False
        exits = (self.unit.effects[number] for number in self.index.calls.get("exit", ()))
        return any(
            isinstance(call, Call)
            and call.receiver != NONE
            and self.index.last_name(self.unit.places[call.receiver]) == "process"
            and row.scope in self.index.enclosing(call.scope)
            for call in exits
        )

    def _serves(self, scope: int) -> bool:
        """`run_forever()`, `run_until_shutdown()`: what a program does until it ends."""
        return _SERVES.fullmatch(self.unit.scopes[self.index.function(scope)].name) is not None

    def _is_put_back(self, effect: int) -> bool:
        """`saved = sys.path[:]; sys.path.insert(0, folder); …; sys.path[:] = saved`."""
        call = self.unit.effects[effect]
        if not isinstance(call, Call) or call.receiver == NONE:
            return False
        place, function = self.unit.places[call.receiver], self.index.function(call.scope)
        inside = Place(place.symbol, (*place.path, "[]"), place.call)
        return any(
            isinstance(bind := self.unit.effects[number], Bind)
            and bind.how in ("assign", "element")
            and self.unit.places[bind.target] in (place, inside)
            for number in self.index.of_function.get(function, ())
            if number > effect
        )

    def _hands_on(self, effect: int) -> bool:
        """`return self._meter.create_gauge(name, callbacks)`: a wrapper, with all that it was handed."""
        call = self.unit.effects[effect]
        if not isinstance(call, Call) or not call.args or self.index.destinations.of(effect)[0] != "returned":
            return False
        params = self.unit.scopes[self.index.function(call.scope)].params
        rows = [self.unit.values[value] for value in (*call.args, *(given for _, given in call.keywords))]
        places = [self.unit.places[row.place] for row in rows if row.kind == "place"]
        return len(places) == len(rows) and all(not at.path and at.symbol in params for at in places)

    def _is_closed_here(self, item: Acquisition) -> bool:
        """Python: whether the function that registers a local closes it, and leaves it registered."""
        row = self.unit.values[item.callback]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if self.unit.language != "python" or place is None or place.symbol == NONE:
            return False
        function = self.index.function(self.unit.effects[item.effect].scope)
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == place
            and self.index.function(call.scope) == function
            for number in self.index.calls.get("close", ())
        )

    def _is_made_for_work(self, item: Acquisition) -> bool:
        """`run_build(build)` makes a handler after what it was handed, for this piece of work.

        In Java an object may be the piece of work, and `execute()` make it after a field of that.
        """
        scope = self.index.function(self.unit.effects[item.effect].scope)
        row, given = self.unit.scopes[scope], self.unit.values[item.callback]
        place = self.unit.places[given.place] if given.kind == "place" else None
        binds = self.index.binds.get(place, ()) if place is not None and not place.path else ()
        if self.unit.language == "javascript" or len(binds) != 1 or not _WORKS.match(row.name + "_"):
            return False
        if self.unit.language == "java" and item.pair.name != "log appender":
            return False
        made = self.index.bind(binds[0])
        value = self.unit.values[made.value] if made.value != NONE else None
        call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
        if not isinstance(call, Call) or self.index.function(made.scope) != scope:
            return False
        pending = [*call.args, *(each for _, each in call.keywords)]
        for _ in range(_PARTS):
            if not pending:
                break
            part = self.unit.values[pending.pop()]
            pending += part.parts
            inner = self.unit.effects[part.call] if part.kind == "call" else None
            if isinstance(inner, Call):
                if inner.name in ("StringIO", "BytesIO"):
                    return True  # what is logged meanwhile
                pending += inner.args
                if inner.receiver != NONE and self.unit.places[inner.receiver].symbol in row.params:
                    return True  # `FileHandler(job.log_file())`
            local = self.unit.places[part.place] if part.kind == "place" else None
            if local is not None and (local.symbol in row.params or self._is_given(local)):
                return True
            if local is not None and not local.path:  # `name = f"{job.name}.log"`
                binds = self.index.binds.get(local, ())
                pending += [self.index.bind(each).value for each in binds if each < item.effect]
        return False

    def _is_given(self, field: Place) -> bool:
        """Java: a field of `this` that the constructor was given, of a class that is no singleton."""
        symbol = self.index.symbol(field)
        if self.unit.language != "java" or symbol is None or symbol.kind != "this" or len(field.path) != 1:
            return False
        if self.repeats.is_singleton(symbol.target) or self.lifecycle.is_service(symbol.target):
            return False
        binds = [self.index.bind(number) for number in self.index.binds.get(field, ())]
        rows = [self.unit.values[bind.value] for bind in binds if bind.value != NONE]
        roots = [self.index.symbol(self.unit.places[row.place]) for row in rows if row.kind == "place"]
        return any(root is not None and root.kind == "parameter" for root in roots)

    def _is_of_work(self, leak: Leak) -> bool:
        """JavaScript: `process.on("exit", kill)` of a function that does one piece of work, for that."""
        scope = self.unit.effects[leak.item.effect].scope
        row = self.unit.scopes[self.index.function(scope)]
        if not row.params or not _WORKS.match(row.name) or leak.item.callback == NONE:
            return False
        return self.per_call.refers_to_call(leak.item.callback, scope)

    def _is_fallback(self, effect: int) -> bool:
        """`if (!file.delete()) file.deleteOnExit()`: only where the proper way has failed."""
        for index in self._around(effect):
            region = self.unit.regions[index]
            if region.kind == "except":
                return True
            if region.kind == "branch" and region.test != NONE:
                pending = [region.test]
                while pending:
                    row = self.unit.values[pending.pop()]
                    pending += row.parts
                    call = self.unit.effects[row.call] if row.kind == "call" else None
                    if isinstance(call, Call) and call.name in ("delete", "exists", "isFile", "unlink"):
                        return True
        return False

    def _around(self, effect: int) -> Iterator[int]:
        """The regions around an effect, and those in which the functions and classes around it are made."""
        yield from self.index.regions(self.unit.effects[effect].region)
        scope = self.unit.effects[effect].scope
        while scope != NONE:
            yield from self.index.regions(self.unit.scopes[scope].region)
            scope = self.unit.scopes[scope].parent

    def _starts(self, scope: int) -> bool:
        """Whether a function is named as one that starts or registers something."""
        names = (self.unit.scopes[function].name for function in self.index.enclosing(scope))
        return any(first_word(name) in _STARTS for name in names if name)

    def _is_one_of_many(self, item: Acquisition) -> bool:
        """Java: a constructor registers its object, by a helper, under a name of its own."""
        function = self.index.function(self.unit.effects[item.effect].scope)
        callers = self.index.callers.get(function, ())
        if not any(
            self.unit.scopes[self.index.function_at(number)].kind == "constructor" for number in callers
        ):
            return False
        row = self.unit.values[item.event] if item.pair.when_closed and item.event != NONE else None
        if row is not None and row.kind == "place":
            binds = [
                self.index.bind(number) for number in self.index.binds.get(self.unit.places[row.place], ())
            ]
            values = [self.unit.values[bind.value] for bind in binds if bind.value != NONE]
            row = next((value for value in values if value.kind == "call"), None)
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(call, Call) and any(self._varies(value) for value in call.args)

    def _varies(self, value: int) -> bool:
        """Whether a text has a part that differs from object to object."""
        row = self.unit.values[value]
        if row.kind == "place":
            symbol = self.index.symbol(self.unit.places[row.place])
            return symbol is not None and symbol.kind in ("this", "parameter")
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return any(
            self._varies(part) for part in (*row.parts, *(call.args if isinstance(call, Call) else ()))
        )

    def _is_begin(self, scope: int) -> bool:
        """JavaScript: whether the function is `cli()`, `main()`, `start()`: with nothing more in its name."""
        for function in self.index.enclosing(scope):
            name = self.unit.scopes[function].name
            if name:
                return name in _BEGINS
        return False

    def _at_start(self, scope: int) -> bool:
        """Whether a class is the program itself: `Main`, `Launcher`, in Python also by its base."""
        owner = self.lifecycle.owner_of(scope)
        if owner == NONE:
            return False
        if self.unit.language == "python" and self._starts(scope):
            return any(name.endswith(_PROGRAMS) for name in plurality.names(self.unit, owner))
        return self.unit.owners[owner].name.endswith(_PROGRAMS)

    def _wraps_parameter(self, value: int) -> bool:
        """`new Thread(hook)` of a parameter: an API of its own, whose callers decide how often."""
        row = self.unit.values[value]
        if row.kind != "call":
            return False
        call = self.unit.effects[row.call]
        assert isinstance(call, Call)
        parts = [self.unit.values[argument] for argument in call.args]
        places = [self.unit.places[part.place] for part in parts if part.kind == "place"]
        return (
            bool(parts)
            and len(places) == len(parts)
            and all(
                place.symbol != NONE and self.unit.symbols[place.symbol].kind == "parameter"
                for place in places
            )
        )
