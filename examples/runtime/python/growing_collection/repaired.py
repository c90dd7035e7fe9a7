"""The last hundred events."""

from collections import deque

EVENTS = deque(maxlen=100)


class Event:
    def __init__(self, name):
        self.name = name
        self.payload = [name] * 10


def serve(name: str):
    EVENTS.append(Event(name))
    return name.upper()
