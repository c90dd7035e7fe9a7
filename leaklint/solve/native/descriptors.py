"""Python: what the operating system keeps until it is told: raw file descriptors and shared segments.

Files and sockets close their descriptor when they die; a plain number does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.names import callee_name

How = Literal["unused", "local", "field", "segment"]

# call -> positions of the descriptors in what it gives back; empty: it is one itself
_MAKES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("os.open", "os.dup", "os.memfd_create", "os.eventfd", "os.pidfd_open"), ()),
    **dict.fromkeys(("os.timerfd_create", "os.posix_openpt", "os.inotify_init"), ()),
    **dict.fromkeys(("os.pipe", "os.pipe2", "os.openpty", "pty.openpty"), (0, 1)),
    **dict.fromkeys(("tempfile.mkstemp",), (0,)),
    **dict.fromkeys(("os.forkpty", "pty.fork"), (1,)),
}
_LAST_NAMES = frozenset(name.rpartition(".")[2] for name in _MAKES)
_SEGMENTS = frozenset(
    {"multiprocessing.shared_memory.SharedMemory", "shared_memory.SharedMemory", "posix_ipc.SharedMemory"}
)
# what uses a descriptor and leaves closing it to the caller
_BORROWS = frozenset(
    {
        *(
            "read",
            "write",
            "readv",
            "writev",
            "pread",
            "pwrite",
            "fstat",
            "stat",
            "fsync",
            "fdatasync",
            "lseek",
        ),
        *(
            "ftruncate",
            "truncate",
            "set_blocking",
            "set_inheritable",
            "get_blocking",
            "get_inheritable",
            "isatty",
        ),
        *(
            "ttyname",
            "tcgetpgrp",
            "tcsetpgrp",
            "fcntl",
            "ioctl",
            "flock",
            "lockf",
            "fchmod",
            "fchown",
            "chmod",
        ),
        *("tcgetattr", "tcsetattr", "tcflush", "setraw", "setcbreak", "mmap", "select", "poll", "sendfile"),
        *(
            "splice",
            "posix_fallocate",
            "posix_fadvise",
            "dup2",
            "dup",
            "get_terminal_size",
            "statvfs",
            "utime",
        ),
        *("add_reader", "remove_reader", "add_writer", "remove_writer", "eventfd_read", "eventfd_write"),
        *("Popen", "run", "call", "check_call", "check_output", "create_subprocess_exec"),
        *("create_subprocess_shell", "print", "len", "str", "int", "repr", "set_wakeup_fd", "isinstance"),
        *("debug", "info", "warning", "error", "exception", "unregister", "modify", "sendmsg", "tcdrain"),
    }
)
_REPLACES = ("execv", "execve", "execvp", "execvpe", "execl", "execlp", "fork", "_exit")


class OpenDescriptor(msgspec.Struct):
    """`effect` opens what nothing closes. place: the variable or field, if one has it."""

    effect: int
    how: How
    place: Place | None


class Descriptors:
    """Descriptors and segments of one unit that stay open."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[OpenDescriptor]:
        for name in sorted(_LAST_NAMES & self.index.calls.keys()):
            for number in self.index.calls[name]:
                positions = _MAKES.get(callee_name(self.unit, number))
                if positions is None or not self.growths.repeats.repeats(number):
                    continue
                if self.growths.guards.init_guarded(number):
                    continue
                yield from self._opened(number, positions)
        for number in self.index.calls.get("SharedMemory", ()):
            if callee_name(self.unit, number) in _SEGMENTS and self._stays(number):
                yield OpenDescriptor(number, "segment", self._taker(number))

    # -- descriptors

    def _opened(self, number: int, positions: tuple[int, ...]) -> Iterator[OpenDescriptor]:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if self._is_replaced(call.scope):
            return
        targets = self._targets(number, bool(positions))
        if positions and len(targets) == 1:
            if not self._is_descriptor(targets[0]) and positions == (0,):
                yield OpenDescriptor(number, "unused", None)  # `path = mkstemp()[1]`
            return
        taken = [targets[each] for each in positions if each < len(targets)] if positions else targets[:1]
        for place in taken:
            how = self._left(place)
            if how is not None:
                yield OpenDescriptor(number, how, place)

    def _targets(self, number: int, unpacked: bool) -> list[Place]:
        """What a call's result is bound to: by position, or the one variable."""
        found = []
        for effect in self.unit.effects[number + 1 : number + 5]:
            if not isinstance(effect, Bind) or effect.value == NONE:
                break
            row = self.unit.values[effect.value]
            if unpacked:
                source = self.unit.places[row.place] if row.kind == "place" else None
                if source is None or source.call != number or source.path != ("[]",):
                    break
            elif row.kind != "call" or row.call != number:
                break
            if effect.how not in ("declare", "assign"):
                return []
            found.append((effect.at, self.unit.places[effect.target]))
        return [place for _, place in sorted(found, key=lambda row: row[0])]

    def _is_descriptor(self, place: Place) -> bool:
        name = place.path[-1] if place.path else self._name(place)
        return any(word in name.lower() for word in ("fd", "handle", "file_no", "fileno", "desc"))

    def _name(self, place: Place) -> str:
        return self.unit.symbols[place.symbol].name if place.symbol != NONE else ""

    def _is_replaced(self, scope: int) -> bool:
        """Whether a function forks or becomes another program, which sorts out descriptors by itself."""
        function = self.index.function(scope)
        return any(
            self.index.function(self.unit.effects[number].scope) == function
            for name in _REPLACES
            for number in self.index.calls.get(name, ())
        )

    def _left(self, place: Place) -> How | None:
        """How a descriptor stays open; None where somebody closes it, or may."""
        if place.symbol == NONE or "[]" in place.path:
            return None
        symbol = self.unit.symbols[place.symbol]
        if not place.path:
            if symbol.kind != "variable" or symbol.scope == 0:
                return None
            return "local" if self._is_only_used(place) else None
        if symbol.kind != "this" or len(place.path) != 1:
            return None
        return "field" if self._is_only_used(place) else None

    def _is_only_used(self, place: Place) -> bool:
        """Whether everything that takes a descriptor borrows it, and nothing closes it."""
        for value in self._mentions(place):
            row = self.unit.values[value]
            for effect in self.unit.effects:
                if not effect.at <= row.at or not row.end <= effect.end:
                    continue
                if isinstance(effect, Call):
                    if effect.name not in _BORROWS and value in self._given(effect):
                        return False
                elif isinstance(effect, Bind | Leave) and self._holds(effect.value, value):
                    return False
        return True

    def _mentions(self, place: Place) -> list[int]:
        """Values that read a variable, or a field of that name of anything."""
        if not place.path:
            return list(self.index.references.get(place.symbol, ()))
        return [
            number
            for number, row in enumerate(self.unit.values)
            if row.kind == "place" and self.unit.places[row.place].path[-1:] == place.path
        ]

    def _given(self, call: Call) -> set[int]:
        """Values that a call takes, also within what it takes."""
        pending = [*call.args, *(value for _, value in call.keywords)]
        found = set()
        while pending:
            value = pending.pop()
            found.add(value)
            pending += self.unit.values[value].parts
        return found

    def _holds(self, value: int, wanted: int) -> bool:
        if value in (NONE, wanted):
            return value == wanted
        row = self.unit.values[value]
        return row.kind != "operation" and any(self._holds(part, wanted) for part in row.parts)

    # -- segments

    def _stays(self, number: int) -> bool:
        """Whether a segment is made here, closed here, and never unlinked."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        made = any(
            name == "create" and self.unit.values[value].text in ("true", "True")
            for name, value in call.keywords
        )
        if not made or not self.growths.repeats.repeats(number):
            return False
        if (
            "close" not in self.index.calls
            or "unlink" in self.index.calls
            or "shm_unlink" in self.index.calls
        ):
            return False
        if any(place.path[-1:] == (".unlink",) for place in self.unit.places):
            return False
        return not self._is_returned(number)

    def _taker(self, number: int) -> Place | None:
        taker = self.index.uses.of_call.get(number, NONE)
        effect = self.unit.effects[taker] if taker != NONE else None
        return self.unit.places[effect.target] if isinstance(effect, Bind) else None

    def _is_returned(self, number: int) -> bool:
        place = self._taker(number)
        if place is None:
            return True
        if place.path or place.symbol == NONE:
            return False
        return any(
            isinstance(effect, Leave) and effect.value != NONE and self._is_place(effect.value, place)
            for effect in self.unit.effects
        )

    def _is_place(self, value: int, place: Place, depth: int = 0) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == place
        return depth < 3 and any(self._is_place(part, place, depth + 1) for part in row.parts)
