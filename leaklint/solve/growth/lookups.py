"""JavaScript, Java: functions that store what they do not find, and callers who only look.

`room(id)` makes a room where there is none; `memberCount(id)`, which asks it for a size, leaves an empty
room behind for every id that anybody asks about.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex

# methods that look at what they are called on, and store nothing
_LOOKS = regex(
    r"has|get|values|keys|entries|some|every|find\w*|filter|map|forEach|includes|indexOf|slice|join|reduce|at|"
    r"is[A-Z]\w*|has[A-Z]\w*|get[A-Z]\w*|to[A-Z]\w*|size|count|peek|concat|flatMap|contains\w*|stream|iterator|entrySet|keySet|toArray|\w+Match"
)
# names of functions that ask and do no work
_ASKS = regex(
    r"_?(is|has|get|count|list|size|peek|find|stats?|query|contains|includes|can|lookup|check|should|may|exceeds|"
    r"remaining|status|validate|verify|allows?|describe|assert|needs)([A-Z_]\w*)?|\w+Count"
)
# further methods that change nothing, of times, texts and answers
_TELLS = regex(
    r"equals\w*|compare\w*|before|after|minus\w*|plus\w*|between|format\w*|concat|append|put|add|body|entity|header|"
    r"status|debug|trace|info|of\w*|as[A-Z]\w*|min|max|orElse\w*|collect|sorted|limit|build"
)
_TEXTS = frozenset({"string", "number", "String", "int", "long", "Integer", "Long", "UUID", "CharSequence"})
# what is asked for by people and messages, and need not exist
_NAMED = regex(r"(?i)\w*(id|key|name|path|url|uri|token|topic|channel|email|address|host|ip|slug|event|code)")


class Looking(msgspec.Struct):
    """`effect` calls `maker`, which stores what it does not find by `growth`, only to look at the entry."""

    holder: Holder
    growth: Growth
    maker: int
    effect: int
    key: int


class Lookups:
    """Such calls of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Looking]:
        """The first such call for each holder."""
        if self.unit.language == "python":
            return
        for holder in self.growths.holders.by_place.values():
            if not holder.growths or holder.limited or holder.emptied_elsewhere or not self._is_kept(holder):
                continue
            for growth in holder.growths:
                item = self._looked_at(holder, growth) if self._fills(growth) else None
                if item is not None:
                    yield item
                    break

    def _is_kept(self, holder: Holder) -> bool:
        """Whether entries are taken out one by one, when something else has ended."""
        if holder.lifetime not in ("process", "instance"):
            return False
        named = [row for row in holder.releases if not row.depth]
        return bool(named) and all(
            row.selector == "key"
            or row.how == "computeIfPresent"
            or self.growths.lifecycle.in_teardown(self.index.function_at(row.effect))
            for row in named
        )

    def _fills(self, growth: Growth) -> bool:
        """Whether a function stores under its own parameter where nothing is, and gives the entry back."""
        if growth.depth or growth.key == NONE or growth.via != NONE:
            return False
        scope = self.index.function_at(growth.effect)
        if not self._is_given(growth.key, scope):
            return False
        tests = [
            self.unit.regions[each] for each in self.index.regions(self.unit.effects[growth.effect].region)
        ]
        if growth.how == "computeIfAbsent":
            return bool(self.index.returns.get(scope))
        return bool(self.index.returns.get(scope)) and any(
            each.kind == "branch" and each.test != NONE for each in tests
        )

    def _is_given(self, key: int, scope: int, depth: int = 0) -> bool:
        """Whether a key is the first parameter of a function, or a text that it makes of its parameters."""
        row = self.unit.values[key]
        if row.kind == "template" or (row.kind == "operation" and row.text == "+"):
            parts = [self.unit.values[part] for part in row.parts]
            params = self.unit.scopes[scope].params
            return any(
                part.kind == "place" and self.unit.places[part.place].symbol in params for part in parts
            )
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.path:
            return False
        if place.symbol in self.unit.scopes[scope].params[:1]:
            return True
        binds = self.index.binds.get(place) or []
        bind = self.unit.effects[binds[0]] if len(binds) == 1 and depth < 2 else None
        if not isinstance(bind, Bind) or bind.value == NONE or self.index.function(bind.scope) != scope:
            return False
        return self._is_given(bind.value, scope, depth + 1)

    def _looked_at(self, holder: Holder, growth: Growth) -> Looking | None:
        maker = self.index.function_at(growth.effect)
        effects = [row.effect for row in holder.growths] + [row.effect for row in holder.releases]
        touching = {self.index.function_at(number) for number in effects}
        calls = self.index.callers.get(maker, ())
        looking, storing = [], 0
        for number in calls:
            scope = self.index.function_at(number)
            if scope in touching or not self._only_looks(number):
                storing += 1
            else:
                looking.append(number)
        for number in looking if storing else ():
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            scope = self.index.function_at(number)
            if not call.args or self._asks_first(number, holder):
                continue
            if not _ASKS.fullmatch(self._name(scope)) and not self._only_tells(scope):
                continue
            if not self._is_named(growth.key):
                continue
            for value in call.args:
                if self.growths.keys.domain(value, holder.place) in ("parameter", "fresh", "computed"):
                    return Looking(holder, growth, maker, number, value)
        return None

    def _is_named(self, key: int) -> bool:
        """Whether a key is a text or number; an object that is asked about exists already."""
        if not self._is_parameter(key):
            return True  # a text made of parameters
        symbol = self.unit.symbols[self.unit.places[self.unit.values[key].place].symbol]
        return symbol.type in _TEXTS or (not symbol.type and _NAMED.fullmatch(symbol.name) is not None)

    def _is_parameter(self, key: int) -> bool:
        row = self.unit.values[key]
        symbol = self.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
        return symbol is not None and symbol.kind == "parameter"

    def _name(self, scope: int) -> str:
        return next((self.unit.scopes[each].name for each in self.index.enclosing(scope)), "")

    def _only_tells(self, scope: int) -> bool:
        """Java: whether a method gives something back and, by what it calls and assigns, changes nothing."""
        if self.unit.language != "java" or not self.index.returns.get(scope):
            return False
        for number in self.index.of_function.get(scope, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and self.unit.places[effect.target].path:
                return False
            if not isinstance(effect, Call) or not effect.args or effect.new or effect.receiver == NONE:
                continue
            place = self.unit.places[effect.receiver]
            root = self.index.symbol(place)
            told = _LOOKS.fullmatch(effect.name) or _TELLS.fullmatch(effect.name)
            asks = root is not None and root.kind == "this" and not place.path
            if not told and not asks and (root is None or root.kind not in ("class", "import", "global")):
                return False
        return True

    def _only_looks(self, number: int) -> bool:
        """Whether what a call gives back is only looked at, by itself or by way of a local."""
        roots, uses = [Place(NONE, (), number)], 0
        given = {
            place for place, row in enumerate(self.unit.values) if row.kind == "call" and row.call == number
        }
        for effect in self.unit.effects:
            if isinstance(effect, Bind) and effect.value in given:
                if effect.how == "iterate":
                    uses += 1
                    continue
                target = self.unit.places[effect.target]
                if effect.how not in ("declare", "assign") or target.path or target.symbol == NONE:
                    return False
                roots.append(target)
        for root in roots:
            found = self._uses(root)
            if found < 0:
                return False
            uses += found
        return uses > 0

    def _uses(self, root: Place) -> int:
        """How often a place is looked into; -1 where anything else is done with it."""
        count = 0
        for value in self.unit.values:
            if value.kind == "place" and self._is_in(self.unit.places[value.place], root):
                if not self.unit.places[value.place].path:
                    return -1  # handed on as it is
                count += 1
        for effect in self.unit.effects:
            if isinstance(effect, Call) and effect.receiver != NONE:
                if self._is_in(self.unit.places[effect.receiver], root):
                    if not _LOOKS.fullmatch(effect.name):
                        return -1
                    count += 1
            elif isinstance(effect, Bind):
                target = self.unit.places[effect.target]
                if target != root and self._is_in(target, root):
                    return -1  # a field of the entry is set
        return count

    def _is_in(self, place: Place, root: Place) -> bool:
        return place.symbol == root.symbol and (root.symbol != NONE or place.call == root.call)

    def _asks_first(self, number: int, holder: Holder) -> bool:
        """Whether the function asks whether there is an entry before it makes one."""
        scope = self.index.function_at(number)
        return any(
            isinstance(call := self.unit.effects[other], Call)
            and call.name in ("has", "get", "hasOwnProperty", "containsKey")
            and call.receiver != NONE
            and holder.place in self.growths.holders.aliases.of(call.receiver)
            for other in self.index.of_function.get(scope, ())
            if other < number
        )
