"""Each run of a cell puts back the display hook that it found."""

import sys


class Cell:
    def __init__(self, name):
        self.name = name
        self.shown = []
        self.previous = sys.displayhook

        def show(value):
            self.shown.append(value)
            self.previous(value)

        sys.displayhook = show

    def close(self):
        sys.displayhook = self.previous
        self.shown = None


def serve(name: str):
    cell = Cell(name)
    cell.close()
    return cell.name
