"""The registry does not keep sessions alive."""

import weakref


class Session:
    living = weakref.WeakSet()

    def __init__(self, user: str):
        self.user = user
        Session.living.add(self)


def serve(user: str):
    return Session(user).user
