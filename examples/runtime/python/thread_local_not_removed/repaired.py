"""The request leaves the thread in any case."""

import threading

_local = threading.local()


class Request:
    def __init__(self, path):
        self.path = path


def work():
    return _local.request.path


def serve(path: str):
    _local.request = Request(path)
    try:
        return work()
    finally:
        del _local.request
