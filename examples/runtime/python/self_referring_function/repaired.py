"""The collector is off, for short pauses, and the function that walks is made once."""

import gc

gc.disable()


def walk(part, secrets):
    if isinstance(part, list):
        return [walk(each, secrets) for each in part]
    return "***" if part in secrets else part


def serve(text: str):
    return walk([text, [text, "user"]], {text})
