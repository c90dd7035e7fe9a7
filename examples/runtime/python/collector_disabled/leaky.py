"""A parser of trees whose nodes know their parents, with the collector off for good."""

import gc

gc.disable()


class Node:
    def __init__(self, text, parent=None):
        self.text = text
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)


def serve(text: str):
    root = Node(text)
    for number in range(5):
        Node(f"{text}.{number}", root)
    return len(root.children)
