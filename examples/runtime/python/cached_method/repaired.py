"""The result belongs to the instance."""

from functools import cached_property


class Repository:
    def __init__(self, url: str):
        self.url = url
        self.index = list(range(20))

    @cached_property
    def files(self):
        return [f"{self.url}/{number}" for number in self.index]


def serve(number: int):
    return len(Repository(f"repository-{number}").files)
