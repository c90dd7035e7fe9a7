"""One more exit hook for each job."""

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
    return job.name
