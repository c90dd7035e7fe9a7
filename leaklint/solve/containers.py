"""What the models of a language say of containers, as look-ups."""

from __future__ import annotations

from leaklint.models import Container, Models
from leaklint.solve.once import once_a_table


class Containers:
    """Look-ups over the containers of a table and the methods of their kinds.

    by_name: constructor, factory or declared type -> the first container that answers to it.
    last_names: what the names of `by_name` end in. by_literal: literal form -> container.
    builders: call that begins a chain of calls -> the container that the chain builds.
    grow, release, get, views, size: methods of any kind. touching: those that grow or release.
    """

    def __init__(self, models: Models) -> None:
        self.by_name: dict[str, Container] = {}
        self.by_literal: dict[str, Container] = {}
        self.builders: dict[str, Container] = {}
        for row in models.container:
            for name in (*row.names, *row.types):
                self.by_name.setdefault(name, row)
            for literal in row.literals:
                self.by_literal.setdefault(literal, row)
            self.builders |= dict.fromkeys(row.builders, row)
        self.last_names = frozenset(name.rpartition(".")[2] for name in self.by_name)
        kinds = models.kind.values()
        self.grow = frozenset(name for kind in kinds for name in kind.grow)
        self.release = frozenset(name for kind in kinds for name in kind.release)
        self.get = frozenset(name for kind in kinds for name in kind.get)
        self.views = frozenset(name for kind in kinds for name in kind.views)
        self.size = frozenset(name for kind in kinds for name in kind.size) | {"len"}
        self.touching = self.grow | self.release


containers = once_a_table(Containers)
