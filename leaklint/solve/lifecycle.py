"""Life cycles: which owners come and go, which of their methods open and which close."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Scope, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import Patterns, resolved_name
from leaklint.solve.once import once_a_table
from leaklint.solve.repeats import Repeats
from leaklint.solve.service import Services
from leaklint.solve.standing import Standing

# names of classes whose objects serve for as long as the program does
_SERVICE = regex(
    r"(Manager|Registry|Service|Server|Store|Pool|Cache|Controller|Provider|Broker|Scheduler|Monitor|"
    r"Dispatcher|Engine|Repository|Client|Coordinator|Tracker|Bus|Gateway|Supervisor|Daemon|Hub|"
    r"Router|Partitioner|Reporter|Accumulator|Proxy|Balancer|Watcher|Database|Backend|"
    r"Application|App|Bot|Consumer|Producer|Exchange|Transport|Bridge|"
    r"Farm|FileSystem|Cluster|Agent|Exporter|Limiter|Interceptor|Middleware)(Base|Impl|Support)?$"
)
# names of classes whose objects are made for one piece of work
_SHORT_LIVED = regex(
    r"(?i)mock|fake|stub|test|builder|result|request|response|event|options|visitor|parser|assignment|record|"
    r"collector|printer|formatter|generator|compiler|transform|walker|query|iterator|summary|report$|action$|"
    r"migrat|importer|snapshot|diff|plan|analy[sz]er|chunk"
)
# methods that NestJS and Angular call once, right after they have made an object
_MADE = frozenset(
    {"onModuleInit", "onApplicationBootstrap", "ngOnInit", "ngAfterViewInit", "readObject", "readExternal"}
)
_DEALT_WITH = regex(r"(?i)_?\w*(request|response|event|result|record|query|snapshot)s?")
_TAKES_OFF = frozenset({"off", "unbind", "unsubscribe", "unlisten", "unwatch", "stopListening", "remove"})
_AT_ONCE = frozenset({"list", "set", "dict"})  # Python: comprehensions, done where they stand
_FROM_VUE = ("vue", "@vue/composition-api", "@vue/runtime-core")
# life-cycle methods by which an object literal is known as a component
_VUE = frozenset(
    {"beforeCreate", "mounted", "beforeDestroy", "beforeUnmount", "unmounted", "destroyed", "beforeMount"}
) | {
    *("_create", "componentWillUnmount", "didInsertElement", "willDestroyElement"),  # jQuery UI, React, Ember
    *("created", "beforeCreate", "componentDidMount"),
}


class _Known:
    """What the models say of classes and their methods."""

    def __init__(self, models: Models) -> None:
        self.components = [row for row in models.component if row.lifetime == "component"]
        bases = [base for row in models.component if row.lifetime == "process" for base in row.bases]
        self.process_bases = frozenset(bases)
        self.process_tails = tuple(base[1:] for base in bases if base.startswith("*"))
        self.teardown_names = models.teardown_names.union(*(row.teardown for row in self.components))
        self.setup_names = models.setup_names.union(*(row.setup for row in self.components))
        self.full_bases = {base for row in self.components for base in row.bases if "." in base}
        self.effects = Patterns(models.effects)
        self.inline = Patterns(models.inline_callbacks)


_known = once_a_table(_Known)


class Lifecycle:
    """Answers about owners and scopes of one unit."""

    def __init__(self, index: Index, repeats: Repeats, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats
        self._known = _known(models)
        self.teardown_names = self._known.teardown_names
        self.setup_names = self._known.setup_names
        self.registrar_names = models.registrar_names
        self._services = Services(index, repeats)
        self._standing = Standing(index, repeats)
        self._reachable: dict[int, bool] = {}
        self._worked: dict[str, bool] = {}

    def effect_hook(self, scope: int) -> int:
        """The call of the hook (useEffect) whose callback contains a scope, or NONE."""
        for function in self.index.enclosing(scope):
            argument = self.index.argument_of.get(function)
            if argument is None:
                continue
            hook = self._kept_for(argument[0])
            if self._known.effects.match(self.unit, hook):
                return hook
        return NONE

    def _kept_for(self, number: int) -> int:
        """React: the hook that is handed what `useCallback` gives back, or the call itself."""
        call, effects = self.unit.effects[number], self.unit.effects
        around = effects[number + 1] if number + 1 < len(effects) else None
        if not isinstance(call, Call) or call.name != "useCallback" or not isinstance(around, Call):
            return number
        first = self.unit.values[around.args[0]] if around.args else None
        return number + 1 if first is not None and first.kind == "call" and first.call == number else number

    def is_component_script(self, scope: int) -> bool:
        """Whether a scope lies in the script of a single-file component, which runs once an instance."""
        if self.unit.dialect not in ("vue", "svelte"):
            return False
        return any(
            "component" in self.unit.scopes[function].flags for function in self.index.enclosing(scope)
        )

    def is_of_root(self, scope: int) -> bool:
        """JavaScript: whether a scope lies in the component around all others: `App.vue`, `AppComponent`."""
        if self.unit.dialect in ("vue", "svelte"):
            return self.unit.path.rpartition("/")[2].partition(".")[0] in ("App", "app")
        owner = self.owner_of(scope) if self.unit.language == "javascript" else NONE
        return owner != NONE and self.unit.owners[owner].name == "AppComponent"

    def owner_of(self, scope: int) -> int:
        """The owner whose method a scope is or is nested in, or NONE."""
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.kind in ("method", "constructor") and row.owner != NONE:
                return row.owner
        while self.unit.language == "javascript" and scope != NONE:  # the initializer of a field
            row = self.unit.scopes[scope]
            if row.kind == "class":
                return row.owner
            scope = row.parent
        return NONE

    def is_component(self, owner: int) -> bool:
        """Whether a class is a component of a framework whose instances come and go."""
        row = self.unit.owners[owner]
        if row.kind == "object":
            methods = self.index.method_names.get(owner, {})
            if "setup" in methods and not self.index.import_modules.isdisjoint(_FROM_VUE):
                return not row.name[:1].islower()  # `export default {…}` or `const Panel = {…}`
            return not _VUE.isdisjoint(methods) or ("created" in methods and self._is_of_vue(owner))
        names = {self._name(base) for base in row.bases}
        decorators = {self._name(value) for value in row.decorators}
        for component in self._known.components:
            if names & set(component.bases) or decorators & set(component.decorators):
                return True
            tails = tuple(base[1:] for base in component.bases if base.startswith("*"))
            if tails and any(name.endswith(tails) for name in names):
                return True
        return any(self.is_component(base) for base in self.index.base_owners(owner) if base != owner)

    def _is_of_vue(self, owner: int) -> bool:
        """Whether the methods of an object use what Vue gives its components: `this.$emit`."""
        this = self.unit.owners[owner].this
        return any(
            place.symbol == this and place.path[:1] and place.path[0][:2] == ".$"
            for place in self.unit.places
        )

    def extends_framework(self, owner: int) -> bool:
        """Whether a class extends nothing but a base class of a framework, which ends no field of it."""
        known = {base for component in self._known.components for base in component.bases}
        bases = self.unit.owners[owner].bases
        return bool(bases) and self._name(bases[0]) in known

    def _name(self, value: int) -> str:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return call.name if isinstance(call, Call) else ""
        if row.kind != "place":
            return ""
        place = self.unit.places[row.place]
        full = resolved_name(self.unit, place)
        if self.unit.language == "javascript" and full in self._known.full_bases:
            return full
        if full and full.count(".") <= 1 and self.unit.language != "javascript":
            return full
        if place.symbol == NONE:
            return full
        return self.unit.symbols[place.symbol].name + "".join(place.path)

    def teardown_of(self, owner: int) -> list[int]:
        """Scopes of the methods that end the life of an owner's instances."""
        return [
            scope
            for scope in self.unit.owners[owner].methods
            if self.unit.scopes[scope].name in self.teardown_names and not self._takes_off(scope)
        ]

    def _takes_off(self, scope: int) -> bool:
        """JavaScript: `off(event, handler)`: ends one thing, and not the object."""
        row = self.unit.scopes[scope]
        return self.unit.language == "javascript" and row.name in _TAKES_OFF and bool(row.params)

    def is_short_lived(self, owner: int) -> bool:
        """Whether the objects of a class are made for one piece of work, by its name."""
        return bool(_SHORT_LIVED.search(self.unit.owners[owner].name))

    def is_of_one(self, owner: int) -> bool:
        """Python: whether a class is made for one connection, one `with` block or one piece of work."""
        methods = self.index.method_names.get(owner, {})
        if "__exit__" in methods or "__aexit__" in methods or self.is_short_lived(owner):
            return True
        return self._services.is_per_connection(owner)

    def lives_long(self, owner: int) -> bool:
        """Whether the objects of a class serve long: by its name, and by methods that end their service."""
        name = self.unit.owners[owner].name
        if self.serves_by_code(owner):
            return True
        if not name or (_SHORT_LIVED.search(name) and not self._deals_with_many(name)):
            return False
        if not (_SERVICE.search(name) or self._is_part_of_service(owner) or self._serves(owner)):
            return False
        if self.unit.language == "java" and self.repeats.singletons.is_made_anew(owner):
            return False
        methods = self.index.method_names.get(owner, {})
        return "__exit__" not in methods and "__aexit__" not in methods  # used for one `with` block

    def serves_by_code(self, owner: int) -> bool:
        """Java: whether a class shows by what it does, and not by its name, that its objects serve long."""
        name = self.unit.owners[owner].name
        if self.unit.language != "java" or name.endswith("Builder") or _SERVICE.search(name):
            return False
        return self._standing.serves(owner)

    def _deals_with_many(self, name: str) -> bool:
        """Python, Java: `EventDispatcher`, `ResultStore`: what the first words name is what it deals with."""
        found = _SERVICE.search(name) if self.unit.language != "javascript" else None
        return found is not None and bool(_DEALT_WITH.fullmatch(name[: found.start()]))

    def _serves(self, owner: int) -> bool:
        if self.unit.language not in ("java", "python"):
            return False
        names = [self._name(base) for base in self.unit.owners[owner].bases]
        known = self._known
        if any(name in known.process_bases or name.endswith(known.process_tails) for name in names):
            return True
        return self.unit.language == "python" and self._services.serves(owner)

    def is_local_work(self, owner: int) -> bool:
        """A class whose objects all stay in locals of the functions that make them; Java: nobody else can."""
        row = self.unit.owners[owner]
        if self.unit.language == "python" and row.name:
            return self._is_work_of_a_call(row.name)
        if self.unit.language != "java" or not row.name:
            return False
        if self._is_made_by_others(owner) if row.outer == NONE else "exported" in row.flags:
            return False
        made = [
            index
            for index in self.index.calls.get(row.name, ())
            if self.unit.effects[index].new  # type: ignore[union-attr]
        ]
        locals_of = [self._local_of(index) for index in made]
        return bool(made) and all(symbol != NONE and not self._gets_out(symbol) for symbol in locals_of)

    def _is_work_of_a_call(self, name: str) -> bool:
        """Python: `cache = TracksCache()` of functions that hand it to nobody."""
        known = self._worked.get(name)
        if known is None:
            made = self.index.calls.get(name, ())
            known = bool(made)
            for number in made:
                symbol = self._local_of(number)
                known = known and symbol != NONE and not self._gets_out(symbol)
            self._worked[name] = known
        return known

    def _is_made_by_others(self, owner: int) -> bool:
        """Java: whether a class has a constructor that is not private."""
        rows = [self.unit.scopes[scope] for scope in self.unit.owners[owner].methods]
        made = [row for row in rows if row.kind == "constructor"]
        return not made or any("private" not in row.flags for row in made)

    def _local_of(self, call: int) -> int:
        """The local variable that what a call makes is bound to, or NONE."""
        for place, binds in self.index.binds.items():
            if place.symbol == NONE or place.path:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind not in ("variable", "constant") or symbol.scope in (0, NONE):
                continue
            for number in binds:
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and bind.value != NONE:
                    value = self.unit.values[bind.value]
                    if value.kind == "call" and value.call == call:
                        return place.symbol
        return NONE

    def _gets_out(self, symbol: int) -> bool:
        """Whether a local is returned, stored, captured, or given to other objects."""
        inner = (scope for scope in self.unit.scopes if symbol in scope.captures)
        if any(self.unit.language != "python" or not self._is_done_here(scope) for scope in inner):
            return True
        read = {
            value
            for value in self.index.references.get(symbol, ())
            if not self.unit.places[self.unit.values[value].place].path
        }
        for number, effect in enumerate(self.unit.effects):
            if isinstance(effect, Call):
                if not read.isdisjoint(effect.args) and effect.receiver != NONE:
                    place = self.unit.places[effect.receiver]
                    own = place.symbol != NONE and self.unit.symbols[place.symbol].kind in ("this", "class")
                    if not (own and not place.path) and not self._known.inline.match(self.unit, number):
                        return True
                if effect.new and not read.isdisjoint(effect.args):
                    return True
            elif isinstance(effect, Bind | Leave) and effect.value in read:
                return True
        return False

    def _is_done_here(self, inner: Scope) -> bool:
        """Python: a comprehension, or a nested function that is only called."""
        if inner.kind == "lambda":
            return inner.name in _AT_ONCE
        return inner.kind == "function" and not self.index.references.get(inner.symbol)

    def is_service(self, owner: int) -> bool:
        """Whether the name of a class says that its objects serve long."""
        return bool(_SERVICE.search(self.unit.owners[owner].name))

    def _is_part_of_service(self, owner: int) -> bool:
        """Java: whether its one object is the value of a final field of a class that serves long."""
        row = self.unit.owners[owner]
        if self.unit.language != "java" or row.outer == NONE or row.kind != "class":
            return False
        outer = self.unit.owners[row.outer]
        names = [outer.name, *(self._name(base) for base in outer.bases)]
        if not any(_SERVICE.search(name) for name in names) or _SHORT_LIVED.search(outer.name):
            return False
        made = [
            index
            for index in self.index.calls.get(row.name, ())
            if self.unit.effects[index].new  # type: ignore[union-attr]
        ]
        return len(made) == 1 and self.unit.scopes[self.unit.effects[made[0]].scope].kind == "class"

    def in_teardown(self, scope: int) -> bool:
        """Whether a scope is (nested in) an end-of-life method or function."""
        return any(
            self.unit.scopes[function].name in self.teardown_names for function in self.index.enclosing(scope)
        )

    def while_made(self, scope: int, depth: int = 0) -> bool:
        """Whether a scope runs only while its object is made.

        That is the constructor, what it hands to `forEach` and the like, a method that its framework, or
        serialization, calls right after it, and a private method that nothing but these calls: what they
        store is stored once in the life of an object.
        """
        start = self.index.function(scope)
        row = self.unit.scopes[start]
        if row.kind in ("constructor", "class") or (row.kind == "method" and row.name in _MADE):
            return True
        if start in self.index.argument_of:
            call = self.index.argument_of[start][0]
            return self.repeats.runs_in_place(call) and self.while_made(self.unit.effects[call].scope, depth)
        private = "private" in row.flags or row.name.startswith(("#", "_"))
        callers = self.index.callers.get(start, ())
        if row.kind != "method" or not private or not callers or depth > 3 or self._is_taken(start):
            return False
        return all(self.while_made(self.unit.effects[call].scope, depth + 1) for call in callers)

    def is_registrar(self, scope: int) -> bool:
        """Whether a function is named like configuration or registration: `register_codec`, `addType`."""
        for function in self.index.enclosing(scope):
            name = self.unit.scopes[function].name
            if name:
                made = self.unit.scopes[function].kind == "constructor"
                return not made and first_word(name) in self.registrar_names
        return False

    def is_called(self, scope: int) -> bool:
        """Whether anything outside could run a scope: it has callers, is handed around, or is public."""
        known = self._reachable.get(scope)
        if known is None:
            self._reachable[scope] = True
            known = self._reachable[scope] = self._find_callers(scope)
        return known

    def is_forgotten(self, scope: int) -> bool:
        """Whether a component has a method that would release, which neither it nor its framework calls.

        `unbindEvents()` of a component without a call from `ngOnDestroy` runs never: its users are
        templates and the framework, which know the life-cycle methods only.
        """
        row = self.unit.scopes[scope]
        if row.kind != "method" or row.owner == NONE or not self.is_component(row.owner):
            return False
        if row.name in self.teardown_names or row.name in self.setup_names or row.decorators:
            return False
        if self.index.callers.get(scope) or scope in self.index.argument_of or self._is_called_on_copy(scope):
            return False
        if any(f"{row.name}(" in value.text for value in self.unit.values if value.kind == "string"):
            return False  # a template in the decorator calls it
        return not self._is_taken(scope)

    def _is_taken(self, scope: int) -> bool:
        """Whether `this.method`, or `Class.method`, is read as a value: whoever takes it may call it."""
        row = self.unit.scopes[scope]
        if row.owner == NONE:
            return False
        step = "." + row.name
        places, values = self.unit.places, self.unit.values
        roots = [self.unit.owners[row.owner].this, self.unit.owners[row.owner].symbol]
        return self._is_bound(roots, step) or any(
            places[values[value].place].path[:1] == (step,)
            for root in roots
            for value in (self.index.references.get(root, ()) if root != NONE else ())
        )

    def _is_bound(self, roots: list[int], step: str) -> bool:
        """JavaScript: `this.method.bind(this)`."""
        for number in self.index.calls.get("bind", ()) if self.unit.language == "javascript" else ():
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.receiver != NONE:
                place = self.unit.places[call.receiver]
                if place.symbol in roots and place.path == (step,):
                    return True
        return False

    def _find_callers(self, scope: int) -> bool:
        row = self.unit.scopes[scope]
        if row.kind in ("module", "class", "block", "lambda", "constructor", "static-block"):
            return True
        if self.index.callers.get(scope) or scope in self.index.argument_of or row.decorators:
            return True
        if row.kind == "function" and self.index.calls.get(row.name):
            return True  # defined twice, for two platforms
        if row.symbol != NONE and self.index.references.get(row.symbol):
            return True
        if row.kind == "method":
            if self._is_taken(scope) or self._is_overload_called(scope) or self._is_called_around(scope):
                return True
            if self._is_called_on_copy(scope):
                return True
            return not ("private" in row.flags or row.name.startswith(("#", "__"))) or row.name.endswith("__")
        return not row.name.startswith("_")

    def _is_called_on_copy(self, scope: int) -> bool:
        """JavaScript: `var that = this; … that._hide()`."""
        row = self.unit.scopes[scope]
        calls = self.index.calls.get(row.name, ()) if self.unit.language == "javascript" else ()
        this = self.unit.owners[row.owner].this if calls and row.owner != NONE else NONE
        return this != NONE and any(
            self._is_copy(self.unit.places[call.receiver], this)
            for number in calls
            if isinstance(call := self.unit.effects[number], Call) and call.receiver != NONE
        )

    def _is_copy(self, place: Place, this: int) -> bool:
        """Whether a variable holds nothing but an object itself."""
        binds = self.index.binds.get(place, ()) if not place.path and place.symbol != NONE else ()
        values = [self.index.bind(number).value for number in binds]
        rows = [self.unit.values[value] for value in values if value != NONE]
        return bool(rows) and all(
            row.kind == "place" and self.unit.places[row.place] == Place(this) for row in rows
        )

    def _is_called_around(self, scope: int) -> bool:
        """Java: whether the class around calls a private method on a field or variable of that type."""
        row = self.unit.scopes[scope]
        if self.unit.language != "java" or row.owner == NONE:
            return False
        kind = self.unit.owners[row.owner].name
        for number in self.index.calls.get(row.name, ()):
            call = self.unit.effects[number]
            place = self.unit.places[call.receiver] if getattr(call, "receiver", NONE) != NONE else None  # type: ignore[union-attr]
            name = self.index.last_name(place) if place is not None else ""
            if name and any(symbol.name == name and symbol.type == kind for symbol in self.unit.symbols):
                return True
        return False

    def _is_overload_called(self, scope: int) -> bool:
        """Java: whether a call elsewhere has the name of a method that its class declares more than once."""
        row = self.unit.scopes[scope]
        if self.unit.language != "java" or row.owner == NONE:
            return False
        methods = self.unit.owners[row.owner].methods
        if sum(self.unit.scopes[method].name == row.name for method in methods) < 2:
            return False
        return any(
            self.index.function(self.unit.effects[call].scope) != scope
            for call in self.index.calls.get(row.name, ())
        )


def first_word(name: str) -> str:
    """First word of a snake_case or camelCase name, in lower case, without leading underscores."""
    name = name.lstrip("_#$")
    for index, letter in enumerate(name):
        if letter == "_" or (index and letter.isupper()):
            return name[:index].lower()
    return name.lower()
