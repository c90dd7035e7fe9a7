"""Every text that was ever parsed stays."""

from functools import cache


@cache
def parse(text: str):
    return text.split()


def serve(number: int):
    return len(parse(f"word {number}"))
