"""Python objects that attach themselves, while they are made or started, to a subject that outlives them.

Two proofs that the subject does: it is a variable of a module, or the code that makes one object after the
other hands the same field to each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.names import callee_name
from leaklint.solve.subscription.attaching.attached import Attached
from leaklint.solve.subscription.attachments import Attachments

# functions whose first argument is what is listened to
_ON_FIRST = frozenset({"sqlalchemy.event.listen", "event.listen", "pydispatch.dispatcher.connect"})
_OPENS = frozenset(
    {"start", "open", "connect", "setup", "attach", "bind", "activate", "enable", "subscribe"}
) | {
    *("__enter__", "__aenter__", "async_added_to_hass", "on_mount", "show", "listen", "register", "begin"),
}
# functions that run once, or once for each program that they are the whole of
_ONCE = frozenset(
    {"main", "run", "init", "initialize", "setup", "configure", "create", "build", "boot", "ready"}
)
_MANY = regex(
    r"(View|Dialog|Window|Widget|Panel|Page|Tab|Popup|Session|Connection|Request|Job|Task|Export|Import|Upload|"
    r"Download|Stream|Call|Client|Consumer|Subscriber|Subscription|Document|Row|Item|Cell|Node|Player|Room|"
    r"Game|Editor|Inspector|Preview|Form|Screen|Handler|Protocol|Peer|Terminal|Cursor|Query|Transaction)s?$"
)
_WEAK = ("WeakMethod", "ref", "proxy", "saferef", "safe_ref")
_ON = regex(r"on_[a-z]\w+")


class Subjects:
    """Attachments of one unit that a constructor or an opening method makes and nothing takes off."""

    def __init__(self, attachments: Attachments) -> None:
        self.attachments = attachments
        self.growths = attachments.growths
        self.index = attachments.index
        self.unit: Unit = attachments.unit
        self.lifecycle = attachments.lifecycle
        self.repeats = attachments.repeats

    def found(self) -> Iterator[Attached]:
        named = {
            number
            for name in self.index.calls
            if self.attachments.verbs.attaches(name) or _ON.fullmatch(name)
            for number in self.index.calls[name]
        }
        for number in sorted(named.union(self.attachments.verbs.additions())):
            item = self._judge(number)
            if item is not None:
                yield item

    def _judge(self, number: int) -> Attached | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        scope = self.index.function(call.scope)
        owner = self.lifecycle.owner_of(call.scope)
        if call.receiver == NONE or owner == NONE or self.repeats.is_singleton(owner):
            return None
        if not self._opens(scope, owner) or self.growths.guards.init_guarded(number):
            return None
        subject = self._subject(number, call)
        callback = self.own(call, owner)
        if subject is None or callback == NONE or self.attachments.verbs.is_passing(call):
            return None
        if self._is_kept_weakly(call.name):
            return None
        if self.attachments.undoing.is_undone(call) or self.attachments.is_used(number):
            return None
        if self.attachments.verbs.is_qt() and not self.attachments.attachables.is_fresh(callback):
            return None  # Qt forgets bound methods together with their object
        if self._is_of_module(subject):
            made = self.are_made(owner)
            own = self.unit.symbols[subject.symbol].kind != "import"  # others may hold it weakly
            lasts = made or (own and self.are_many(owner))
        else:
            lasts = self._is_shared(subject, owner)
        return Attached(number, subject, callback, "shared", owner) if lasts else None

    def _opens(self, scope: int, owner: int) -> bool:
        row = self.unit.scopes[scope]
        if row.kind == "constructor" or self.lifecycle.while_made(scope):
            return True
        return row.kind == "method" and (
            row.name in self.lifecycle.setup_names or first_word(row.name) in _OPENS
        )

    # -- what is attached, and to what

    def _subject(self, number: int, call: Call) -> Place | None:
        place = self.unit.places[call.receiver]
        if callee_name(self.unit, number) in _ON_FIRST:
            row = self.unit.values[call.args[0]] if call.args else None
            if row is None or row.kind != "place":
                return None
            place = self.unit.places[row.place]
        if place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "import" and symbol.imported == "*" and not place.path:
            return None  # a function of a module, which has a rule of its own where it is known
        return None if symbol.kind == "this" and not place.path else place

    def own(self, call: Call, owner: int) -> int:
        """The argument that refers to the object: a bound method, the object, a function around it."""
        this = self.unit.owners[owner].this
        for value in (*call.args[::-1], *(value for _, value in call.keywords)):
            if self._refers(value, this):
                return value
        return NONE

    def _refers(self, value: int, this: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "closure":
            return this in self.unit.scopes[row.scope].captures
        if row.kind == "call":
            made = self.unit.effects[row.call]
            if not isinstance(made, Call) or made.name not in ("partial", "partialmethod"):
                return False
            return any(self._refers(part, this) for part in made.args)
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if place.symbol == this:
            owner = symbol.target
            return not place.path or (
                len(place.path) == 1 and self.index.method(owner, place.path[0][1:]) != NONE
            )
        nested = symbol.kind == "function" and symbol.scope != 0 and not place.path and symbol.target != NONE
        return nested and this in self.unit.scopes[symbol.target].captures

    def _is_kept_weakly(self, name: str) -> bool:
        """Whether a class of the unit has a method of that name that keeps weak references."""
        scopes = {names[name] for names in self.index.method_names.values() if name in names}
        numbers = [number for weak in _WEAK for number in self.index.calls.get(weak, ())]
        for holder in self.growths.holders.by_place.values() if scopes else ():
            if holder.container is not None and holder.container.weak:
                numbers += [item.effect for item in holder.growths]
        return any(self.index.function(self.unit.effects[number].scope) in scopes for number in numbers)

    # -- how long the subject lives, and how many objects there are

    def _is_of_module(self, subject: Place) -> bool:
        symbol = self.unit.symbols[subject.symbol]
        if symbol.kind == "import":
            return True
        return symbol.kind in ("variable", "constant") and symbol.scope == 0

    def are_made(self, owner: int) -> bool:
        """Whether code here makes objects of a class again and again."""
        name = self.unit.owners[owner].name
        return any(self._makes_many(number) for number in self.index.calls.get(name, ()))

    def are_many(self, owner: int) -> bool:
        """Whether the name of a class says that its objects come and go."""
        row = self.unit.owners[owner]
        if plurality.is_one(self.unit, owner) or self.lifecycle.lives_long(owner):
            return False
        return bool(_MANY.search(row.name)) or plurality.comes_and_goes(self.unit, owner)

    def _makes_many(self, number: int) -> bool:
        """Whether a construction stands in code that runs again, and no field keeps the one object."""
        call = self.unit.effects[number]
        scope = self.unit.scopes[self.index.function(call.scope)]
        if scope.kind not in ("function", "method") or not self.repeats.repeats(number):
            return False
        if first_word(scope.name) in _ONCE or scope.name.lower().endswith(("_app", "main", "setup")):
            return False
        if scope.flags & {"property", "classmethod"} or self.growths.guards.init_guarded(number):
            return False
        after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
        if (
            isinstance(after, Bind)
            and after.how != "element"
            and after.at <= call.at
            and call.end <= after.end
        ):
            target = self.unit.places[after.target]
            symbol = self.unit.symbols[target.symbol] if target.symbol != NONE else None
            if symbol is None or target.path or symbol.scope == 0:
                return False
        return True

    def _is_shared(self, subject: Place, owner: int) -> bool:
        """Whether each object is handed the same subject, by code that makes one after the other."""
        parameter = self._parameter(subject, owner)
        made = self.index.method_names.get(owner, {}).get("__init__", NONE)
        own = subject.symbol == self.unit.owners[owner].this and bool(subject.path)
        fields = self._fields(owner) if made == NONE and own else []
        if parameter == NONE and not fields:
            return False
        name = self.unit.symbols[parameter].name if parameter != NONE else subject.path[0][1:]
        names = (
            [self.unit.symbols[each].name for each in self.unit.scopes[made].params]
            if made != NONE
            else fields
        )
        if name not in names:
            return False
        position = names.index(name)
        for number in self.index.calls.get(self.unit.owners[owner].name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            given = next((value for keyword, value in call.keywords if keyword == name), NONE)
            if given == NONE and position < len(call.args):
                given = call.args[position]
            if given != NONE and self._lasts(given, call) and self._makes_many(number):
                return True
        return False

    def _parameter(self, subject: Place, owner: int) -> int:
        """The parameter of the constructor behind a subject: itself, or what the field was given."""
        symbol = self.unit.symbols[subject.symbol]
        if symbol.kind == "parameter":
            return subject.symbol if self.unit.scopes[symbol.scope].kind == "constructor" else NONE
        if symbol.kind != "this" or not subject.path or symbol.target != owner:
            return NONE
        binds = self.index.binds.get(Place(subject.symbol, subject.path[:1]), ())
        for number in binds:
            bind = self.index.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            if place is None or place.symbol == NONE or place.path:
                continue
            if self.unit.symbols[place.symbol].kind == "parameter":
                return place.symbol if len(binds) == 1 else NONE
        return NONE

    def _fields(self, owner: int) -> list[str]:
        """Names of the fields of a dataclass, in order; its constructor takes them."""
        scopes = self.unit.scopes
        return [
            symbol.name
            for symbol in self.unit.symbols
            if symbol.kind == "field"
            and scopes[symbol.scope].kind == "class"
            and scopes[symbol.scope].owner == owner
        ]

    def _lasts(self, value: int, call: Call) -> bool:
        """Whether an argument is a field of the maker or a variable of a module: the same for each object."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            owner = self.lifecycle.owner_of(call.scope)
            return owner != NONE and not self.lifecycle.is_short_lived(owner)
        return self._is_of_module(place) and symbol.kind != "import"
