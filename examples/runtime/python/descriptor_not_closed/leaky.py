"""A lock file is opened for each job, and its descriptor is forgotten."""

import os


def reserve(path):
    descriptor = os.open(path, os.O_RDONLY)
    return os.fstat(descriptor).st_size


def serve(name: str):
    return reserve(__file__) + len(name)
