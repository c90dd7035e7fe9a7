"""Only the last twenty messages are kept, as text."""

ERRORS = []


def convert(text):
    digits = [text] * 20
    return int(digits[0])


def serve(text: str):
    try:
        return convert("x" + text)
    except ValueError as error:
        ERRORS.append(str(error))
        del ERRORS[:-20]
