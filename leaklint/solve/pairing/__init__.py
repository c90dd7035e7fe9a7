"""Acquisitions and the removals that take them back."""
