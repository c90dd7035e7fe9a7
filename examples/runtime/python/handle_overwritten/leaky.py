"""A page that turns to another topic loses the subscription to the one before."""


class Subscription:
    def __init__(self, bus, topic, callback):
        self.bus = bus
        self.topic = topic
        self.callback = callback

    def cancel(self):
        self.bus.active.remove(self)


class Bus:
    def __init__(self):
        self.active = []

    def subscribe(self, topic, callback):
        subscription = Subscription(self, topic, callback)
        self.active.append(subscription)
        return subscription


BUS = Bus()


class Page:
    def __init__(self):
        self.lines = []
        self._subscription = None

    def switch(self, topic: str):
        self._subscription = BUS.subscribe(topic, self.lines.append)

    def close(self):
        if self._subscription is not None:
            self._subscription.cancel()
            self._subscription = None


PAGE = Page()


def serve(topic: str):
    PAGE.switch(topic)
