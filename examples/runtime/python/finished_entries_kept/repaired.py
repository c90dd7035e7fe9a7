"""Those who wait are woken, and wait no more."""


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
        self.waiters.clear()


GATE = Gate()


def serve(number: int):
    GATE.wait()
    GATE.release()
