"""The same cache, with room for 64 pages."""

RESPONSES = {}


def render(path):
    return f"<html>{path}</html>"


def serve(path: str):
    if path not in RESPONSES:
        if len(RESPONSES) >= 64:
            RESPONSES.pop(next(iter(RESPONSES)))
        RESPONSES[path] = render(path)
    return RESPONSES[path]
