"""Jobs are listed inside of a with block; one that raises stays listed."""

import time
from contextlib import contextmanager


class Tracker:
    def __init__(self):
        self.open = {}

    @contextmanager
    def opened(self, job):
        self.open[job] = time.monotonic()
        yield job
        del self.open[job]


TRACKER = Tracker()


def serve(number: int):
    try:
        with TRACKER.opened(f"job-{number}"):
            return int(f"{number} lines")
    except ValueError:
        return None
