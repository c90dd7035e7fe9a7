"""The hook goes when the job is done."""

import atexit


class Job:
    def __init__(self, name):
        self.name = name
        self.lines = [name] * 5

    def close(self):
        self.lines.clear()


def serve(name: str):
    job = Job(name)
    atexit.register(job.close)
    try:
        return job.name
    finally:
        atexit.unregister(job.close)
