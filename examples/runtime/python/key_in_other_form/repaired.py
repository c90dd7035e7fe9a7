"""Users are entered in lower case, and leave in it."""


class Presence:
    def __init__(self):
        self.online = {}

    def enter(self, user: str, channel: str):
        self.online[user.lower()] = channel

    def leave(self, user: str):
        self.online.pop(user.lower(), None)


PRESENCE = Presence()


def serve(number: int):
    user = f"User-{number}"
    PRESENCE.enter(user, "news")
    PRESENCE.leave(user)
