"""Uploads are stored under their id and removed under it."""


class Upload:
    def __init__(self, name: str):
        self.name = name

    def id(self):
        return f"upload {self.name}"


class Uploads:
    def __init__(self):
        self.running = {}

    def begin(self, upload: Upload):
        self.running[upload.id()] = upload

    def end(self, upload: Upload):
        self.running.pop(upload.id(), None)


UPLOADS = Uploads()


def serve(name: str):
    upload = Upload(name)
    UPLOADS.begin(upload)
    UPLOADS.end(upload)
