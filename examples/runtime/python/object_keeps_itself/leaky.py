"""The collector is off, for short pauses, and each parser keeps the method that it is at."""

import gc

gc.disable()


class Parser:
    def __init__(self, text):
        self.data = list(text)
        self.step = self.begin

    def begin(self):
        self.step = self.finish
        return len(self.data)

    def finish(self):
        return 0


def serve(text: str):
    parser = Parser(text)
    return parser.step() + parser.step()
