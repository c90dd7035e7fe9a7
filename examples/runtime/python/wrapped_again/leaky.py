"""Each run of a cell wraps the display hook of the run before."""

import sys


class Cell:
    def __init__(self, name):
        self.name = name
        self.shown = []
        previous = sys.displayhook

        def show(value):
            self.shown.append(value)
            previous(value)

        sys.displayhook = show

    def close(self):
        self.shown = None


def serve(name: str):
    cell = Cell(name)
    cell.close()
    return cell.name
