"""The cache belongs to the class and keeps every instance."""

from functools import cache


class Repository:
    def __init__(self, url: str):
        self.url = url
        self.index = list(range(20))

    @cache
    def files(self):
        return [f"{self.url}/{number}" for number in self.index]


def serve(number: int):
    return len(Repository(f"repository-{number}").files())
