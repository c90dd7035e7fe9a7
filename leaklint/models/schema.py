"""The records of a model table, and what their keys mean. See docs/models.md for examples.

Names of callables: `setInterval` or `atexit.register` is a function by its resolved name (imports
followed); `.addEventListener` is a method of any receiver; `*` matches any run of letters in a
name. Argument positions are 0-based.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Selector = Literal["key", "value", "one", "all", "some"]
PairKind = Literal["listener", "timer", "observer", "subscription", "handle", "registration"]


class Kind(msgspec.Struct, forbid_unknown_fields=True):
    """What the methods of one kind of container do.

    grow: method -> role of each argument: `k` key, `v` value, `c` closure that makes the value,
        `*` a collection of values, `-` nothing that is kept.
    release: method -> what goes away.
    get: methods whose result is an element.
    views: methods whose result is the container seen another way: releasing there releases here.
    size: methods and properties that tell its size.
    loads: methods that store what they do not find, with the roles of their arguments.
    """

    grow: dict[str, str] = {}
    release: dict[str, Selector] = {}
    get: list[str] = []
    views: list[str] = []
    size: list[str] = []
    loads: dict[str, str] = {}


class Container(msgspec.Struct, forbid_unknown_fields=True):
    """A family of container types that share a kind.

    names: constructors and factories by resolved name; also the declared types they answer to.
    types: further declared types (interfaces) that say what a holder is but construct nothing.
    literals: literal forms of the language (`list`, `dict`, `array`, `object` …).
    bound_keyword, bound_position: argument of the constructor that bounds it.
    bounded, weak: always so.
    fills_on_read: reading an absent key inserts it (defaultdict).
    builders: calls that begin a chain which builds one (`Caffeine.newBuilder`); `limits` are the calls of the
        chain that bound it, or let it hold weakly.
    """

    kind: str
    names: list[str] = []
    types: list[str] = []
    literals: list[str] = []
    bounded: bool = False
    weak: bool = False
    bound_keyword: str = ""
    bound_position: int = -1
    fills_on_read: bool = False
    builders: list[str] = []
    limits: list[str] = []


class Memo(msgspec.Struct, forbid_unknown_fields=True):
    """A decorator, or a helper that is called, which keeps results by arguments.

    size_keyword, size_position: argument that bounds it; `default_size` applies when it is absent
        (-1: unbounded). limits: further keywords, or keys of an object of options, that bound it.
    function: position of the function where it is called as a helper; -1: it never is.
    parameters: how many of the function's parameters make the key; 0: all.
    method_safe: keeps its entries on the instance.
    clear: attribute of the decorated function that empties it.
    """

    names: list[str]
    size_keyword: str = ""
    size_position: int = -1
    default_size: int = -1
    method_safe: bool = False
    clear: str = ""
    limits: list[str] = []
    function: int = 0
    parameters: int = 0


class ReleaseCall(msgspec.Struct, forbid_unknown_fields=True):
    """One way to undo an acquisition; what it names must match what was acquired.

    handle: position of the handle, or -2 when the handle is the receiver, -3 when it is called.
    target: position of the receiver, where a function takes it as an argument: `unlisten(target, …)`.
    ends_all: releases everything of that receiver (removeAllListeners, disconnect).
    """

    call: str
    target: int = -1
    event: int = -1
    callback: int = -1
    options: int = -1
    handle: int = -1
    ends_all: bool = False


class Pair(msgspec.Struct, forbid_unknown_fields=True):
    """An acquisition that wants a release: listeners, timers, observers, subscriptions, handles.

    acquire: the calls that acquire.
    receivers: resolved names or declared types of the receivers meant, or (`.a.b`) the last steps of their
        places; empty means any.
    target: position of the receiver, where a function takes it as an argument: `listen(target, …)`.
    wraps: the receivers only wrap what is acquired from: `$(document)`.
    named: the method is called like the event: `$(window).resize(f)`.
    process_wide: what is acquired lives until the process ends, whatever the receiver.
    idempotent: acquiring twice with the same callback keeps one.
    reschedules: only leaks when the callback acquires again (setTimeout, requestAnimationFrame).
    returns_handle: the result is what the release needs.
    self_release: option keys that end it by themselves.
    once: acquiring calls that end by themselves when they have fired.
    quiet_events: events after which the receiver is gone, or that fire once.
    page_events: events that tell of the end of the page: they matter to what ends before it.
    last_events: events that end a receiver which was handed over, with its listeners.
    packages: the file imports from one of these; empty: any file.
    events: only what is acquired under one of these is meant; empty: any event.
    unless: calls that end it, whatever they are called on: a file with one of them is left alone.
    lasting: receivers outlive whoever acquires from them, unless they are its own: services of the system.
    ends_with: what the names of classes, or of their bases, end in with which the receivers end.
    when_closed: only a class that can be closed is expected to undo it.
    done_by: methods that a function calls last on what it acquired; without one it is a candidate.
    only_with: option keys of which one must be given, and not be false.
    """

    name: str
    kind: PairKind
    acquire: list[str]
    receivers: list[str] = []
    target: int = -1
    event: int = -1
    callback: int = -1
    options: int = -1
    release: list[ReleaseCall] = []
    self_release: list[str] = []
    once: list[str] = []
    wraps: bool = False
    named: bool = False
    process_wide: bool = False
    idempotent: bool = False
    reschedules: bool = False
    returns_handle: bool = False
    quiet_events: list[str] = []
    page_events: list[str] = []
    last_events: list[str] = []
    packages: list[str] = []
    events: list[str] = []
    unless: list[str] = []
    lasting: bool = False
    when_closed: bool = False
    ends_with: list[str] = []
    done_by: list[str] = []
    only_with: list[str] = []
    advice: str = ""


class Component(msgspec.Struct, forbid_unknown_fields=True):
    """A life cycle: what opens in `setup` wants its end in `teardown`.

    bases: base classes, interfaces or decorators by resolved or plain name; empty: any class.
    lifetime: how long an instance lives: component (comes and goes), or process (one for good).
    """

    bases: list[str] = []
    decorators: list[str] = []
    setup: list[str] = []
    teardown: list[str] = []
    lifetime: Literal["component", "process"] = "component"


class ThreadLocalModel(msgspec.Struct, forbid_unknown_fields=True):
    """A holder with one value a thread. `attributes`: values are its attributes (Python).

    numbered: each one takes a place in the table of every thread, which nothing gives back (Netty).
    of_context: one value a context, which ends with a task more often than not; else one a thread.
    """

    names: list[str]
    set: list[str] = []
    remove: list[str] = []
    attributes: bool = False
    numbered: bool = False
    of_context: bool = False


class Slot(msgspec.Struct, forbid_unknown_fields=True):
    """A value of the running thread behind static methods: what sets it, and what takes it away.

    light: its values are too small to matter much.
    """

    name: str
    set: list[str]
    remove: list[str]
    packages: list[str] = []
    light: bool = False


class Native(msgspec.Struct, forbid_unknown_fields=True):
    """Values that whoever makes one has to end: memory that the collector does not count, threads.

    make: constructors and factories by resolved name, or `.method` of any receiver.
    types: declared types of such values.
    end: methods that end it; as functions they take it as an argument.
    packages: the first name must come from one of these; empty: any.
    borrowers: callees that use a value handed to them, and leave ending it to its maker.
    sure: worth reporting by default; else a candidate.
    early: only speak where the function that ends it leaves before without ending it.
    lent: whoever is handed one as an argument only uses it, unless a name says that it takes or ends it.
    receivers: what the name or type of the receiver ends in, in lower case; empty: any.
    gives_out: methods whose result ends the value when it is ended itself.
    through: methods whose result, or whoever is handed it, may end the value instead: `getLooper`.
    wrappers: classes whose objects end a value handed to their constructor when they are ended themselves.
    suffixes: what the names of classes end in whose constructors make one, arguments of the same sort apart.
    opens: types of the first argument of a constructor; any other only wraps what somebody else ends.
    nothing_at: position of an argument; where it is 0, there is nothing to end (a pool without core threads).
    within: calls that end what the function handed to them makes (`tidy`), and constructors of objects that
        end all that is made after them (`MemoryManager`).
    chains: first words of methods that give back the value itself, besides those that are named as setters.
    hidden_by: calls with which a class puts one in a field aside, with `false` where they take an argument:
        others are kept to be used again. Empty: any field counts.
    builders: calls and constructors that begin a chain which builds one; finish: calls that end it (`build`).
    begun_by: methods that begin what has to be ended; before, there is nothing to end. Empty: made begun.
    counted: references to it are counted, so that whoever is handed one for good is the last to use it.
    minor: not worth a word where only a failure that nobody catches skips the end.
    collected: classes of factories whose values the collector frees, but for what `make` names: `Unpooled`.
    at_once: open as soon as it is made, so that a failure leaves it open even before anybody else has it.
    extended: classes of the file that extend one of `make` have to be ended as well.
    """

    name: str
    make: list[str]
    end: list[str]
    types: list[str] = []
    packages: list[str] = []
    borrowers: list[str] = []
    sure: bool = True
    early: bool = False
    lent: bool = False
    receivers: list[str] = []
    gives_out: list[str] = []
    through: list[str] = []
    wrappers: list[str] = []
    suffixes: list[str] = []
    opens: list[str] = []
    nothing_at: int = -1
    within: list[str] = []
    chains: list[str] = []
    begun_by: list[str] = []
    hidden_by: list[str] = []
    builders: list[str] = []
    finish: list[str] = []
    minor: bool = False
    counted: bool = False
    collected: list[str] = []
    at_once: bool = False
    extended: bool = False


class Finalizer(msgspec.Struct, forbid_unknown_fields=True):
    """Calls that watch for the end of an object, and keep what else they are handed until then.

    target: position of the object that is watched. first, last: positions of what is kept; last = -1: all
        that follow, keywords too.
    made_by: names that the file calls or imports where such a registry is meant; empty: any file.
    """

    names: list[str]
    target: int = 0
    first: int = 1
    last: int = -1
    made_by: list[str] = []


class Kept(msgspec.Struct, forbid_unknown_fields=True):
    """Base classes whose objects the system keeps, together with the object around an inner class.

    by: who keeps them, as it reads in a message. unless: an argument or a call of the file that frees them.
    packages: the file imports the base class, or anything, from one of these.
    """

    bases: list[str]
    by: str
    packages: list[str] = []
    unless_argument: str = ""
    unless_call: str = ""
    sure: bool = True


class Pinned(msgspec.Struct, forbid_unknown_fields=True):
    """Types that a static field should not hold: what they refer to is meant to end sooner.

    types: names, or `*` and what a name ends in.
    sources: calls whose result is meant; empty: any value. harmless: calls and words of a name that
    say that the value lives as long as the process. packages: the file imports from one of these.
    """

    types: list[str]
    packages: list[str] = []
    sources: list[str] = []
    harmless: list[str] = []
    advice: str = ""
    sure: bool = True


class Models(msgspec.Struct, forbid_unknown_fields=True):
    """Everything known of one language.

    long_lived: receivers that live as long as the process (or the page).
    once_callbacks, inline_callbacks: callees that run a callback once for the whole process, or
        within the call (forEach).
    once_events: events that come once in the life of a page, as `event` or `receiver.event`.
    effects: hooks whose callback acquires and whose returned closure releases.
    watchers: calls whose callback runs whenever something changes, until its component goes (Vue's watch).
    bounded_key_types: declared types with few values. light_types: values too small to matter.
    workspace_types: those of them that are kept to be used again, and no plain values (formats, digests).
    weak_key_maps: maps that hold their keys weakly and their values strongly.
    weak_wrappers: calls that keep nothing of their arguments alive (weakref.ref).
    reflecting: calls whose result keeps their receiver, or an argument, alive (the methods of a class).
    fluent: methods that return their receiver: `map.off("a", f).off("b", g)`.
    completing: operators after which a subscription ends by itself (`takeUntil`, `first`).
    one_shots: calls whose result completes after it has given its value (an HTTP request).
    streams: calls whose result lives on as long as their receiver or arguments (`merge`, `pipe`, `select`).
    endings: methods that end the life of what they are called on (`dispose`, `close`).
    """

    kind: dict[str, Kind] = {}
    container: list[Container] = []
    memo: list[Memo] = []
    pair: list[Pair] = []
    component: list[Component] = []
    thread_local: list[ThreadLocalModel] = []
    slot: list[Slot] = []
    native: list[Native] = []
    worker: list[Native] = []
    resource: list[Native] = []
    finalizer: list[Finalizer] = []
    kept: list[Kept] = []
    pinned: list[Pinned] = []
    long_lived: frozenset[str] = frozenset()
    once_callbacks: list[str] = []
    inline_callbacks: list[str] = []
    once_events: frozenset[str] = frozenset()
    effects: list[str] = []
    watchers: list[str] = []
    bounded_key_types: frozenset[str] = frozenset()
    light_types: frozenset[str] = frozenset()
    workspace_types: frozenset[str] = frozenset()
    weak_wrappers: list[str] = []
    weak_key_maps: frozenset[str] = frozenset()
    reflecting: list[str] = []
    singletons: list[str] = []
    teardown_names: frozenset[str] = frozenset()
    setup_names: frozenset[str] = frozenset()
    registrar_names: frozenset[str] = frozenset()
    fluent: frozenset[str] = frozenset()
    completing: frozenset[str] = frozenset()
    one_shots: list[str] = []
    streams: list[str] = []
    endings: frozenset[str] = frozenset()
