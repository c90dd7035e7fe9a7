"""A lock file is opened for each job, and closed when it has been read."""

import os


def reserve(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def serve(name: str):
    return reserve(__file__) + len(name)
