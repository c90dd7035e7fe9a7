"""The finalizer of a spool is a method of the spool, and so keeps it for ever."""

import weakref


class Spool:
    def __init__(self, name):
        self.lines = [name] * 10
        self._end = weakref.finalize(self, self._empty)

    def _empty(self):
        self.lines.clear()


def serve(name: str):
    return len(Spool(name).lines)
