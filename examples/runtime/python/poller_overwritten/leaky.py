"""A display that follows another file leaves the thread that followed the one before."""

import threading


class Follower(threading.Thread):
    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self._stopped = threading.Event()

    def run(self):
        while not self._stopped.wait(30):
            pass

    def stop(self):
        self._stopped.set()
        self.join()


class Display:
    def __init__(self):
        self._follower = None

    def switch(self, path: str):
        self._follower = Follower(path)
        self._follower.start()

    def close(self):
        if self._follower is not None:
            self._follower.stop()


DISPLAY = Display()


def serve(path: str):
    DISPLAY.switch(path)
