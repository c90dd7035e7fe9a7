"""How many different keys a site can store under: few (literals, enums, classes) or without limit."""

from __future__ import annotations

from collections.abc import Iterable

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.keying import told
from leaklint.solve.keying.domain import BOUNDED, Domain, widest
from leaklint.solve.keying.enums import Enums
from leaklint.solve.keying.limits import Limits
from leaklint.solve.keying.walked import Walked
from leaklint.solve.keying.words import (
    is_constant,
    is_few_of_call,
    is_of_settings,
    is_small,
    is_small_type,
)
from leaklint.solve.lazy import regex
from leaklint.solve.membership import is_asked_for, is_of_literals

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
_CLOCK_FIELDS = frozenset(
    {".hour", ".minute", ".weekday", ".day_of_week", ".dayofweek", ".month", ".quarter"}
    | {".tm_hour", ".tm_min", ".tm_sec", ".tm_wday", ".tm_mday", ".tm_yday", ".tm_mon"}
)
# Java: texts that are put together from parts
_BUILT = frozenset({"StringBuilder", "StringBuffer", "StringJoiner", "StringWriter"})
_PASS_THROUGH = regex(
    r"str|String|repr|lower|upper|toLowerCase|toUpperCase|strip|trim|format|valueOf|toString|hash|intern|"
    r"encode|decode|tuple|frozenset|join|replace"
)


