"""Who keeps an object alive: the shortest way from a root to it, by the objects that refer to it.

Each step walks the heap, so there are few of them. Weak, soft and phantom references keep nothing.
"""

from __future__ import annotations

import contextlib

from leaklint.runtime.jvm.histogram import readable
from leaklint.runtime.jvm.jdwp import Connection, JdwpError

MOST_STEPS = 40
"""Objects whose referrers are looked for: 10 ms each in a small heap."""

MOST_REFERRERS = 20
_OURS = "Lleaklint_inside/"


class Route:
    """Looks for ways to objects of one JVM."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def to(self, thing: int) -> list[str]:
        """Readable steps from the root inwards; empty when no root was found."""
        if self._is(thing, "Ljava/lang/Thread;"):
            return [f"thread {_short(self._kind(thing))}"]
        below = {thing: 0}
        pending = [thing]
        for _ in range(MOST_STEPS):
            if not pending:
                break
            at = pending.pop(0)
            for above in self._connection.referrers(at, MOST_REFERRERS):
                if above in below:
                    continue
                kind = self._kind(above)
                hidden = kind == "Ljava/lang/Class;" and self._hidden(above)
                if hidden or kind.startswith(_OURS) or self._weak(above, at):
                    continue
                below[above] = at
                if kind == "Ljava/lang/Class;" or self._is(above, "Ljava/lang/Thread;"):
                    return self._named(above, below)
                pending.append(above)
        return []

    def _kind(self, thing: int) -> str:
        return self._connection.signature(self._connection.type_of(thing))

    def _hidden(self, thing: int) -> bool:
        """Whether it is a class of the agent, or of the innards of the JVM."""
        name = self._connection.signature(self._connection.reflected(thing))
        return name.startswith((_OURS, "Ljdk/internal/"))

    def _is(self, thing: int, wanted: str) -> bool:
        """Whether an object is of a class or of one below it."""
        type = self._connection.type_of(thing)
        while type:
            if self._connection.signature(type) == wanted:
                return True
            type = self._connection.superclass(type)
        return False

    def _weak(self, above: int, at: int) -> bool:
        """Whether an object refers to another as its referent only."""
        return self._is(above, "Ljava/lang/ref/Reference;") and self._field(above, at, False) in (
            "referent",
            "",
        )

    def _named(self, root: int, below: dict[int, int]) -> list[str]:
        chain = [root]
        while below[chain[-1]]:
            chain.append(below[chain[-1]])
        words: list[str] = []
        kinds = [self._kind(thing) for thing in chain]
        if kinds[0] == "Ljava/lang/Class;":
            owner = self._connection.reflected(root)
            words += [f"class {_name(self._connection.signature(owner))}", self._field(owner, chain[1], True)]
        else:
            words += [f"thread {_short(kinds[0])}", self._field(root, chain[1], False)]
        for index in range(1, len(chain)):
            kind = kinds[index]
            if index == len(chain) - 1:
                words.append(_short(kind))
            elif not _internal(kind):
                inside = [self._field(chain[at], chain[at + 1], False) for at in self._run(kinds, index)]
                if kind.startswith("Ljava/util/"):
                    words.append(f"{_short(kind)} {_entry(inside)}")
                else:
                    words += [_short(kind), inside[0]]
        return [word for word in words if word]

    def _run(self, kinds: list[str], start: int) -> list[int]:
        """An object and the internal ones of its container behind it."""
        end = start + 1
        while end < len(kinds) - 1 and _internal(kinds[end]):
            end += 1
        return list(range(start, end))

    def _field(self, holder: int, held: int, static: bool) -> str:
        """The field in which an object, or a class, holds another; empty for an element of an array."""
        with contextlib.suppress(JdwpError):
            type = holder if static else self._connection.type_of(holder)
            while type:
                for field, name, signature, is_static in self._connection.fields(type):
                    if is_static == static and signature[0] in "L[":
                        from_ = type if static else holder
                        if self._connection.values(from_, [field], static=static)[0].bits == held:
                            return name
                type = 0 if static else self._connection.superclass(type)
        return ""


def _internal(kind: str) -> bool:
    """Whether a class is a part of a container of the JDK: an array, a node, an entry."""
    nested = kind.startswith("Ljava/util/") and "$" in kind
    return nested or kind.startswith(("[", "Ljava/lang/ThreadLocal$"))


def _entry(fields: list[str]) -> str:
    return next((name for name in reversed(fields) if name in ("key", "value")), "item")


def _name(signature: str) -> str:
    return readable(signature if signature.startswith("[") else signature[1:-1].replace("/", "."))


def _short(signature: str) -> str:
    """A class without its package: `HashMap`, `Order[]`, `Tax.lambda`."""
    name = _name(signature.replace("/0x", "$0x"))
    parts = name.split(".")
    start = next((index for index, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return ".".join(parts[start:])
