"""How long the object lives that something is acquired from, seen from the code that acquires."""

from __future__ import annotations

from typing import Literal

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.models import Models, Pair
from leaklint.solve.aliases import Aliases
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name, resolved_name

Receiver = Literal["global", "module", "page", "injected", "own", "local", "unknown"]

# Java: static methods that give out the one instance of their class
_SINGLE = regex(r"getInstance|instance|getDefault|getDefaultInstance|getShared|shared|getGlobal|current")
# Java: methods that give out a value of their object which others change
_GIVES_VALUE = regex(
    r"\w+Property|get\w+(Property|Model|Properties|List|Bus|Registry|Manager|Service|Preferences)"
)
# JavaFX: what skins are derived from
_SKINS = ("SkinBase", "Skin")
_GETS = regex(r"get[A-Z]")
_SCOPED = "bus listener"
_OF_PAGE = ((".document",), (".window",))
_OF_PAGE_STEPS = frozenset({".document", ".window", ".$window", ".$document"})
# pairs whose receivers are nodes, the document or the window, whatever they are called
_OF_NODES = frozenset({"event listener"})
_PAGE_ITSELF = frozenset({"window", "document"})
_PAGE_TYPES = frozenset({"Window", "Document", "HTMLDocument"})
_MAY_BE_PAGE = _PAGE_TYPES | {"", "any", "globalThis"}  # no `window: BrowserWindow`
_PAGE_NAMES = frozenset(
    {"window", "document", "_window", "_document", "$window", "$document", "win", "doc", "_win", "_doc"}
    | {"windowRef", "documentRef", "$win", "$doc", "nativeWindow"}
)
_ENDS_STREAMS = frozenset({"takeUntil", "takeUntilDestroyed"})
# classes that Angular hands out one object of, and parts of which a whole has many: `TreeNode` of a `Tree`
_SERVICES = regex(
    r"(Service|Store|Router|Facade|Actions|Observer|Bus|Hub|Socket|Client|Api|State|Repository)$"
)
_PARTS = regex(r"(Node|Item|Row|Cell|Option|Tab|Step|Slide|Entry|Child|Leaf|Chip|Thumb|Toggle|Link|Label)")
# Angular: decorators of fields that hold parts of the view; and how long the modifiers behind one may be
_QUERIES = frozenset({"ViewChild", "ViewChildren", "ContentChild", "ContentChildren"}) | {"query", "queryAll"}
_MODIFIERS = 40
_WRAPPERS = frozenset(
    {"$", "jQuery", "jquery.default", "jquery", "angular.element", "angular.default.element"}
)
# names of things that all parts of a program listen to
_SHARED = regex(r"(?i)(bus|hub|emitter|events|pub_?sub|mediator|socket|dispatcher|radio|vent|broker)$")
# functions that give out the one object of its kind
_GIVES_ONE = regex(
    r"get(Current|Global|Default|Shared|Main|App)?"
    r"(Instance|Client|Hub|Bus|EventBus|Emitter|EventEmitter|Store|Socket|Registry|Dispatcher|Broker)"
)
# functions of jQuery and its likes, whatever they are called here, and whatever they are fields of
WRAPS = regex(r"\$\w?|jQ\w*|jq|[zZ]epto|[dD]om7|cash")
# jQuery: methods that give back what they are called on
_GIVE_BACK = frozenset(
    {"appendTo", "prependTo", "insertBefore", "insertAfter", "addClass", "removeClass", "css", "attr", "prop"}
    | {"data", "text", "html", "append", "prepend", "hide", "show", "toggle", "toggleClass"}
)
# Backbone and Marionette: what a view is given, and views
_OF_VIEW = frozenset({".model", ".collection"})
_VIEW = regex(r"(Backbone|Marionette|Mn|[bB]ackbone(\.marionette)?(\.default)?)\.\w*View$")
# methods of a class that end what they are handed when the class ends, and give it back
_TAKES_OVER = frozenset({"_register", "register", "own", "track", "addDisposable"})


def is_skin(unit: Unit, owner: int) -> bool:
    """JavaFX: whether objects of a class draw a control, which may get another skin and live on."""
    bases = [unit.values[base] for base in unit.owners[owner].bases]
    symbols = [unit.places[row.place].symbol for row in bases if row.kind == "place"]
    return any(symbol != NONE and unit.symbols[symbol].name.endswith(_SKINS) for symbol in symbols)


