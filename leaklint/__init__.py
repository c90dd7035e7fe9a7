"""leaklint: finds memory leaks before production."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leaklint.runtime.track import track_memory

__version__ = "0.1.0"
__all__ = ["__version__", "track_memory"]


def __getattr__(name: str) -> object:
    """`track_memory` when it is first asked for: the command starts without it."""
    if name != "track_memory":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from leaklint.runtime.track import track_memory

    return track_memory
