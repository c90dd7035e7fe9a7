"""How many different keys a site can store under: few (literals, enums, classes) or without limit."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.membership import is_asked_for, is_of_literals

Domain = Literal[
    "literal", "enum", "class", "boolean", "own", "small", "parameter", "fresh", "computed", "unknown"
]
BOUNDED: frozenset[Domain] = frozenset({"literal", "enum", "class", "boolean", "own"})

_CLASS_CALLS = frozenset({"type", "getClass", "typeof", "Class.forName", "issubclass", "annotationType"})
_NAMES_OF_CLASSES = frozenset({"getName", "getTypeName", "getCanonicalName", "getPackage", "getPackageName"})
_FRESH_CALLS = regex(
    r"uuid\w*|randomUUID|nanoid|id|time|now|monotonic|perf_counter|nanoTime|currentTimeMillis|nextInt|"
    r"get_ident|get_native_id|random|incrementAndGet|getAndIncrement|identityHashCode|urandom|token_\w+"
)
# parts of a point in time that come round again
_OF_A_CLOCK = frozenset(
    {
        *("weekday", "isoweekday", "getHour", "getMinute", "getSecond", "getDayOfWeek", "getDayOfMonth"),
        *("getMonth", "getMonthValue", "getHours", "getMinutes", "getSeconds", "getDay", "getDate"),
        *("getUTCHours", "getUTCDay", "getUTCMonth"),
    }
)
_PASS_THROUGH = regex(
    r"str|String|repr|lower|upper|toLowerCase|toUpperCase|strip|trim|format|valueOf|toString|hash|intern|"
    r"encode|decode|tuple|frozenset|join|replace"
)
_NUMBERS = frozenset({"int", "Integer", "long", "Long", "short", "Short", "byte", "Byte", "char"})
_CONSTANT = regex(r"\.?[A-Z][A-Z0-9_]*$")
# names whose values are few in practice: used to lower confidence, never to stay silent alone
_SMALL_WORDS = regex(
    r"cls|klass|clazz|class|type|types|kind|kinds|locale|lang|language|encoding|charset|level|mode|dtype|"
    r"platform|backend|dialect|model|entity|protocol|scheme|format|fmt|category|phase|stage|unit|role|method|"
    r"op|operator|opcode|severity|flag|flags|extension|ext|suffix|codec|algorithm|algo|version|driver|engine|"
    r"vendor|feature|plugin|command|cmd|annotation|signature|schema|enum|strategy|theme|font|variant|size|"
    r"mechanism|deprecation|perm|perms|permission|permissions|arity"
)
_COUNTS = regex(
    r"(?i)(shard|bucket|partition|slot|worker|thread|stripe|lane|segment|executor|replica)s?(_?(count|num|number))?$|"
    r"\.length$|(pool|ring)_?size$"
)
# what there are few of in each request
_OF_REQUEST = regex(r"req(uest)?|ctx|context|res(ponse)?|reply")
_FEW_OF_REQUEST = frozenset(
    {(".method",), (".route", ".path"), (".routerPath",), (".routeOptions", ".url"), (".url_rule",)}
    | {(".url_rule", ".rule"), (".endpoint",), (".statusCode",), (".status_code",), (".protocol",)}
)
# what tells which key or button was pressed
_OF_EVENT = regex(r"e|ev|evt|event")
_FEW_OF_EVENT = frozenset({(".code",), (".keyCode",), (".which",), (".button",), (".pointerType",)})
_WORD = regex(r"[A-Z]?[a-z]+|[A-Z]+")
_SMALL_PHRASES = regex(
    r"(?i)_?(class_?name|type_?name|tag_?name|field_?type|model_class|method_?name|func(tion)?_?name|hook_?name)$"
)


class Keys:
    """Key domains of one unit."""

    def __init__(self, index: Index, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._types = models.bounded_key_types
        self._enum_names: set[str] | None = None
        self._enums = {
            owner.symbol
            for owner in self.unit.owners
            if owner.kind == "enum" or _extends_enum(self.unit, owner)
        }

    def domain(self, value: int, holder: Place | None = None, depth: int = 0) -> Domain:
        """The domain of a key. `holder`: the container, whose own keys add nothing."""
        if value == NONE or depth > 6:
            return "unknown"
        row = self.unit.values[value]
        match row.kind:
            case "string" | "number" | "null":
                return "literal"
            case "boolean":
                return "boolean"
            case "place":
                return self._of_place(self.unit.places[row.place], holder, depth)
            case "call":
                return self._of_call(row.call, holder, depth)
            case "template":
                return self._combined(row.parts, holder, depth)
            case "container":
                return self._combined(row.parts, holder, depth)
            case "conditional":
                others = tuple(part for part in row.parts if not is_asked_for(self.index, row, part))
                return self._combined(others, holder, depth)
            case "operation":
                if row.text in ("==", "!=", "<", ">", "<=", ">=", "not", "in", "not in", "is", "is not"):
                    return "boolean"
                few = row.text == "%" and (
                    self._is_few(row.parts[-1], depth) or self._is_count(row.parts[-1])
                )
                if few and not self._is_text(row.parts[0]):
                    return "enum"
                if row.text == "/" and self._is_status(row.parts):
                    return "enum"
                return self._combined(row.parts, holder, depth)
            case "closure" | "class":
                return "fresh" if row.kind == "closure" else "class"
        return "unknown"

    def _is_few(self, value: int, depth: int) -> bool:
        """Whether a divisor is written down."""
        row = self.unit.values[value]
        return row.kind == "number" or self.domain(value, None, depth + 1) in ("literal", "enum")

    def _is_count(self, value: int) -> bool:
        """Whether a divisor is the number of things that the program has: shards, workers, buckets."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        return _COUNTS.search(place.path[-1] if place.path else symbol.name) is not None

    def _is_status(self, parts: tuple[int, ...]) -> bool:
        """`status / 100`: the class of an answer."""
        row = self.unit.values[parts[0]]
        if row.kind != "place" or self.unit.values[parts[-1]].kind != "number":
            return False
        symbol = self.index.symbol(self.unit.places[row.place])
        return symbol is not None and symbol.name.lower().endswith(("status", "code"))

    def _is_text(self, value: int) -> bool:
        """Whether `%` formats a text instead of dividing."""
        return self.unit.values[value].kind in ("string", "template")

    def of_symbol(self, symbol: int) -> Domain:
        """The domain of what a parameter or variable can be."""
        return self._of_place(Place(symbol), None, 0)

    def _combined(self, parts: tuple[int, ...], holder: Place | None, depth: int) -> Domain:
        found = [self.domain(part, holder, depth + 1) for part in parts]
        for domain in ("fresh", "parameter", "computed", "unknown", "small"):
            if domain in found:
                return domain
        return "literal"

    def _of_place(self, place: Place, holder: Place | None, depth: int) -> Domain:
        if place.symbol == NONE:
            if place.call == NONE:
                return "computed"
            domain = self._of_call(place.call, holder, depth)
            return domain if domain == "class" else "computed"
        symbol = self.unit.symbols[place.symbol]
        if place.path:
            if symbol.kind == "this" and len(place.path) == 1:
                few = self._of_field(place, depth)
                if few is not None:
                    return few
            if place.path in _FEW_OF_REQUEST and _OF_REQUEST.fullmatch(symbol.name):
                return "enum"
            if place.path in _FEW_OF_EVENT and _OF_EVENT.fullmatch(symbol.name):
                return "enum"
            if is_of_literals(self.index, place):
                return "literal"
            return self._of_member(place, symbol.kind)
        if symbol.type in self._types or self._is_enum_type(symbol.type):
            return "class" if symbol.type in ("type", "Type", "Class") else "enum"
        match symbol.kind:
            case "class" | "function" | "import":
                return "class"
            case "global":
                return "literal" if _CONSTANT.match(symbol.name) else "computed"
            case "parameter":
                if _is_small(symbol.name) or self._is_limited(place.symbol):
                    return "small"
                return self._of_callers(place.symbol, symbol.scope, holder, depth) or "parameter"
            case "this":
                own = self.unit.owners[symbol.target].kind if symbol.target != NONE else ""
                return "enum" if own == "enum" else "fresh"
            case "constant" if self.unit.language == "javascript" and self._is_one(place.symbol):
                return "literal"
            case "variable" | "constant":
                domain = self._of_variable(place, holder, depth)
                if domain in ("computed", "parameter", "unknown") and _is_small(symbol.name):
                    return "small"
                return domain
        return "unknown"

    def _is_limited(self, symbol: int) -> bool:
        """Java: a number that the function leaves with, where it is above a constant."""
        row = self.unit.symbols[symbol]
        if self.unit.language != "java" or row.type not in _NUMBERS:
            return False
        for region in self.unit.regions:
            if region.scope != row.scope or region.test == NONE or region.leaves not in ("return", "raise"):
                continue
            test = self.unit.values[region.test]
            if test.text not in (">", ">=") or region.negated or len(test.parts) != 2:
                continue
            number, limit = (self.unit.values[part] for part in test.parts)
            if number.kind == "place" and self.unit.places[number.place] == Place(symbol):
                if limit.kind == "number":
                    return True
                if limit.kind == "place" and self._is_constant(self.unit.places[limit.place]):
                    return True
        return False

    def _is_constant(self, place: Place) -> bool:
        if place.path or place.symbol == NONE:
            return bool(place.path) and bool(_CONSTANT.match(place.path[-1]))
        return bool(_CONSTANT.match(self.unit.symbols[place.symbol].name))

    def _is_one(self, symbol: int) -> bool:
        """JavaScript: a constant of the module, which has one value."""
        row, binds = self.unit.symbols[symbol], self.index.binds.get(Place(symbol), ())
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        return row.scope == 0 and isinstance(bind, Bind) and bind.region == NONE and bind.how == "declare"

    def _of_callers(self, symbol: int, scope: int, holder: Place | None, depth: int) -> Domain | None:
        """Few keys, when all calls of a private function hand over few. Python and JavaScript."""
        row = self.unit.scopes[scope]
        if self.unit.language == "javascript":
            declared = self.unit.symbols[row.symbol] if row.symbol != NONE else None
            if declared is None or declared.scope in (0, NONE) or row.kind != "function" or depth > 3:
                return None  # others may call it
        elif self.unit.language != "python" or not row.name.startswith("_") or depth > 3:
            return None
        callers = self.index.callers.get(scope, ())
        if not callers or symbol not in row.params or self.index.argument_of.get(scope):
            return None
        position, name = row.params.index(symbol), self.unit.symbols[symbol].name
        for number in callers:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            given = next((value for keyword, value in call.keywords if keyword == name), NONE)
            if given == NONE and position < len(call.args):
                given = call.args[position]
            if given == NONE or self.domain(given, holder, depth + 2) not in BOUNDED:
                return None
        return "enum"

    def _of_field(self, place: Place, depth: int) -> Domain | None:
        """Python: few keys, when only few values are ever put into a field."""
        binds = self.index.binds.get(place, ())
        if self.unit.language != "python" or depth > 3 or not binds:
            return None
        for number in binds:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if bind.how != "assign" or self.domain(bind.value, None, depth + 2) not in ("enum", "class"):
                return None
        return "enum"

    def _is_enum_type(self, name: str) -> bool:
        """Whether a type is an enum of this unit, or an alias of a Literal type."""
        if not name:
            return False
        if self._enum_names is None:
            self._enum_names = {self.unit.symbols[symbol].name for symbol in self._enums if symbol != NONE}
            self._enum_names |= self._literal_aliases()
        return name in self._enum_names

    def _literal_aliases(self) -> set[str]:
        found = set()
        for place, binds in self.index.binds.items():
            if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].scope != 0:
                continue
            for index in binds:
                value = self.unit.effects[index].value  # type: ignore[union-attr]
                if value != NONE and self.unit.values[value].kind == "place":
                    source = self.unit.places[self.unit.values[value].place]
                    root = self.unit.symbols[source.symbol].name if source.symbol != NONE else ""
                    if source.path[-1:] == ("[]",) and "Literal" in (root, *(s[1:] for s in source.path)):
                        found.add(self.unit.symbols[place.symbol].name)
        return found

    def _of_member(self, place: Place, root: str) -> Domain:
        last = place.path[-1]
        if last in (".__class__", ".constructor", ".class", ".__name__", ".__qualname__", ".__module__"):
            return "class"
        if (_CONSTANT.match(last) and len(last) > 2) or last in (".hour", ".weekday", ".month"):
            return "enum"
        if place.symbol in self._enums:
            return "enum"
        if _is_small(last[1:]):
            return "small"
        return "computed"

    def _of_variable(self, place: Place, holder: Place | None, depth: int) -> Domain:
        found: list[Domain] = []
        for index in self.index.binds.get(place, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.how == "augment":
                if bind.op in ("+=", "++", "-=", "--", "+", "-"):
                    return "fresh"  # a counter
                found.append("computed")
                continue
            if bind.how == "iterate":
                found.append(self._iterated(bind.value, holder, depth))
            elif bind.value != NONE:
                found.append(self.domain(bind.value, holder, depth + 1))
            else:
                found.append("computed")
        if not found:
            return "computed"
        for domain in ("fresh", "parameter", "computed", "unknown", "small"):
            if domain in found:
                return domain
        return found[0]

    def _iterated(self, value: int, holder: Place | None, depth: int) -> Domain:
        row = self.unit.values[value]
        if row.kind == "container":
            return self._combined(row.parts, holder, depth) if row.parts else "literal"
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE and call.name in (
                "keys",
                "keySet",
                "entrySet",
                "items",
                "values",
                "entries",
            ):
                receiver = self.unit.places[call.receiver]
                if receiver == holder:
                    return "own"
                return self._constant_container(receiver)
            if call.args and call.name in (
                "keys",
                "entries",
                "list",
                "sorted",
                "tuple",
                "enumerate",
                "reversed",
            ):
                argument = self.unit.values[call.args[0]]
                if argument.kind == "place":
                    place = self.unit.places[argument.place]
                    return "own" if place == holder else self._constant_container(place)
            if call.name == "range":
                return "computed"
        if row.kind == "place":
            place = self.unit.places[row.place]
            if place == holder:
                return "own"
            if place.symbol in self._enums:
                return "enum"
            if self._is_given_once(place):
                return "small"
            return self._constant_container(place)
        return "computed"

    def _is_given_once(self, place: Place) -> bool:
        """Python: `for url in self.urls` of what the constructor was given and nothing sets again."""
        symbol = self.unit.symbols[place.symbol] if place.symbol != NONE else None
        if self.unit.language != "python" or symbol is None or symbol.kind != "this" or len(place.path) != 1:
            return False
        binds = self.index.binds.get(place, ())
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        if not isinstance(bind, Bind) or bind.value == NONE or bind.how == "augment":
            return False
        row = self.unit.values[bind.value]
        source = self.unit.places[row.place] if row.kind == "place" else None
        if source is None or source.path or source.symbol == NONE:
            return False
        given = self.unit.symbols[source.symbol].kind == "parameter"
        return given and self.unit.scopes[self.index.function(bind.scope)].kind == "constructor"

    def _constant_container(self, place: Place) -> Domain:
        """Keys of a module constant that is a literal and never grows are literals themselves."""
        if place.symbol == NONE:
            return "computed"
        symbol = self.unit.symbols[place.symbol]
        if _CONSTANT.match(place.path[-1] if place.path else symbol.name):
            return "literal"
        binds = self.index.binds.get(place, ())
        if len(binds) == 1 and symbol.kind != "parameter":
            bind = self.unit.effects[binds[0]]
            assert isinstance(bind, Bind)
            if bind.value != NONE and bind.how in ("declare", "assign"):
                value = self.unit.values[bind.value]
                if value.kind == "container" and value.parts and value.text != "comprehension":
                    return "literal"
        return "computed"

    def _of_call(self, call: int, holder: Place | None, depth: int) -> Domain:
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        if effect.name in _CLASS_CALLS or effect.name in ("getClass", "getSimpleName"):
            return "class"
        named = effect.name in _NAMES_OF_CLASSES and effect.receiver != NONE and not effect.args
        if named and self._of_place(self.unit.places[effect.receiver], holder, depth + 1) == "class":
            return "class"
        if effect.name in ("ordinal", "charset", "getLocale", "getpid"):
            return "enum"
        text = effect.name in ("name", "toString") and effect.receiver != NONE and not effect.args
        if text and self._of_place(self.unit.places[effect.receiver], holder, depth + 1) == "enum":
            return "enum"
        if effect.name in _OF_A_CLOCK and effect.receiver != NONE and not effect.args:
            return "enum"
        if _FRESH_CALLS.fullmatch(effect.name):
            return "fresh"
        if effect.new:
            made = effect.args if self.unit.language == "java" and self._is_record(effect) else ()
            return self._combined(made, holder, depth) if made else "fresh"
        if self._gives_few(call, depth) or (self.unit.language == "java" and self._is_component(effect)):
            return "enum"
        if effect.name == "floorMod" and len(effect.args) == 2 and self._is_count(effect.args[1]):
            return "enum"
        if _PASS_THROUGH.fullmatch(effect.name):
            parts = list(effect.args)
            domains = [self.domain(part, holder, depth + 1) for part in parts]
            if effect.receiver != NONE:
                domains.append(self._of_place(self.unit.places[effect.receiver], holder, depth + 1))
            for domain in ("fresh", "parameter", "computed", "unknown", "small"):
                if domain in domains:
                    return domain
            return domains[0] if domains else "computed"
        return "computed"

    def _is_record(self, call: Call) -> bool:
        """Java: `new Key(method, status)` of a record of the file, which is equal where its parts are."""
        place = self.unit.places[call.callee] if call.callee != NONE else None
        symbol = self.index.symbol(place) if place is not None and not place.path else None
        if symbol is None or symbol.kind != "class" or symbol.target == NONE:
            return False
        return self.unit.owners[symbol.target].kind == "record"

    def _is_component(self, call: Call) -> bool:
        """Java: `key.method()`, a component of a record of the file that is an enum."""
        if call.args or call.receiver == NONE or len(self.unit.owners) < 2:
            return False
        return any(
            symbol.name == call.name
            and symbol.kind == "field"
            and self.unit.owners[self.unit.scopes[symbol.scope].owner].kind == "record"
            and (symbol.type in self._types or self._is_enum_type(symbol.type))
            for symbol in self.unit.symbols
        )

    def _gives_few(self, call: int, depth: int) -> bool:
        """Whether a function of the file gives back one of few values on all its ways."""
        scope = self.index.callee_scope(call) if depth <= 3 else NONE
        returned = [self.unit.effects[number].value for number in self.index.returns.get(scope, ())]  # type: ignore[union-attr]
        return bool(returned) and all(
            value != NONE and self.domain(value, None, depth + 2) in BOUNDED for value in returned
        )


@lru_cache(maxsize=4096)
def _is_small(name: str) -> bool:
    """Whether the last word of a name says that its values are few: `contentType`, `ecma_version`."""
    words = _WORD.findall(name)
    return bool(words) and bool(_SMALL_WORDS.fullmatch(words[-1].lower()) or _SMALL_PHRASES.match(name))


def _extends_enum(unit: Unit, owner: object) -> bool:
    for base in owner.bases:  # type: ignore[attr-defined]
        value = unit.values[base]
        if value.kind == "place":
            place = unit.places[value.place]
            if place.symbol != NONE:
                name = place.path[-1][1:] if place.path else unit.symbols[place.symbol].name
                if name.endswith(("Enum", "Flag")):
                    return True
    return False
