"""Three gauges are registered with each start, and two are taken off again."""


class Gauge:
    running = []

    def start(self):
        Gauge.running.append(self)

    def stop(self):
        if self in Gauge.running:
            Gauge.running.remove(self)


class Region:
    def __init__(self):
        self.memory = Gauge()
        self.store = Gauge()
        self.temp = Gauge()

    def start(self):
        self.memory.start()
        self.store.start()
        self.temp.start()

    def stop(self):
        self.memory.stop()
        self.store.stop()


def serve(number: int):
    region = Region()
    region.start()
    region.stop()
