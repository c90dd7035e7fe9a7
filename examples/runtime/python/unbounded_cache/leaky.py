"""A cache by key that nothing empties."""

RESPONSES = {}


def render(path):
    return f"<html>{path}</html>"


def serve(path: str):
    if path not in RESPONSES:
        RESPONSES[path] = render(path)
    return RESPONSES[path]
