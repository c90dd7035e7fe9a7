"""Joins a unit with the models of its language: lifetimes, repetition, aliases, growth, pairs."""

from leaklint.solve.facts import Facts, solve
from leaklint.solve.interface import Interface, Links
from leaklint.solve.link import link

__all__ = ["Facts", "Interface", "Links", "link", "solve"]
