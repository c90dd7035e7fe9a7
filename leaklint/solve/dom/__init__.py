"""Nodes of a page, and widgets that draw into it."""
