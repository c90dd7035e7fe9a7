"""Users leave their rooms, and the rooms stay."""


class Rooms:
    def __init__(self):
        self.members = {}

    def join(self, room: str, user: str):
        self.members.setdefault(room, []).append(user)

    def leave(self, room: str, user: str):
        self.members[room].remove(user)


ROOMS = Rooms()


def serve(room: str):
    ROOMS.join(room, "somebody")
    ROOMS.leave(room, "somebody")
