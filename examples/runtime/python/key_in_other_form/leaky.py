"""Users are entered in lower case, and leave as they write themselves."""


class Presence:
    def __init__(self):
        self.online = {}

    def enter(self, user: str, channel: str):
        self.online[user.lower()] = channel

    def leave(self, user: str):
        self.online.pop(user, None)


PRESENCE = Presence()


def serve(number: int):
    user = f"User-{number}"
    PRESENCE.enter(user, "news")
    PRESENCE.leave(user)
