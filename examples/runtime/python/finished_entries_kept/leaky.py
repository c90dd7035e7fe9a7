"""Those who wait are woken, and stay in the list of those who wait."""


class Waiter:
    def close(self):
        self.done = True


class Gate:
    def __init__(self):
        self.waiters = []

    def wait(self):
        waiter = Waiter()
        self.waiters.append(waiter)
        return waiter

    def release(self):
        for waiter in self.waiters:
            waiter.close()


GATE = Gate()


def serve(number: int):
    GATE.wait()
    GATE.release()
