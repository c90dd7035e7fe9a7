"""Knowledge of libraries: which calls construct, grow, release and bound what. Knows no syntax.

Tables are TOML files in one folder per language; every table of a language is merged into one
`Models`. A mistake in a table raises `ModelError` with file, key and reason.
"""

from leaklint.models.load import load, parse, set_models
from leaklint.models.schema import (
    Component,
    Container,
    Finalizer,
    Kept,
    Kind,
    Memo,
    Models,
    Native,
    Pair,
    Pinned,
    ReleaseCall,
    Slot,
    ThreadLocalModel,
)

__all__ = [
    "Component",
    "Container",
    "Finalizer",
    "Kept",
    "Kind",
    "Memo",
    "Models",
    "Native",
    "Pair",
    "Pinned",
    "ReleaseCall",
    "Slot",
    "ThreadLocalModel",
    "load",
    "parse",
    "set_models",
]
