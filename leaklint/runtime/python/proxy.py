"""What stands for arguments of which nobody knows the type: its text goes into drivers that need it."""

import builtins
import json
import opcode
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from types import FrameType
from typing import Any, ClassVar


class Proxy:
    """Answers to anything; equal to another one that was reached the same way from the same number.

    What is called again and again within one call of `iterate` gives something false after three times, and
    after a hundred ends like a connection: loops come to their end. What is read of it are bytes. Where work
    is to fail, one of the first four calls raises.
    """

    _calls: ClassVar[dict[tuple[object, ...], int]] = {}
    _fails = 0

    def __init__(self, *path: Any) -> None:
        self._path = path
        self._true = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(self)(*self._path, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = type(self)(*self._path, "()")
        count = Proxy._calls[found._path] = Proxy._calls.get(found._path, 0) + 1
        if sum(Proxy._calls.values()) == Proxy._fails:
            raise RuntimeError("made to fail")
        if count > 100:
            raise ConnectionError(f"{self} has no more to give")
        found._true = count <= 3
        if self._path[-1] in _READS:
            read = Read(json.dumps({"id": str(self)}).encode() if found._true else b"")
            read.awaited = found if self._path[-1] == "recv" else read
            return read
        return found

    def __getitem__(self, key: Any) -> Any:
        return type(self)(*self._path, str(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter([type(self)(*self._path, str(number)) for number in range(_wanted(sys._getframe(1)))])

    async def __aiter__(self) -> AsyncIterator[Any]:
        yield type(self)(*self._path, "0")

    def __len__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        return self._true

    def __contains__(self, item: Any) -> bool:
        return False

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *args: Any) -> None:
        return None

    def __await__(self) -> Generator[None, None, Any]:
        return self
        yield

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Proxy) and self._path == other._path

    def __hash__(self) -> int:
        return hash(self._path)

    def __str__(self) -> str:
        return ".".join(map(str, self._path))

    __repr__ = __str__

    def __fspath__(self) -> str:
        return str(self)

    def __int__(self) -> int:
        return int(self._path[0])

    __index__ = __int__

    def __float__(self) -> float:
        return float(self._path[0])

    def __add__(self, other: Any) -> Any:
        return str(self) + other if isinstance(other, str) else float(self) + other

    def __radd__(self, other: Any) -> Any:
        return other + str(self) if isinstance(other, str) else other + float(self)

    def __sub__(self, other: Any) -> Any:
        return float(self) - float(other)

    def __rsub__(self, other: Any) -> Any:
        return float(other) - float(self)

    def __mul__(self, other: Any) -> Any:
        return float(self) * float(other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return float(self) / (float(other) or 1.0)

    def __rtruediv__(self, other: Any) -> Any:
        return float(other) / (float(self) or 1.0)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(str(self).encode())

    def __lt__(self, other: Any) -> bool:
        return float(self) < float(other)

    def __le__(self, other: Any) -> bool:
        return float(self) <= float(other)

    def __gt__(self, other: Any) -> bool:
        return float(self) > float(other)

    def __ge__(self, other: Any) -> bool:
        return float(self) >= float(other)


class Read(bytes):
    """Bytes, whether they are waited for or not; `await socket.recv()` gives a message of any type."""

    awaited: Any

    def __await__(self) -> Generator[None, None, Any]:
        return self.awaited
        yield


_READS = frozenset(("body", "read", "readline", "recv", "read_bytes", "getvalue"))
"""Methods that give bytes; here a line of JSON."""


def _written(self: Any, value: Any, plain: Any = json.JSONEncoder.default) -> Any:
    """As JSON, what answers to anything is a text."""
    return str(value) if isinstance(value, Proxy) else plain(self, value)


setattr(json.JSONEncoder, "default", _written)  # noqa: B010


def _opened(file: Any, *args: Any, plain: Any = builtins.open, **kwargs: Any) -> Any:
    """A file by its name: what answers to anything is no descriptor, which would be closed after use."""
    return plain(str(file) if isinstance(file, Proxy) else file, *args, **kwargs)


setattr(builtins, "open", _opened)  # noqa: B010


def _wanted(frame: FrameType) -> int:
    """How many values `a, b = proxy` unpacks there; 1 for a loop."""
    name, count = opcode.opname[frame.f_code.co_code[frame.f_lasti]], frame.f_code.co_code[frame.f_lasti + 1]
    return count if name.startswith("UNPACK") else 1
