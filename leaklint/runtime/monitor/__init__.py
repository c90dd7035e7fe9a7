"""Watches the memory of a living process and says what it sees: `leaklint monitor`."""
