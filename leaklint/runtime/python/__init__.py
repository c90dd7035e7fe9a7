"""CPython: drivers, and the agent that runs them in a fresh interpreter."""
