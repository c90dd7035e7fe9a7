"""Files and folders that made-up arguments name: its text goes into drivers that need it."""

import os
import tempfile


def a_folder(i: int) -> str:
    """A folder with one file in it."""
    folder = os.path.join(tempfile.gettempdir(), "given", f"text-{i}")
    os.makedirs(folder, exist_ok=True)
    return folder if os.path.exists(os.path.join(folder, "text.json")) else os.path.dirname(a_file(i))


def a_file(i: int) -> str:
    """A file with a line of JSON."""
    folder = os.path.join(tempfile.gettempdir(), "given", f"text-{i}")
    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, "text.json")
    with open(file, "w", encoding="utf-8") as text:
        text.write(f'{{"id": "text-{i}"}}\n')
    return file
