"""A log of everything that ever happened."""

EVENTS = []


class Event:
    def __init__(self, name):
        self.name = name
        self.payload = [name] * 10


def serve(name: str):
    EVENTS.append(Event(name))
    return name.upper()
