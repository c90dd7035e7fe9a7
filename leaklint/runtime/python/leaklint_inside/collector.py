"""Collections between the calls: as many as it takes, and none where the program does without."""

from __future__ import annotations

import gc
import os
from types import FunctionType

from .sites import nested

MOST = 3
"""Collections in a row: what one frees may free more."""

_HERE = os.path.dirname(os.path.realpath(__file__))
_calling: set[str] = set()
"""Projects with a function that calls the collector."""


def collect(project: str) -> None:
    """Free what is garbage, unless a program has switched the collector off and never calls it.

    There cycles stay for as long as the process lives, and counts that leave them out would deny it.
    """
    if gc.isenabled() or project in _calling:
        for _ in range(MOST):
            if not gc.collect():
                break


def settle(project: str) -> None:
    """Leave what is loaded out of all collections: they look at what the calls make.

    From then on the collector does not list those objects, so its callers are looked for before.
    """
    root = os.path.realpath(project) + os.sep
    if any(type(item) is FunctionType and _collects(item, root) for item in gc.get_objects()):
        _calling.add(project)
    gc.collect()
    gc.freeze()


def _collects(function: FunctionType, root: str) -> bool:
    """Whether it is the project's own, and calls the collector, as far as names tell."""
    code = function.__code__
    if not any("collect" in part.co_names for part in nested(code)):
        return False
    file = os.path.realpath(code.co_filename)
    return file.startswith(root) and "site-packages" not in file and not file.startswith(_HERE)
