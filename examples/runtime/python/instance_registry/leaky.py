"""Each session registers itself and never leaves."""


class Session:
    living = []

    def __init__(self, user: str):
        self.user = user
        Session.living.append(self)


def serve(user: str):
    return Session(user).user
