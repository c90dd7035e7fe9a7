"""Subscriptions end with their request."""

CALLBACKS = []


def subscribe(topic: str):
    body = [topic] * 20
    callback = lambda: len(body)
    CALLBACKS.append(callback)
    return callback


def serve(topic: str):
    callback = subscribe(topic)
    CALLBACKS.remove(callback)
    return len(CALLBACKS)
