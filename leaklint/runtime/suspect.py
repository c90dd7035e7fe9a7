"""A suspect: what static analysis believes about one holder, in terms that a harness can try.

Plain values only: a suspect goes to other processes as JSON. It holds no IR and no verdict.
`leaklint.runtime.derive` makes suspects, `leaklint.runtime.drivers` finds a way to run them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

HolderKind = Literal[
    "variable",  # of a module: `name`, then `steps`
    "static",  # static field or class attribute `owner`.`name`, then `steps`
    "field",  # instance field `owner`.`name`
    "default",  # default value of parameter `name` of `function`
    "memo",  # results kept for `function` (a method when `owner` is set)
    "closure",  # variable `name` of a call of `function`, kept by a function made there
    "attribute",  # attribute `name` of `function`
    "registry",  # process-wide list behind the call `name`, e.g. atexit.register
    "listener",  # listeners of a target: `name` is the receiver as written, `event` what it listens to
    "timer",  # active timers
    "observer",  # living observers
    "object",  # living objects: what `name` says at the site, or what the site makes
    "resource",  # what the site opens: files, sockets, native memory behind an object
    "reference",  # what the static field `owner`.`name` refers to, one object
    "block",  # blocks that the site allocates by hand: numbers that releases, which span them, take back
    "exception",  # what the exception in the static field `owner`.`name` gathers
    "thread",  # living threads of the process
    "thread-local",  # value per thread: variable or static field, attribute in `steps`
    "unknown",
]
Role = Literal["initializer", "declaration", "growth", "acquisition", "release", "set"]


class Span(msgspec.Struct, frozen=True):
    """Bytes [at, end) of the file's UTF-8 text without byte order mark, and 1-based lines."""

    at: int
    end: int
    line: int
    end_line: int


class HolderPath(msgspec.Struct, frozen=True):
    """Where the holder is to be found in a running process.

    owner: class, with the names of outer classes and functions before it (`Outer.Inner`).
    function: name of the function, the same way. steps: attributes below the place, without dots.
    instances: module variables that hold an instance of `owner`.
    text: the holder as findings name it. given: callable whose caller hands the holder in; "" for none.
    """

    kind: HolderKind
    text: str
    name: str = ""
    owner: str = ""
    function: str = ""
    event: str = ""
    steps: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    private: bool = False
    given: str = ""


class Site(msgspec.Struct, frozen=True):
    """A statement that retains.

    receiver: the expression that evaluates to the container itself or to one of its elements (`depth` 1
    and more); None where no such expression stands in the source, as in `X = X + [v]`.
    how: method or operator. function: the callable that it stands in. via: the call that led here, when
    the holder was handed to a helper.
    """

    span: Span
    receiver: Span | None
    how: str
    function: str
    depth: int = 0
    via: Span | None = None


class Release(msgspec.Struct, frozen=True):
    """A statement that takes something out of the holder.

    callers: callables in the file that call `function`; called: whether anything could call it.
    why: the reason for which the static side does not count on it; empty where it does.
    """

    span: Span
    function: str
    callers: tuple[str, ...] = ()
    called: bool = True
    why: str = ""


class Parameter(msgspec.Struct, frozen=True):
    """One parameter. type, type_args: outer raw names, as declared or documented; may be empty.

    reads: whether the code reads members of it that no text has. Java does not ask.
    """

    name: str
    type: str = ""
    type_args: tuple[str, ...] = ()
    has_default: bool = False
    default: str = ""  # kind of the default value: string, number, boolean, null, container …
    default_text: str = ""  # its source text
    rest: bool = False
    keyword_only: bool = False
    reads: bool = False


class Class(msgspec.Struct, frozen=True):
    """A class of the file that a driver may have to make instances of.

    constructor: its parameters; an inherited one counts. members: of an enum.
    """

    name: str
    kind: str
    constructor: tuple[Parameter, ...] = ()
    bases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    abstract: bool = False
    static: bool = True  # Java: can be made without an outer instance
    private: bool = False
    teardown: tuple[str, ...] = ()  # its methods that end a life, without parameters
    exported: str = ""


class Callable(msgspec.Struct, frozen=True):
    """Something that a driver can call.

    name: without its class. owner: class, or "". inside: the function that it is nested in, which makes
    it unreachable by name; "" otherwise.
    flags: async, generator, static, classmethod, property, private, getter, setter, abstract.
    exported: name under which a JavaScript module gives it (or its class) away; "" when it does not.
    """

    name: str
    line: int
    kind: Literal["function", "method", "constructor", "lambda"]
    owner: str = ""
    inside: str = ""
    params: tuple[Parameter, ...] = ()
    returns: str = ""
    flags: frozenset[str] = frozenset()
    exported: str = ""
    instances: tuple[str, ...] = ()
    """Module variables that hold an instance of `owner`."""

    @property
    def text(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name


class Handler(msgspec.Struct, frozen=True):
    """A function without a name that the outside calls.

    It runs when `emitter` emits `event`: the driver emits. Or a call of the module is handed it, as a route
    is (`method` handed): `span` is where it stands, and the agent keeps it. Or the entry returns it (`method`
    made), by itself or as member `event`: the driver calls the entry once, and then what that has made.
    """

    emitter: str
    method: str
    event: str
    params: tuple[Parameter, ...] = ()
    span: Span | None = None


class Entry(msgspec.Struct, frozen=True):
    """A way to the retain site.

    distance: calls between the entry and the site. outermost: nothing in the project calls the entry, as
    far as is known. handler: set when the entry is a function handed to an emitter. endless: it has a loop
    that nothing leaves.
    """

    callable: Callable
    distance: int
    outermost: bool
    handler: Handler | None = None
    endless: bool = False


class Suspect(msgspec.Struct, frozen=True):
    """One holder with everything that is needed to try it.

    path: as it is shown, with forward slashes; file: absolute. digest: SHA-256 of the raw bytes of the
    file, in hex: an agent that rewrites source does so only when it still matches.
    code, confidence, fingerprint: of the finding; empty for a holder that no rule complains about.
    bound: the number of entries that the static side knows as a limit; 0 for none, -1 for one of unknown
    size. expires: entries leave after a time. registers: it looks like registration at start-up.
    lifetime: process, instance, closure, thread. on_field: what keeps is behind a field of the object that
    the site is a method of, so that another object for each call would end it.
    entries: outermost first.
    """

    path: str
    file: str
    language: Literal["python", "javascript", "java"]
    digest: str
    holder: HolderPath
    sites: tuple[Site, ...]
    entries: tuple[Entry, ...] = ()
    releases: tuple[Release, ...] = ()
    declaration: Span | None = None
    initializer: Span | None = None
    classes: tuple[Class, ...] = ()
    code: str = ""
    confidence: str = ""
    fingerprint: str = ""
    lifetime: str = "process"
    container: str = ""  # kind of container: map, list, set …
    package: str = ""  # of a Java file
    dialect: str = ""
    bound: int = 0
    expires: bool = False
    registers: bool = False
    on_field: bool = False

    @property
    def key(self) -> str:
        """Names the suspect among those of a run."""
        return f"{self.path}:{self.holder.text}:{self.holder.event}"


class Outline(msgspec.Struct, frozen=True):
    """A file with everything in it that can be called, and its suspects.

    quiet: holders that no rule complains about, watched so that a trigger without a finding has a verdict.
    """

    path: str
    file: str
    language: Literal["python", "javascript", "java"]
    digest: str
    callables: tuple[Callable, ...] = ()
    classes: tuple[Class, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    quiet: tuple[Suspect, ...] = ()
    package: str = ""
    dialect: str = ""
