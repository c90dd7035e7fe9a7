"""The records of the intermediate representation: who can hold what, for how long, and what happens to it.

Everything refers to everything else by integer index into the lists of its `Unit`, so a unit is a
plain value: it can be compared, printed, cached and sent to another process. -1 means "none".
Positions are byte offsets into the UTF-8 text of the file (`leaklint.source.SourceFile` turns them
into lines and columns).

What is simplified against the syntax trees: expressions are lowered to `Value` rows in evaluation
order; types keep only their outer raw name and the outer raw names of their arguments; control
flow is the tree of `Region` rows, not a graph; a construct that no front end understands becomes
an `Opaque` effect. It does not know any API: `leaklint.models` says which calls retain or release.
"""

from __future__ import annotations

from typing import Literal

import msgspec

NONE = -1

ScopeKind = Literal["module", "function", "method", "constructor", "lambda", "class", "block", "static-block"]
SymbolKind = Literal[
    "variable",  # reassignable local or module variable
    "constant",  # const, final
    "parameter",
    "function",
    "class",
    "import",
    "field",  # instance field declared in a class body
    "static",  # static field, class attribute
    "this",  # the instance of an Owner: this, self
    "super",
    "global",  # not declared in the file: builtins, window, process
]
ValueKind = Literal[
    "place",  # reads `place`
    "string",  # literal: `text` is its content
    "number",
    "boolean",
    "null",
    "template",  # interpolated string: `parts`
    "container",  # literal: `text` is list, dict, set, tuple, array, object, comprehension; `parts`
    "closure",  # function value: `scope`
    "class",  # class value: `owner`
    "call",  # result of effect `call`
    "operation",  # `text` is the operator; `parts`
    "conditional",  # one of `parts`
    "spread",  # `parts[0]` spread out
    "opaque",
]
RegionKind = Literal[
    "loop",  # `test` of while/for, or `iterates`
    "branch",  # `test`, taken when it holds (or does not, if `negated`)
    "try",
    "except",
    "finally",
    "with",  # Python `with`, Java try-with-resources body
]
BindHow = Literal[
    "declare",  # variable declared with this value
    "assign",
    "augment",  # += and friends: `op`
    "element",  # target[key] = value
    "iterate",  # loop variable takes each element of value
    "enter",  # `with value as target`, try-with-resources, `using`
    "catch",
    "default",  # parameter default
]
LeaveHow = Literal["return", "yield", "await", "raise", "break", "continue"]


class Scope(msgspec.Struct, gc=False):
    """A lexical scope. Function-like kinds can be called; `class` and `block` scopes only hold names."""

    kind: ScopeKind
    name: str
    parent: int
    at: int
    end: int
    owner: int = NONE  # the Owner whose `this` is visible here
    symbol: int = NONE  # the symbol that names this function or class
    region: int = NONE  # region of the parent scope in which it is defined
    params: tuple[int, ...] = ()  # symbols, without self/cls/this
    decorators: tuple[int, ...] = ()  # values; Java annotations too
    flags: frozenset[str] = frozenset()
    """async, generator, static, classmethod, property, getter, setter, abstract, private, override, arrow"""
    captures: tuple[int, ...] = ()  # symbols of enclosing functions (and `this`) read or written inside


class Symbol(msgspec.Struct, gc=False):
    """A declared name, or a name that the file uses without declaring it (kind `global`)."""

    name: str
    kind: SymbolKind
    scope: int  # declaring scope; NONE for globals
    at: int = 0
    end: int = 0
    region: int = NONE  # region in which it is declared
    type: str = ""  # outer raw name of the declared type, e.g. "Map"
    type_args: tuple[str, ...] = ()  # outer raw names of its type arguments
    target: int = NONE  # function: its Scope; class and this: its Owner
    module: str = ""  # import: module it comes from
    imported: str = ""  # import: name there; "*" for the module itself, "default" for a default import
    flags: frozenset[str] = frozenset()
    """exported, final, volatile, private, rest, optional, type-only, injected (parameter property),
    shared (Python: ClassVar)"""
    decorators: tuple[int, ...] = ()