class Keys:
    """Key domains of one unit. enums: names of those of other files that it means."""

    def __init__(self, index: Index, models: Models, enums: Iterable[str] = ()) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.enums = Enums(index, models, enums)
        self.limits = Limits(index)
        self.walked = Walked(index, self.enums)

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
                    self._is_few(row.parts[-1], depth) or self.limits.is_count(row.parts[-1])
                )
                if few and not self.limits.is_text(row.parts[0]):
                    return "enum"
                if row.text == "/" and self.limits.is_status(row.parts):
                    return "enum"
                if row.text in ("or", "??", "||") and any(map(self.limits.is_setting, row.parts)):
                    return "small"  # `url or config.url`: most callers want what is set up
                return self._combined(row.parts, holder, depth)
            case "closure" | "class":
                return "fresh" if row.kind == "closure" else "class"
        return "unknown"

    def _is_few(self, value: int, depth: int) -> bool:
        """Whether a divisor is written down."""
        row = self.unit.values[value]
        return row.kind == "number" or self.domain(value, None, depth + 1) in ("literal", "enum")

    def of_symbol(self, symbol: int) -> Domain:
        """The domain of what a parameter or variable can be."""
        return self._of_place(Place(symbol), None, 0)

    def _combined(self, parts: tuple[int, ...], holder: Place | None, depth: int) -> Domain:
        found = [self.domain(part, holder, depth + 1) for part in parts]
        return widest(found, "literal")

    def _of_place(self, place: Place, holder: Place | None, depth: int) -> Domain:
        if place.symbol == NONE:
            if place.call == NONE:
                return "computed"
            if place.path and place.path[-1] in _CLOCK_FIELDS:
                return "enum"  # `time.localtime().tm_wday`
            if self.enums.is_constant(place):
                return "enum"
            domain = self._of_call(place.call, holder, depth)
            return domain if domain == "class" else "computed"
        symbol = self.unit.symbols[place.symbol]
        if place.path:
            if len(place.path) == 1 and (field := self._field(place)) is not None:
                known = self._of_field(field, depth)
                if known is not None:
                    return known
            if is_few_of_call(symbol.name, place.path):
                return "enum"
            if is_of_literals(self.index, place):
                return "literal"
            return self._of_member(place, symbol.kind)
        if self.enums.is_few(symbol.type):
            return "class" if symbol.type in ("type", "Type", "Class") else "enum"
        match symbol.kind:
            case "class" | "function" | "import":
                return "class"
            case "global":
                return "literal" if is_constant(symbol.name) else "computed"
            case "parameter":
                if self._is_of_program(place.symbol, symbol.scope):
                    return "class"
                if (
                    is_small(symbol.name)
                    or is_small_type(symbol.type)
                    or self.limits.is_limited(place.symbol)
                ):
                    return "small"
                binds = [self.index.bind(number).value for number in self.index.binds.get(place, ())]
                if any(
                    given != NONE
                    and (self.limits.is_setting(given) or self.domain(given, holder, depth + 1) == "small")
                    for given in binds
                ):
                    return "small"
                walked = self.walked.handed(place.symbol, symbol.scope, holder)
                return walked or self._of_callers(place.symbol, symbol.scope, holder, depth) or "parameter"
            case "this" if symbol.target != NONE and self.index.is_metaclass(symbol.target):
                return "class"
            case "this":
                own = self.unit.owners[symbol.target].kind if symbol.target != NONE else ""
                return "enum" if own == "enum" else "fresh"
            case "constant" if self.unit.language == "javascript" and self.limits.is_one(place.symbol):
                return "literal"
            case "variable" | "constant":
                domain = self._of_variable(place, holder, depth)
                if domain in ("computed", "parameter", "unknown") and is_small(symbol.name):
                    return "small"
                return domain
        return "unknown"

    def _is_of_program(self, symbol: int, scope: int) -> bool:
        """Python: what a descriptor is told of the class that has it; names that stand in the program."""
        row = self.unit.scopes[scope]
        owner = row.name == "__get__" and len(row.params) == 2 and row.params[1] == symbol
        of_module = row.name == "__getattr__" and row.parent == 0
        return owner or of_module or row.name == "__set_name__"

    def _is_open(self, scope: int) -> bool:
        """JavaScript: whether others than its callers in the file may call a function."""
        named = self.unit.scopes[scope].symbol
        if named == NONE:
            bound = self.index.bound_to.get(scope, NONE)
            place = self.unit.places[self.index.bind(bound).target] if bound != NONE else None
            named = place.symbol if place is not None and not place.path else NONE
        symbol = self.unit.symbols[named] if named != NONE else None
        if symbol is None or symbol.scope == NONE or "exported" in symbol.flags:
            return True
        parts = (each.kind == "import" or "exported" in each.flags for each in self.unit.symbols)
        if symbol.scope == 0 and not any(parts):
            return True  # the script of a page
        return symbol.scope == 0 and bool(self.index.references.get(named))  # handed on

    def _of_callers(self, symbol: int, scope: int, holder: Place | None, depth: int) -> Domain | None:
        """Few keys, when all calls of a private function hand over few. Python and JavaScript."""
        row = self.unit.scopes[scope]
        if self.unit.language == "javascript":
            if row.kind not in ("function", "lambda") or depth > 3 or self._is_open(scope):
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

    def _field(self, place: Place) -> Place | None:
        """The field that a place is: `this.key`, in Java also `other.key` of another object of the class."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return place
        if self.unit.language != "java" or symbol.kind != "parameter":
            return None
        around = self.unit.scopes[symbol.scope].owner
        same = around != NONE and self.unit.owners[around].name == symbol.type
        return Place(self.unit.owners[around].this, place.path) if same else None

    def _of_field(self, place: Place, depth: int) -> Domain | None:
        """Few keys, when only few values are ever put into a field. Python and Java."""
        binds = self.index.binds.get(place, ())
        if self.unit.language == "javascript" or depth > 3 or not binds:
            return None
        if self.unit.language == "java":
            rows = [self.index.bind(number) for number in binds]
            stored = [row.value for row in rows if row.how in ("assign", "declare")]
            found = [self.domain(value, None, depth + 2) for value in stored]
            few = len(found) == len(rows) and all(one in (*BOUNDED, "small") for one in found)
            return widest(found, "enum") if few else None
        for number in binds:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if bind.how != "assign" or self.domain(bind.value, None, depth + 2) not in ("enum", "class"):
                return None
        return "enum"

    def _of_member(self, place: Place, root: str) -> Domain:
        last = place.path[-1]
        if any(is_of_settings(step) for step in place.path[:-1]):
            return "small"
        if last in (".__class__", ".constructor", ".class", ".__name__", ".__qualname__", ".__module__"):
            return "class"
        if (is_constant(last) and len(last) > 2) or last in _CLOCK_FIELDS:
            return "enum"
        if place.symbol in self.enums.classes:
            return "enum"
        named = place.path[-2][1:] if last == "[]" and len(place.path) > 1 else last[1:]
        if last == "[]" and len(place.path) == 1:
            named = self.unit.symbols[place.symbol].name  # `volumes[i]`
        one_of = last != "[]" or named.endswith("s")  # `command[1]` is a part of one command
        return "small" if one_of and is_small(named) else "computed"

    def _of_variable(self, place: Place, holder: Place | None, depth: int) -> Domain:
        found: list[Domain] = []
        binds = self.index.binds.get(place, ())
        if self.limits.is_index(place, binds):
            return "enum"
        text = any(self._is_text(self.index.bind(index).value) for index in binds)
        for index in binds:
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.how == "augment":
                if bind.op in ("+=", "++", "-=", "--", "+", "-") and not text:
                    return "fresh"  # a counter
                found.append(self.domain(bind.value, holder, depth + 1) if text else "computed")
                continue
            if bind.how == "iterate":
                row = self.unit.values[bind.value]
                if self.walked.counts(index):
                    found.append("enum")
                elif row.kind == "container":
                    found.append(self._combined(row.parts, holder, depth))
                else:
                    found.append(self.walked.of_keys(index, holder) or self.walked.domain(bind.value, holder))
            elif bind.value != NONE:
                found.append(self.domain(bind.value, holder, depth + 1))
            else:
                found.append("computed")
        if not found:
            return "computed"
        return widest(found, found[0])

    def _is_text(self, value: int) -> bool:
        return value != NONE and self.unit.values[value].kind in ("string", "template")

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
        if self.unit.language == "java":
            given = told.few(self.unit, effect)
            if given is not None:
                return given
            if parts := told.parts(self.unit, effect):
                return self._combined(parts, holder, depth)
        if effect.new:
            made = effect.args if self.unit.language == "java" and self.enums.makes_record(effect) else ()
            return self._combined(made, holder, depth) if made else "fresh"
        if self._gives_few(call, depth) or (self.unit.language == "java" and self.enums.is_component(effect)):
            return "enum"
        if effect.name == "floorMod" and len(effect.args) == 2 and self.limits.is_count(effect.args[1]):
            return "enum"
        if effect.name == "toString" and effect.receiver != NONE and self._is_built(effect.receiver):
            return "computed"  # as new as what it is built from
        if _PASS_THROUGH.fullmatch(effect.name):
            domains = [self.domain(part, holder, depth + 1) for part in effect.args]
            if effect.receiver != NONE:
                domains.append(self._of_place(self.unit.places[effect.receiver], holder, depth + 1))
            return widest(domains, domains[0]) if domains else "computed"
        return "computed"

    def _is_built(self, receiver: int) -> bool:
        """Java: whether a place is a text that is put together from parts."""
        symbol = self.index.symbol(self.unit.places[receiver])
        return symbol is not None and symbol.type in _BUILT

    def _gives_few(self, call: int, depth: int) -> bool:
        """Whether a function of the file gives back one of few values on all its ways."""
        scope = self.index.callee_scope(call) if depth <= 3 else NONE
        returned = [self.unit.effects[number].value for number in self.index.returns.get(scope, ())]  # type: ignore[union-attr]
        return bool(returned) and all(
            value != NONE and self.domain(value, None, depth + 2) in BOUNDED for value in returned
        )
