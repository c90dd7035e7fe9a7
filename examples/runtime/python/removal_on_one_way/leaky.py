"""Jobs are listed while they run; one that raises stays listed."""

RUNNING = {}


def run(number: int, work):
    RUNNING[number] = work
    result = work(number)
    del RUNNING[number]
    return result


def reads_order(number: int):
    return int(f"order {number}, cut off")


def serve(number: int):
    try:
        return run(number, reads_order)
    except ValueError:
        return None
