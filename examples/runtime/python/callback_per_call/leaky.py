"""Each order attaches a function of its own to the bus, and leaves it there."""

from bus import bus


def store(order: str):
    lines = []

    def note(line):
        lines.append(line)

    bus.subscribe(note)
    bus.publish(order)
    return len(lines)


def serve(order: str):
    return store(order)
