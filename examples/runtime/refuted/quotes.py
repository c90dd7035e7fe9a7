"""Quotes wait until they are answered. What empties the list is named at run time only."""

WAITING = []


def ask(quote: str):
    WAITING.append([quote])
    return answer(WAITING)


def answer(waiting):
    getattr(waiting, "clear")()
