"""Whoever subscribes is told of what is published."""


class Bus:
    def __init__(self):
        self._callbacks = []

    def subscribe(self, callback):
        self._callbacks.append(callback)

    def unsubscribe(self, callback):
        self._callbacks.remove(callback)

    def publish(self, line):
        for callback in self._callbacks[:3]:
            callback(line)


bus = Bus()
