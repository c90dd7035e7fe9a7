"""Three buckets that are replaced."""

BUCKETS = {}


def serve(number: int):
    BUCKETS[number % 3] = [str(number)]
    return len(BUCKETS)
