"""Every subscription keeps the body of its request."""

CALLBACKS = []


def subscribe(topic: str):
    body = [topic] * 20
    CALLBACKS.append(lambda: len(body))


def serve(topic: str):
    subscribe(topic)
    return len(CALLBACKS)
