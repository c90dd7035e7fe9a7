"""Memoised functions: decorators that keep results by arguments, and how many."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Evidence
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.models import Memo, Models
from leaklint.solve.growth.keptresults import kept_in, made_by
from leaklint.solve.index import Index
from leaklint.solve.interface import Links, offered_function
from leaklint.solve.keying.domain import BOUNDED, Domain
from leaklint.solve.keys import Keys
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name, plain_name, resolved_name
from leaklint.solve.once import once_a_table
from leaklint.solve.repeats import Repeats
from leaklint.solve.wording import stem_of

# Python: calls that want a function, a class or a module of the program, or the name of one
_OF_CODE = frozenset(
    {
        *("inspect.getsource", "inspect.getsourcelines", "inspect.getsourcefile", "inspect.getfile"),
        *("inspect.getfullargspec", "inspect.signature", "inspect.getmodule", "inspect.getmro"),
        "inspect.get_annotations",
        *("typing.get_type_hints", "typing_extensions.get_type_hints", "importlib.import_module"),
        "get_type_hints",
    }
)
_OF_CLASS = regex(r"(?i)_*class_?(only_?)?(property|attribute|method)|cached_?class_?\w+")
_TUPLES = frozenset(
    {
        "NamedTuple",
        "typing.NamedTuple",
        "collections.namedtuple",
        "namedtuple",
        "typing_extensions.NamedTuple",
    }
)
_CLASS_PARAMETERS = frozenset({"self", "cls"})


class Memoised(msgspec.Struct):
    """One memoised function. bound: its limit, None without; at, end: the decorator."""

    scope: int
    name: str
    at: int
    end: int
    declaration: Evidence
    bound: str | None
    is_method: bool
    is_process_owner: bool
    is_of_value: bool
    few_arguments: bool
    small_arguments: bool
    cleared: bool


class _Known:
    """What the models say of memoising decorators, and of the bases of classes with few objects."""

    def __init__(self, models: Models) -> None:
        self.by_name = {plain_name(name): row for row in models.memo for name in row.names}
        self.last_names = {name.rpartition(".")[2] for name in self.by_name}
        self.clears = {row.clear for row in models.memo if row.clear}
        self.enums = {base for row in models.component if row.lifetime == "process" for base in row.bases}


_known = once_a_table(_Known)


class Memos:
    """All memoised functions of a unit."""

    def __init__(self, index: Index, keys: Keys, repeats: Repeats, models: Models, links: Links) -> None:
        self.index = index
        self.links = links
        self.unit: Unit = index.unit
        self.keys = keys
        self.repeats = repeats
        self._known = _known(models)
        self.clears = self._known.clears
        self.found = [*self._find(), *self._called()] if self._known.by_name else []

    def _called(self) -> Iterator[Memoised]:
        """`const parse = memoize(text => …)` of a module: a helper that is called, instead of put on."""
        calls = self.index.named
        names = self._known.last_names & calls.keys()
        for name in sorted(names):
            for number in calls[name]:
                call = self.unit.effects[number]
                if not isinstance(call, Call) or (name != call.name and call.name in names):
                    continue  # goes by both names
                row = self._known.by_name.get(plain_name(callee_name(self.unit, number)))
                if row is None or row.method_safe or row.function < 0:
                    continue
                if len(call.args) <= row.function:
                    continue
                scope = self._function(call.args[row.function])
                for made in made_by(self.index, number) if scope != NONE else ():
                    place = kept_in(self.index, made)
                    if place is not None and self.repeats.runs(self.unit.effects[made].scope) == "import":
                        yield self._of_call(number, made, scope, row, place)

    def _function(self, value: int) -> int:
        """The scope of a function that is handed over, itself or by its name; NONE when unknown."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return row.scope
        place = self.unit.places[row.place] if row.kind == "place" else None
        named = place is not None and place.symbol != NONE and not place.path
        return self.index.function_of(place.symbol) if named and place is not None else NONE

    def _of_call(self, number: int, made: int, scope: int, row: Memo, place: Place) -> Memoised:
        """number: the call of the helper; made: the one whose result the module keeps."""
        call = self.unit.effects[made]
        assert isinstance(call, Call)
        domains = self._domains(scope)[: row.parameters or None]
        stem = stem_of(self.unit.path)
        return Memoised(
            scope,
            f"{stem}.{self.index.last_name(place)}",
            call.at_name or call.at,
            call.end,
            Evidence(
                self.unit.path,
                self.unit.scopes[scope].at,
                self._signature_end(scope),
                "the function whose calls are kept",
            ),
            self._bound(row, number),
            is_method=False,
            is_process_owner=False,
            is_of_value=False,
            few_arguments=all(domain in BOUNDED for domain in domains),
            small_arguments=any(domain == "small" for domain in domains)
            and all(domain in BOUNDED or domain == "small" for domain in domains),
            cleared=self._is_emptied(place, row),
        )

    def _is_emptied(self, place: Place, row: Memo) -> bool:
        """Whether the unit reaches for the cache of a memoised function: `parse.cache.clear()`."""
        for name in (row.clear, "clear"):  # `loader.clearAll()`, `loader.clear(key)`
            for number in self.index.calls.get(name, ()) if row.clear else ():
                receiver = self.unit.effects[number].receiver  # type: ignore[union-attr]
                if receiver != NONE and self.unit.places[receiver] == place:
                    return True
        return bool(row.clear) and any(
            other.symbol == place.symbol and other.path[len(place.path) :][:1] == (f".{row.clear}",)
            for other in self.unit.places
        )

    def _find(self) -> Iterator[Memoised]:
        for number, scope in enumerate(self.unit.scopes):
            for decorator in scope.decorators:
                row, call = self._model(decorator)
                if row is not None and not row.method_safe:
                    yield self._memoised(number, decorator, row, call)
                    break

    def _model(self, decorator: int) -> tuple[Memo | None, int]:
        value = self.unit.values[decorator]
        if value.kind == "place":
            name = resolved_name(self.unit, self.unit.places[value.place])
            return self._known.by_name.get(plain_name(name)), NONE
        if value.kind == "call":
            return self._known.by_name.get(plain_name(callee_name(self.unit, value.call))), value.call
        return None, NONE

    def _memoised(self, number: int, decorator: int, row: Memo, call: int) -> Memoised:
        scope, value = self.unit.scopes[number], self.unit.values[decorator]
        is_method = (
            scope.kind in ("method", "constructor")
            and not scope.flags & {"static", "classmethod"}
            and not self._takes_class(number)
        )
        domains = self._domains(number)
        owner = self.unit.owners[scope.owner].name if scope.kind == "method" and scope.owner != NONE else ""
        stem = stem_of(self.unit.path)
        return Memoised(
            number,
            f"{owner or stem}.{scope.name}",
            value.at,
            value.end,
            Evidence(
                self.unit.path, scope.at, self._signature_end(number), "the function whose calls are kept"
            ),
            self._bound(row, call),
            is_method,
            is_method and self._lives_on(scope.owner),
            is_method and self._is_value(scope.owner),
            not is_method and all(domain in BOUNDED for domain in domains),
            any(domain == "small" for domain in domains)
            and all(domain in BOUNDED or domain == "small" for domain in domains),
            bool(row.clear) and self._is_cleared(number, row.clear),
        )

    def _signature_end(self, number: int) -> int:
        scope = self.unit.scopes[number]
        ends = [self.unit.symbols[param].end for param in scope.params]
        return max([scope.at + 4, *ends])

    def _domains(self, number: int) -> list[Domain]:
        code = self._code(number)
        return [
            "small" if code else self.keys.of_symbol(param)
            for param in self.unit.scopes[number].params
            if self.unit.symbols[param].name not in _CLASS_PARAMETERS
        ]

    def _code(self, number: int) -> set[int]:
        """Parameters of a function that it asks for their source, signature or module."""
        found: set[int] = set()
        for each in self.index.of_function.get(number, ()) if self.unit.language == "python" else ():
            call = self.unit.effects[each]
            if isinstance(call, Call) and call.args and callee_name(self.unit, each) in _OF_CODE:
                row = self.unit.values[call.args[0]]
                place = self.unit.places[row.place] if row.kind == "place" else None
                if place is not None and not place.path and place.symbol in self.unit.scopes[number].params:
                    found.add(place.symbol)
        return found

    def _bound(self, row: Memo, call: int) -> str | None:
        """The limit as text; None when there is none."""
        default = str(row.default_size) if row.default_size >= 0 else None
        if call == NONE:
            return default
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        argument = NONE
        if 0 <= row.size_position < len(effect.args):
            argument = effect.args[row.size_position]
        for keyword, value in (*effect.keywords, *self._options(effect)):
            if keyword == row.size_keyword or keyword in row.limits:
                argument = value
        if argument == NONE:
            return default
        size = self.unit.values[argument]
        if size.kind == "null":
            return None
        if size.kind == "number":
            return size.text
        name = self.index.last_name(self.unit.places[size.place]) if size.kind == "place" else ""
        return f"`{name}`" if name else "maxsize"

    def _options(self, call: Call) -> Iterator[tuple[str, int]]:
        """JavaScript: what a last argument `{max: 10}` names; options from elsewhere may name anything."""
        row = self.unit.values[call.args[-1]] if len(call.args) > 1 else None
        if row is not None and self.unit.language == "javascript":
            yield from zip(row.keys, row.parts, strict=False)

    def _takes_class(self, number: int) -> bool:
        """Behind a decorator that hands the class over, such as a `classproperty`."""
        for decorator in self.unit.scopes[number].decorators:
            value = self.unit.values[decorator]
            place = self.unit.places[value.place] if value.kind == "place" else None
            if place is not None and _OF_CLASS.fullmatch(self.index.last_name(place)):
                return True
        return False

    def _is_value(self, owner: int) -> bool:
        """A named tuple, or a frozen data class: equal ones share an entry, and refer to little."""
        if owner == NONE:
            return False
        row = self.unit.owners[owner]
        for base in row.bases:
            value = self.unit.values[base]
            if value.kind == "place" and resolved_name(self.unit, self.unit.places[value.place]) in _TUPLES:
                return True
            if value.kind == "call" and callee_name(self.unit, value.call) in _TUPLES:
                return True
        for decorator in row.decorators:
            call = self.unit.values[decorator].call
            if self.unit.values[decorator].kind != "call":
                continue
            effect = self.unit.effects[call]
            if isinstance(effect, Call) and any(
                name == "frozen" and self.unit.values[value].text.lower() == "true"
                for name, value in effect.keywords
            ):
                return True
        return False

    def _lives_on(self, owner: int) -> bool:
        """Enum members and the one instance of a singleton live as long as the process."""
        if owner == NONE:
            return False
        if self.repeats.is_singleton(owner):
            return True
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            if value.kind == "place":
                place = self.unit.places[value.place]
                name = resolved_name(self.unit, place)
                if name in self._known.enums:
                    return True
        return any(self._lives_on(base) for base in self.index.base_owners(owner) if base != owner)

    def _is_cleared(self, number: int, clear: str) -> bool:
        """Whether `function.cache_clear()` stands somewhere in a function of the project."""
        if self.links.emptied and offered_function(self.unit, number) in self.links.emptied:
            return True
        name = self.unit.scopes[number].name
        for index in self.index.calls.get(clear, ()):
            call = self.unit.effects[index]
            assert isinstance(call, Call)
            if call.receiver == NONE or self.repeats.runs(call.scope) == "import":
                continue
            place = self.unit.places[call.receiver]
            if self.index.last_name(place) == name:
                return True
        return False
