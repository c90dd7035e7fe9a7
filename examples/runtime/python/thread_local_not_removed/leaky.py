"""The request stays on the thread after it was served."""

import threading

_local = threading.local()


class Request:
    def __init__(self, path):
        self.path = path


def work():
    return _local.request.path


def serve(path: str):
    _local.request = Request(path)
    return work()
