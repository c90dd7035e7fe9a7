"""A parser of trees whose nodes do not know their parents: they need no collector."""

import gc

gc.disable()


class Node:
    def __init__(self, text):
        self.text = text
        self.children = []


def serve(text: str):
    root = Node(text)
    for number in range(5):
        root.children.append(Node(f"{text}.{number}"))
    return len(root.children)