class Receivers:
    """Lives of the receivers of one unit."""

    def __init__(self, aliases: Aliases, models: Models) -> None:
        self.aliases = aliases
        self.index = aliases.index
        self.unit: Unit = aliases.unit
        self._long_lived = models.long_lived

    def life(self, receiver: int, pair: Pair) -> Receiver:
        """How long what is acquired from lives."""
        if pair.process_wide or (receiver == NONE and pair.target < 0):
            return "global"
        if receiver == NONE:
            return "unknown"
        if pair.name == _SCOPED and self._is_scope(receiver):
            return "own"
        if pair.name in _OF_NODES and self.is_page(self.unit.places[receiver]):
            return "global"
        if self._is_of_this(self.unit.places[receiver]):
            return "own"
        lives = [self.life_of(place) for place in self.aliases.of(receiver)]
        for life in ("own", "local", "unknown", "injected", "page", "module", "global"):
            if life in lives:
                return "page" if pair.lasting and life in ("unknown", "injected") else life
        return "unknown"

    def is_page(self, place: Place) -> bool:
        """The document or window, by the name or type of a parameter or field: `this.doc`, `win: Window`."""
        if place.symbol == NONE or len(place.path) > 2:
            return False
        symbol = self.unit.symbols[place.symbol]
        if not place.path:
            named = symbol.name in _PAGE_NAMES and symbol.type in _MAY_BE_PAGE
            return symbol.kind == "parameter" and (symbol.type in _PAGE_TYPES or named)
        if symbol.kind == "this" and len(place.path) == 1:
            field = Place(place.symbol, place.path)
            binds = [self.unit.effects[number] for number in self.index.binds.get(field, ())]
            values = [bind.value for bind in binds if isinstance(bind, Bind) and bind.value != NONE]
            if any(self._is_frame(self.unit.values[value]) for value in values):
                return False
            return place.path[0][1:] in _PAGE_NAMES
        return place.path[-1] in _OF_PAGE_STEPS and symbol.kind in ("this", "parameter")

    def _is_frame(self, row: Value) -> bool:
        """A window that somebody has opened, the document of a frame: it ends before the page does."""
        path = self.unit.places[row.place].path if row.kind == "place" else ()
        return row.kind == "call" or path[-1:] in ((".contentDocument",), (".contentWindow",))

    def _is_scope(self, receiver: int) -> bool:
        """AngularJS: listeners of a `$scope` end with it, and with whoever it was made for."""
        symbol = self.index.symbol(self.unit.places[receiver])
        return symbol is not None and symbol.name in ("$scope", "scope", "isolateScope", "childScope")

    def life_of(self, place: Place, depth: int = 0) -> Receiver:
        if depth > 4:
            return "unknown"
        if place.symbol == NONE:
            return self._life_of_call(place)
        symbol = self.unit.symbols[place.symbol]
        if place.path and place.path[-1] == ".$root":
            return "page"
        if place.path and place.path[-1] in (".ownerDocument", ".defaultView"):
            return "global"
        if place.path and place.path[-1] in (".contentDocument", ".contentWindow"):
            return "unknown"  # ends with its frame
        match symbol.kind:
            case "global":
                name = resolved_name(self.unit, place)
                if place.path and place.path[-1] in (".document", ".window"):
                    return "global"
                if symbol.name in self._long_lived or name in self._long_lived:
                    return "global"
                if self.unit.language == "java" and place.path and symbol.name[:1].isupper():
                    return "module"  # a static field of another class
                if self.unit.language == "javascript" and _SHARED.search(name.rpartition(".")[2]):
                    return "module"  # made by another script
                return "unknown"
            case "import" if self.unit.language == "java" and not place.path:
                if symbol.name in self._long_lived:
                    return "global"
                return "unknown"  # a class with static methods: the receiver is an argument
            case "import" if self.unit.language == "javascript" and place.path[-1:] in _OF_PAGE:
                return "global"  # `WINDOW.document`
            case "import" if self.unit.language == "javascript" and "[]" in place.path:
                return "unknown"  # `DomUtil.get(id)`: what is found there may end at any time
            case "import" | "static":
                return "module"
            case "class":
                return "module" if place.path else "unknown"
            case "variable" | "constant":
                return self._life_of_variable(place, symbol.scope, depth)
            case "parameter" if symbol.name.startswith("$") and not place.path:
                return "global" if symbol.name in self._long_lived else "injected"  # AngularJS hands it out
            case "parameter" if symbol.name in _PAGE_ITSELF and symbol.type in _MAY_BE_PAGE:
                return "unknown" if place.path else "global"  # `(function (window, $) {…})(window, jQuery)`
            case "parameter":
                return "module" if self._is_shared_socket(place) else "injected"
            case "this":
                return self._life_of_field(place, depth)
        return "unknown"

    def _is_shared_socket(self, place: Place) -> bool:
        """Node: the socket below a request serves the next request too, on a connection kept alive."""
        symbol = self.unit.symbols[place.symbol]
        if self.unit.language != "javascript" or symbol.scope == NONE:
            return False
        argument = self.index.argument_of.get(symbol.scope)
        call = self.unit.effects[argument[0]] if argument is not None else None
        event = self.unit.values[call.args[0]].text if isinstance(call, Call) and call.args else ""
        if place.path:
            return (
                place.path[-1] in (".socket", ".connection")
                and symbol.name in ("req", "request", "res", "response", "clientRequest")
                and event not in ("upgrade", "connect", "connection", "secureConnection")
                and not any(value.text == "text/event-stream" for value in self.unit.values)
            )  # a stream of events keeps its connection to itself
        return event == "socket" and isinstance(call, Call) and call.name in ("on", "once")

    def _life_of_call(self, place: Place) -> Receiver:
        if place.call == NONE:
            return "unknown"
        name = callee_name(self.unit, place.call)
        call = self.unit.effects[place.call]
        assert isinstance(call, Call)
        if self.unit.language == "java" and name not in self._long_lived and name[:1].isupper():
            steps = name.split(".")[1:]
            if not call.args and any(_SINGLE.fullmatch(step) for step in steps):
                return "module"  # the one instance of a class, or what it gives out
        if self.unit.language == "java" and name in self._long_lived:
            return "global"  # whatever its name ends in: `getCurrentKeyboardFocusManager()`
        if call.name == "getSkinnable" and self.unit.language == "java":
            return "injected"  # JavaFX: the control, which may get another skin
        wraps = self.unit.language == "javascript" and WRAPS.fullmatch(call.name) is not None
        if (wraps or call.name in _GIVE_BACK) and self._is_new_node(place.call):
            return "local"
        if self._gives_list(call):
            return self._life_of_owner(call)
        if self.unit.language == "java" and _GIVES_VALUE.fullmatch(call.name) and call.receiver != NONE:
            return self._life_of_owner(call)
        if not name and not wraps and call.name not in _TAKES_OVER and not call.name.startswith("create"):
            return "unknown"
        if call.new or call.name.startswith(("create", "new", "make")):
            return "local"
        if call.name in _TAKES_OVER and len(call.args) == 1:  # `this._register(new Emitter())`
            return self._life_of_value(call.args[0], 1)
        if len(call.args) == 1 and (wraps or name in _WRAPPERS):
            row = self.unit.values[call.args[0]]
            if row.kind == "string" and row.text in ("body", "html"):
                return "global"
            return self._life_of_value(call.args[0], 1)
        if name == "@angular/core.inject":
            return "injected" if self._is_service(call) else "unknown"
        root = name.partition(".")[0]
        if name in self._long_lived or call.name in self._long_lived:
            return "global"
        if self.unit.language == "javascript" and not call.args and _GIVES_ONE.fullmatch(call.name):
            return "module"
        if root == "document" and call.name in ("getElementById", "querySelector", "closest"):
            return "page"
        return "unknown"

    def _is_new_node(self, number: int) -> bool:
        """jQuery: `$("<button>").addClass("close").appendTo(bar)`."""
        while self.unit.language == "javascript" and number != NONE:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if WRAPS.fullmatch(call.name) is not None:
                return bool(call.args) and self.unit.values[call.args[0]].text.startswith("<")
            if call.name not in _GIVE_BACK or call.receiver == NONE:
                return False
            number = self.unit.places[call.receiver].call
        return False

    def _is_of_this(self, place: Place) -> bool:
        """Java: `ListenerHelper.get(this)`, which ends with the object, and a local that holds one."""
        if self.unit.language != "java" or place.path:
            return False
        made = [place.call] if place.symbol == NONE else []
        for number in self.index.binds.get(place, ()) if place.symbol != NONE else ():
            value = self.unit.effects[number].value  # type: ignore[union-attr]
            made.append(self.unit.values[value].call if value != NONE else NONE)
        return bool(made) and all(number != NONE and self._is_handed_this(number) for number in made)

    def _is_handed_this(self, number: int) -> bool:
        call = self.unit.effects[number]
        rows = [self.unit.values[value] for value in call.args] if isinstance(call, Call) else []
        places = [self.unit.places[row.place] for row in rows if row.kind == "place"]
        symbols = [self.index.symbol(place) for place in places if not place.path]
        return any(symbol is not None and symbol.kind == "this" for symbol in symbols)

    def _gives_list(self, call: Call) -> bool:
        """JavaFX: `control.getButtons()` in a skin, which lives as long as the control."""
        if self.unit.language != "java" or call.receiver == NONE or not _GETS.match(call.name):
            return False
        owner = self.unit.scopes[self.index.function(call.scope)].owner
        return owner != NONE and is_skin(self.unit, owner)

    def _life_of_owner(self, call: Call) -> Receiver:
        """Java: `preferences.fontProperty()` lives as long as what it is a property of, if that was given."""
        place = self.unit.places[call.receiver]
        if call.args:
            return "unknown"
        life = self.life_of(place, 3)
        return life if life in ("injected", "module", "global") else "unknown"

    def _is_service(self, call: Call) -> bool:
        """Angular: `inject(Router)` outlives who asks: by its name, as a whole of which that is one of many
        parts, or where the class ends other streams."""
        owner = self.unit.scopes[self.index.function(call.scope)].owner
        for name in _ENDS_STREAMS & self.index.calls.keys():
            for number in self.index.calls[name]:
                around = self.index.enclosing(self.unit.effects[number].scope)
                if owner != NONE and any(self.unit.scopes[scope].owner == owner for scope in around):
                    return True
        row = self.unit.values[call.args[0]] if call.args else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if symbol is None:
            return False
        if _SERVICES.search(symbol.name):
            return True
        named = self.unit.owners[owner].name if owner != NONE else ""
        return named.startswith(symbol.name) and _PARTS.match(named[len(symbol.name) :]) is not None

    def _life_of_variable(self, place: Place, scope: int, depth: int) -> Receiver:
        if scope == 0 and not place.path:
            return "module"
        lives: list[Receiver] = []
        for index in self.index.binds.get(Place(place.symbol), ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value == NONE:
                continue
            lives.append(self._life_of_value(bind.value, depth + 1))
        if scope == 0:
            return "module"
        for life in ("local", "own", "injected", "page", "module", "global"):
            if life in lives:
                return life
        return "unknown"

    def _life_of_value(self, value: int, depth: int) -> Receiver:
        row = self.unit.values[value]
        if row.kind == "call":
            return self._life_of_call(Place(NONE, (), row.call))
        if row.kind == "place":
            return self.life_of(self.unit.places[row.place], depth)
        if row.kind in ("container", "closure"):
            return "local"
        if row.kind in ("conditional", "operation") and row.parts:
            return self._life_of_value(row.parts[-1], depth + 1) if depth < 4 else "unknown"
        return "unknown"

    def _is_of_view(self, place: Place) -> bool:
        """`@ViewChild(Sort) sort`, Lit's `@query("a") link`: a part of the component's view, ends with it."""
        field = next(
            (
                symbol
                for symbol in self.unit.symbols
                if symbol.kind == "field"
                and "." + symbol.name == place.path[0]
                and self.unit.scopes[symbol.scope].owner == self.unit.symbols[place.symbol].target
            ),
            None,
        )
        if field is None:
            return False
        for name in sorted(_QUERIES & self.index.calls.keys()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                if call.scope == field.scope and 0 < field.at - call.end < _MODIFIERS:
                    return True
        return False

    def _life_of_field(self, place: Place, depth: int) -> Receiver:
        if not place.path:
            return "own"
        if _QUERIES & self.index.calls.keys() and self._is_of_view(place):
            return "own"
        field = Place(place.symbol, place.path[:1])
        lives: list[Receiver] = []
        for index in self.index.binds.get(field, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value == NONE or self.unit.values[bind.value].kind == "null":
                continue
            life = self._life_of_value(bind.value, depth + 1)
            lives.append("own" if life == "local" else life)
        for life in ("own", "unknown", "injected", "page", "module", "global"):
            if life in lives:
                return life
        owner = self.unit.symbols[place.symbol].target
        if self.unit.language == "javascript" and place.path[0] in _OF_VIEW and self.is_view(owner):
            return "injected"  # Backbone: an option of whoever makes the view
        for symbol in self.unit.symbols:
            if (
                symbol.kind == "field"
                and "." + symbol.name == place.path[0]
                and self.unit.scopes[symbol.scope].owner == owner
            ):
                if symbol.type == "QueryList":
                    return "own"  # Angular ends the queries of a component together with it
                lombok = self.unit.language == "java" and "final" in symbol.flags  # nothing here sets it
                given = lombok or "injected" in symbol.flags or bool(symbol.decorators)
                return "injected" if given else "unknown"
        return "unknown"

    def is_view(self, owner: int) -> bool:
        """Whether a class, or an object that describes one, is a view by what it extends."""
        row = self.unit.owners[owner]
        for value in row.bases:
            base = self.unit.values[value]
            if base.kind == "place" and _VIEW.search(resolved_name(self.unit, self.unit.places[base.place])):
                return True
        for number in self.index.calls.get("extend", ()) if row.kind == "object" else ():
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver != NONE and any(self.unit.values[value].owner == owner for value in call.args):
                place = self.unit.places[call.receiver]
                name = place.path[-1] if place.path else ""
                if not name and place.symbol != NONE:
                    name = self.unit.symbols[place.symbol].name
                return name.endswith("View")
        return False
