"""Each page hangs on to the feed that it shows, after it was left."""


class Feed:
    def __init__(self):
        self._readers = []

    def attach(self, reader):
        self._readers.append(reader)

    def detach(self, reader):
        self._readers.remove(reader)


class Page:
    def __init__(self, feed: Feed, title: str):
        self.title = title
        self.lines = [title] * 10
        feed.attach(self)

    def text(self):
        return "\n".join(self.lines)


NEWS = Feed()


def serve(title: str):
    return Page(NEWS, title).text()
