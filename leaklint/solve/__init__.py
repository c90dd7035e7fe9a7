"""Joins a unit with the models of its language: lifetimes, repetition, aliases, growth, pairs."""

from leaklint.solve.facts import Facts, solve

__all__ = ["Facts", "solve"]
