"""Three buckets whose lists grow."""

BUCKETS = {}


def serve(number: int):
    BUCKETS.setdefault(number % 3, []).append(str(number))
    return len(BUCKETS)
