"""Errors that reach a user as one line and a hint, never as a traceback."""

from __future__ import annotations


class LeaklintError(Exception):
    """A mistake that the user can mend. `hint` says what to do; may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnreadableFile(LeaklintError):
    """A file that cannot be read or decoded."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: cannot be read: {reason}")
        self.path = path
        self.reason = reason


class ModelError(LeaklintError):
    """A mistake in a model table: file, key and reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")


class UsageError(LeaklintError):
    """A wrong option or argument."""
