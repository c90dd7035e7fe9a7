"""The collector is off, for short pauses, and each call leaves a function that refers to itself."""

import gc

gc.disable()


def cleaned(message, secrets):
    def walk(part):
        if isinstance(part, list):
            return [walk(each) for each in part]
        return "***" if part in secrets else part

    return walk(message)


def serve(text: str):
    return cleaned([text, [text, "user"]], {text})
