"""How many objects of a class there are at a time: one that serves the program, or many that come and go.

A class says so by its name, by what it extends and implements, and by its decorators. Neither answer is
proof: they raise and lower confidences.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.lazy import regex

_ONE = regex(
    r"(Contribution|Service|Support|Ext|Decorator|Shell|Application|App|Registry|Manager|Provider|Store|Main|"
    r"Extension|Plugin|Module|Server|Root|AppComponent|Handler|Workspace|Controller|Worker|Polyfill|Tracker|"
    r"Router|Reporter|Telemetry|Analytics|Logger|Singleton|Bootstrap|Bridge|Client)s?(Impl|Implementation|Base)?$"
)
_MANY = regex(
    r"(Widget|View|ViewModel|Panel|Dialog|Editor|Component|Pane|Part|Item|Session|Model|Tab|Page|Popup|Menu|"
    r"Tooltip|Control|Renderer|Card|Row|Cell|Element|Overlay|Modal|Layer|Instance|Document|Chart|Tree|List|"
    r"Toolbar|Select|Button|Input|Decoration|Section|Group|Bar|Box|Handle|Entry|Slider|Carousel|Dropdown)s?"
    r"(Impl|Base)?$"
)
_TAKEN_OFF = frozenset({"onRemove", "removeHooks", "willDestroy", "disconnectedCallback"})
# functions that make a class out of an object literal, and the methods of AngularJS that run for each element
_MAKES_CLASSES = frozenset(
    {"extend", "createClass", "Class", "declare", "widget", "component", "inherit", "subclass"}
    | {"defineComponent"}
)
_LINKS = frozenset({"link", "postLink", "preLink"})
_INJECTED = frozenset({"injectable", "Injectable", "singleton", "Singleton", "Service", "service"})

# methods that end an object for good
LAST_METHODS = frozenset(
    {
        "dispose",
        "destroy",
        "release",
        "teardown",
        "tearDown",
        "unmount",
        "onDestroy",
        "dispose_",
        "destructor",
        "stopped",
    }
    | {"ngOnDestroy", "onRemove", "disconnectedCallback", "componentWillUnmount", "willDestroy", "_destroy"}
)
_ENDS = frozenset(
    {"dispose", "destroy", "release", "teardown", "tearDown", "unmount", "onDestroy", "dispose_"}
)


def names(unit: Unit, owner: int) -> Iterator[str]:
    """The name of a class, and of what it extends and implements."""
    row = unit.owners[owner]
    yield row.name
    for value in row.bases:
        base = unit.values[value]
        if base.kind == "place" and unit.places[base.place].symbol != NONE:
            place = unit.places[base.place]
            yield place.path[-1][1:] if place.path else unit.symbols[place.symbol].name


def is_one(unit: Unit, owner: int) -> bool:
    """Whether a class is named like something that a program has one of, or is handed out by a container."""
    if any(_ONE.search(name) for name in names(unit, owner)):
        return True
    return is_injected(unit, owner) and not comes_and_goes(unit, owner)


def comes_and_goes(unit: Unit, owner: int) -> bool:
    """Whether a class is named like something of which there are many, one after the other."""
    return any(_MANY.search(name) for name in names(unit, owner))


def has_instances(unit: Unit, owner: int) -> bool:
    """Whether many objects of a class seem to be made: they end, or no name says that there is one."""
    row = unit.owners[owner]
    if not row.name:  # `Control.extend({ onAdd() {…}, onRemove() {…} })`
        return row.kind == "object" and (
            any(unit.scopes[scope].name in _TAKEN_OFF for scope in row.methods) or is_class_like(unit, owner)
        )
    return any(unit.scopes[scope].name in _ENDS for scope in row.methods) or not is_one(unit, owner)


def is_class_like(unit: Unit, owner: int) -> bool:
    """Whether an object literal describes a class: `View.extend({…})`, the directive of AngularJS."""
    row = unit.owners[owner]
    if row.kind != "object":
        return False
    if any(unit.scopes[scope].name in _LINKS for scope in row.methods):
        return True
    for effect in unit.effects:
        if not isinstance(effect, Call) or effect.name not in _MAKES_CLASSES:
            continue
        if any(unit.values[value].owner == owner for value in effect.args):
            return not _is_of_one(unit, effect)
    return False


def _is_of_one(unit: Unit, call: Call) -> bool:
    """`Router.extend({…})`: what a program has one of."""
    if call.receiver == NONE:
        return False
    place = unit.places[call.receiver]
    named = unit.symbols[place.symbol].name if place.symbol != NONE else ""
    last = place.path[-1][1:] if place.path else named
    return bool(_ONE.search(last)) or last in ("$", "jQuery", "_", "Object", "angular")


def ends_many(unit: Unit, owner: int) -> bool:
    """Whether objects of a class are made of something, and end: of many, most likely."""
    methods = [unit.scopes[scope] for scope in unit.owners[owner].methods]
    made = any(row.kind == "constructor" and row.params for row in methods)
    return made and any(row.name in LAST_METHODS for row in methods) and not is_one(unit, owner)


def extends_many(unit: Unit, owner: int) -> bool:
    """Whether a class extends one of another file whose objects come and go."""
    return any(_MANY.search(name) for name in list(names(unit, owner))[1:])


def is_injected(unit: Unit, owner: int) -> bool:
    """Whether a container hands out one object of a class: `@Injectable()`."""
    for decorator in unit.owners[owner].decorators:
        value = unit.values[decorator]
        call = unit.effects[value.call] if value.kind == "call" else None
        if isinstance(call, Call) and call.name in _INJECTED:
            return True
    return False