class Owner(msgspec.Struct, gc=False):
    """Something whose instances have fields: a class, a prototype, an object literal with methods."""

    name: str
    kind: Literal["class", "interface", "enum", "record", "object", "prototype", "anonymous"]
    scope: int  # its class scope (object literals: the scope in which they stand)
    this: int  # symbol of kind `this`
    symbol: int = NONE  # symbol that names it
    bases: tuple[int, ...] = ()  # values: base classes and interfaces
    outer: int = NONE  # enclosing Owner
    decorators: tuple[int, ...] = ()
    flags: frozenset[str] = frozenset()
    """static (nested without outer instance), abstract, exported, metaclass:NAME"""
    methods: tuple[int, ...] = ()  # scopes
    at: int = 0
    end: int = 0


class Place(msgspec.Struct, gc=False, frozen=True):
    """Something that can hold a reference: a symbol, or the result of a call, plus steps into it.

    A step is `.name` for an attribute or `[]` for an element. Instance fields are always rooted in
    the `this` symbol of their owner and static fields in the class symbol, however they are spelt.
    """

    symbol: int
    path: tuple[str, ...] = ()
    call: int = NONE  # effect index of the call whose result is the root, when symbol is NONE


class Value(msgspec.Struct, gc=False):
    """One lowered expression."""

    kind: ValueKind
    at: int
    end: int
    text: str = ""
    place: int = NONE
    call: int = NONE
    scope: int = NONE
    owner: int = NONE
    parts: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()  # object and dict literals: literal keys of `parts` ("" when computed)
    computed: tuple[int, ...] = ()  # values of computed keys of `parts`, NONE for the others; () without any


class Region(msgspec.Struct, gc=False):
    """A part of a function that may run never, many times, or only on some way out."""

    kind: RegionKind
    parent: int
    scope: int
    at: int
    end: int = 0
    test: int = NONE  # value
    negated: bool = False
    iterates: int = NONE  # value that a loop walks
    first: int = 0  # effects [first, last) lie inside
    last: int = 0
    leaves: str = ""  # return, raise, break or continue when every way through ends so
    catches: int = NONE  # Python: value of the class, or the tuple of classes, that an `except` names


class Bind(msgspec.Struct, gc=False, tag="bind"):
    scope: int
    region: int
    at: int
    end: int
    target: int  # place; for how="element" the container
    value: int
    how: BindHow = "assign"
    key: int = NONE  # value, for how="element"
    op: str = ""


class Delete(msgspec.Struct, gc=False, tag="delete"):
    """`del x[k]`, `delete x.a`: with a key, target is the container; without, the deleted place."""

    scope: int
    region: int
    at: int
    end: int
    target: int
    key: int = NONE


class Call(msgspec.Struct, gc=False, tag="call"):
    """A call or construction. `receiver.name(args)`, or `callee(args)` when receiver is NONE."""

    scope: int
    region: int
    at: int
    end: int
    name: str  # last name of the callee, "" when it has none
    receiver: int = NONE  # place
    callee: int = NONE  # place of the whole callee, only for calls without receiver
    args: tuple[int, ...] = ()
    keywords: tuple[tuple[str, int], ...] = ()
    new: bool = False
    at_name: int = 0  # where the name starts: the position a report points at


class Leave(msgspec.Struct, gc=False, tag="leave"):
    scope: int
    region: int
    at: int
    end: int
    how: LeaveHow
    value: int = NONE


class Opaque(msgspec.Struct, gc=False, tag="opaque"):
    """Something not understood. Rules stay silent about what it could touch."""

    scope: int
    region: int
    at: int
    end: int
    what: str


Effect = Bind | Delete | Call | Leave | Opaque


class Problem(msgspec.Struct, gc=False):
    """A syntax error, or another reason why part of a file was not read."""

    at: int
    end: int
    message: str


class Comment(msgspec.Struct, gc=False):
    """A comment that speaks to leaklint. `own_line` if nothing but blanks stands before it.

    until: of an annotation that does, the end of what is annotated; 0 for comments.
    """

    at: int
    end: int
    text: str
    own_line: bool
    until: int = 0


class Unit(msgspec.Struct, gc=False):
    """The facts of one file."""

    path: str
    language: Literal["python", "javascript", "java"]
    dialect: str = ""  # "jsx", "ts", "tsx" where it matters to a reader
    package: str = ""  # Java package, Python dotted module where known
    scopes: list[Scope] = []
    symbols: list[Symbol] = []
    owners: list[Owner] = []
    places: list[Place] = []
    values: list[Value] = []
    regions: list[Region] = []
    effects: list[Effect] = []  # in evaluation order, function bodies at their definition
    exports: dict[str, int] = {}  # exported name -> symbol
    comments: list[Comment] = []
    problems: list[Problem] = []
