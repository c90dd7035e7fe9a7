"""The last 128 texts stay."""

from functools import lru_cache


@lru_cache(maxsize=128)
def parse(text: str):
    return text.split()


def serve(number: int):
    return len(parse(f"word {number}"))
