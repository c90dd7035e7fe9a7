"""leaklint: finds memory leaks before production."""

__version__ = "0.1.0"
