"""Each order attaches a function of its own to the bus, and takes it off."""

from bus import bus


def store(order: str):
    lines = []

    def note(line):
        lines.append(line)

    bus.subscribe(note)
    try:
        bus.publish(order)
    finally:
        bus.unsubscribe(note)
    return len(lines)


def serve(order: str):
    return store(order)
