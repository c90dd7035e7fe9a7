"""What is deleted leaves the table."""


class Shape:
    def __init__(self, number):
        self.number = number
        self.points = [number] * 4

    def delete(self):
        self.points.clear()


class Stage:
    def __init__(self):
        self.objects = {}

    def parse(self, command, number):
        if command == "CREATE":
            self.objects[number] = Shape(number)
        elif command == "DELETE":
            found = self.objects.pop(number, None)
            if found is not None:
                found.delete()


STAGE = Stage()


def serve(number: int):
    STAGE.parse("CREATE", number)
    STAGE.parse("DELETE", number)
