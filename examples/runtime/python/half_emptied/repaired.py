"""Both are emptied."""

PENDING = {}
STARTED = {}


def begin(key: str):
    PENDING[key] = [key]
    STARTED[key] = len(PENDING)


def finish(key: str):
    PENDING.pop(key, None)
    STARTED.pop(key, None)


def serve(key: str):
    begin(key)
    finish(key)
