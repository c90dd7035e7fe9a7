"""Each error keeps its traceback, and so the frames of the call."""

ERRORS = []


def convert(text):
    digits = [text] * 20
    return int(digits[0])


def serve(text: str):
    try:
        return convert("x" + text)
    except ValueError as error:
        ERRORS.append(error)
