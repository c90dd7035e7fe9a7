"""Jobs are listed while they run, however they end."""

RUNNING = {}


def run(number: int, work):
    RUNNING[number] = work
    try:
        return work(number)
    finally:
        del RUNNING[number]


def reads_order(number: int):
    return int(f"order {number}, cut off")


def serve(number: int):
    try:
        return run(number, reads_order)
    except ValueError:
        return None
