"""The finalizer of a spool has what it empties, and not the spool."""

import weakref


class Spool:
    def __init__(self, name):
        self.lines = [name] * 10
        self._end = weakref.finalize(self, self.lines.clear)


def serve(name: str):
    return len(Spool(name).lines)
