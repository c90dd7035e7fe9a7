"""The output of each job is caught by a handler of its own, which is taken off again."""

import io
import logging

ROOT = logging.getLogger("worker")
ROOT.propagate = False


def run(name: str):
    log = logging.getLogger("worker.job")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    ROOT.addHandler(handler)
    try:
        log.info("run %s", name)
    finally:
        ROOT.removeHandler(handler)
    return stream.getvalue()


def serve(name: str):
    return run(name)
