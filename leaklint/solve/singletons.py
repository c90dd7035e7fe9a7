"""Classes of which a program has one object, and those of which there is one for each request or lookup."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.once import once_a_table

# what a constant is called that does nothing
_NONE = frozenset({"NOOP", "NO_OP", "NOP", "NONE", "EMPTY", "NULL", "DUMMY", "DISABLED", "NULL_OBJECT"})


class _Known:
    """What the models say of classes by their decorators."""

    def __init__(self, models: Models) -> None:
        rows = models.component
        self.scoped = {name for row in rows if row.lifetime == "component" for name in row.decorators}
        self.lasting = {name for row in rows if row.lifetime == "process" for name in row.decorators}


_known = once_a_table(_Known)


class Singletons:
    """Answers for the classes of one unit, by their owner."""

    def __init__(self, index: Index, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._known = _known(models)
        self._ones: dict[int, bool] = {}

    def is_one(self, owner: int) -> bool:
        """Whether the unit makes exactly one instance of an owner, at import."""
        known = self._ones.get(owner)
        if known is None:
            self._ones[owner] = False
            known = self._ones[owner] = self._find(owner)
        return known

    def _find(self, owner: int) -> bool:
        unit, row = self.unit, self.unit.owners[owner]
        if row.kind in ("enum", "object"):
            return row.kind == "enum"
        if self.is_scoped(owner):
            return False
        names = [self.index.name_of(value) for value in row.decorators] if unit.language == "java" else []
        if any(name in self._known.lasting for name in names):
            return True
        if row.symbol == NONE or row.name.endswith("Builder"):
            return False  # one builder for each thing that is built
        made = self._constructions(row.symbol, row.name)
        if len(made) != 1:
            return False
        call = unit.effects[made[0]]
        if self.is_of_instance(made[0]) or self._stands_for_none(made[0]):
            return False  # the initializer of a field: one for each object
        around = unit.scopes[self.index.function(call.scope)]
        return around.kind in ("module", "class", "static-block") and not (
            self.index.in_main_guard(call.region) or self.index.in_loop(call.region)
        )

    def _stands_for_none(self, made: int) -> bool:
        """Java: `static final Parser NOOP = new Parser(List.of())`: the others are made elsewhere."""
        after = self.unit.effects[made + 1 : made + 3] if self.unit.language == "java" else []
        targets = [self.unit.places[effect.target] for effect in after if isinstance(effect, Bind)]
        return any(place.path and place.path[-1][1:] in _NONE for place in targets)

    def is_scoped(self, owner: int) -> bool:
        """Java: whether an annotation says that there is one for each request, session or lookup."""
        decorators = self.unit.owners[owner].decorators if self.unit.language == "java" else ()
        names = [self.index.name_of(value) for value in decorators]
        return any(name in self._known.scoped or self._is_scoped(name, decorators) for name in names)

    def is_made_anew(self, owner: int) -> bool:
        """Java: whether a container makes one for each place that wants one: `@Inject` without a scope."""
        row = self.unit.owners[owner]
        made = [self.unit.scopes[scope] for scope in row.methods]
        given = any(
            self.index.name_of(value) == "Inject"
            for scope in made
            if scope.kind == "constructor"
            for value in scope.decorators
        )
        return given and not any(self.index.name_of(value) in self._known.lasting for value in row.decorators)

    def makes_one(self, decorators: tuple[int, ...]) -> bool:
        """Java: whether a container calls a method once: `@Bean`, `@Provides @Singleton`."""
        names = {self.index.name_of(value) for value in decorators}
        if any(name in self._known.scoped or self._is_scoped(name, decorators) for name in names):
            return False
        return "Bean" in names or (
            not names.isdisjoint(("Provides", "Produces")) and not names.isdisjoint(self._known.lasting)
        )

    def _is_scoped(self, name: str, decorators: tuple[int, ...]) -> bool:
        """`@Scope("prototype")`, and any other scope that is not said to be the singleton."""
        if name != "Scope":
            return False
        for value in decorators:
            row = self.unit.values[value]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call) and call.name == "Scope":
                said = [*call.args, *(argument for _, argument in call.keywords)]
                return not any("singleton" in self._word(argument).lower() for argument in said)
        return False

    def _word(self, value: int) -> str:
        row = self.unit.values[value]
        return "".join(self.unit.places[row.place].path) if row.kind == "place" else row.text

    def is_open(self, owner: int) -> bool:
        """Whether others may make instances of a class as well: it has a constructor that is not private."""
        row = self.unit.owners[owner]
        made = [self.unit.scopes[scope] for scope in row.methods]
        made = [scope for scope in made if scope.kind == "constructor"]
        return not row.decorators and any("private" not in scope.flags for scope in made)

    def is_of_instance(self, index: int) -> bool:
        """Whether an effect in a class body belongs to the initializer of an instance field."""
        effects = self.unit.effects
        scope = effects[index].scope
        if self.unit.scopes[scope].kind != "class":
            return False
        for effect in effects[index + 1 : index + 60]:
            if isinstance(effect, Bind) and effect.scope == scope:
                target = self.unit.places[effect.target]
                return target.symbol != NONE and self.unit.symbols[target.symbol].kind == "this"
        return False

    def _constructions(self, symbol: int, name: str) -> list[int]:
        unit = self.unit
        found = []
        for index in self.index.calls.get(name, ()):
            call = unit.effects[index]
            assert isinstance(call, Call)
            if call.receiver == NONE and call.callee != NONE and unit.places[call.callee] == Place(symbol):
                found.append(index)
        return found
