"""Knowledge of libraries: which calls construct, grow, release and bound what. Knows no syntax.

Tables are TOML files in one folder per language; every table of a language is merged into one
`Models`. A mistake in a table raises `ModelError` with file, key and reason.
"""

from leaklint.models.load import load, parse
from leaklint.models.schema import (
    Component,
    Container,
    Kind,
    Memo,
    Models,
    Native,
    Pair,
    ReleaseCall,
    ThreadLocalModel,
)

__all__ = [
    "Component",
    "Container",
    "Kind",
    "Memo",
    "Models",
    "Native",
    "Pair",
    "ReleaseCall",
    "ThreadLocalModel",
    "load",
    "parse",
]
