"""Each page leaves the feed that it showed."""


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
        self.feed = feed
        feed.attach(self)

    def text(self):
        return "\n".join(self.lines)

    def close(self):
        self.feed.detach(self)


NEWS = Feed()


def serve(title: str):
    page = Page(NEWS, title)
    try:
        return page.text()
    finally:
        page.close()
