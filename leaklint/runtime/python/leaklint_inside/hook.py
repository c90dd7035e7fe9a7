"""Becomes `sitecustomize.py` on the path of a server: starts the agent in it, and in what it forks.

LEAKLINT_INSIDE is the folder that holds this package, LEAKLINT_AGENT the address to connect to.
"""

import contextlib
import importlib
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _here]
sys.modules.pop("sitecustomize", None)
with contextlib.suppress(ImportError):
    importlib.import_module("sitecustomize")  # the one that this file hides

if os.environ.get("LEAKLINT_AGENT"):
    sys.path.insert(0, os.environ["LEAKLINT_INSIDE"])
    remote = importlib.import_module("leaklint_inside.remote")
    del sys.path[0]
    remote.listen(os.environ["LEAKLINT_AGENT"])
