"""javalang as an oracle: what its parser (Java 8) recognises, and where.

Facts are taken while javalang parses and not from its tree, because the tree is odd in places: lambdas and
creators have no position, declarations start behind their modifiers, columns of the first line count from 0,
and `(a.b()).c()` drops `.b()`. Positions are the offsets of tokens.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import Any

from javalang import tree  # type: ignore[import-untyped]
from javalang.parser import JavaParserBaseException, Parser  # type: ignore[import-untyped]
from javalang.tokenizer import EndOfInput, Identifier, JavaTokenizer, LexerError  # type: ignore[import-untyped]
from javalang.util import LookAheadListIterator  # type: ignore[import-untyped]

Fact = tuple[object, ...]
Facts = Counter[Fact]

_ANGLES = {"<": 1, ">": -1, ">>": -2, ">>>": -3}


def facts_of(text: str) -> Facts | None:
    """Everything javalang sees in a file, with byte offsets; None when it does not understand the file."""
    tokens, offsets = [], []
    tokenizer = JavaTokenizer(text)
    try:
        for token in tokenizer.tokenize():
            tokens.append(token)
            offsets.append(tokenizer.i)  # where the token that was just handed out starts
        parser = _Witness(tokens)
        parser.parse()
    except (JavaParserBaseException, LexerError, RecursionError):
        return None
    if text.isascii():
        return Counter((*fact[:-1], offsets[fact[-1]]) for fact in parser.facts())
    bytes_before = [0, *accumulate(len(character.encode()) for character in text)]
    return Counter((*fact[:-1], bytes_before[offsets[fact[-1]]]) for fact in parser.facts())


class _Tokens(LookAheadListIterator):  # type: ignore[misc]
    """Tokens that forget what was seen in an attempt to parse that failed."""

    def __init__(self, tokens: list[Any]) -> None:
        super().__init__(tokens)
        self.seen: dict[tuple[str, int], tuple[Any, ...]] = {}

    def pop_marker(self, reset: bool) -> None:
        super().pop_marker(reset)
        if reset:
            for key in [key for key in self.seen if key[1] >= self.marker]:
                del self.seen[key]


class _Witness(Parser):  # type: ignore[misc]
    """The parser, telling what it recognises: each fact ends in the index of a token."""

    def __init__(self, tokens: list[Any]) -> None:
        super().__init__(tokens)
        self.tokens = _Tokens(tokens)
        self.tokens.set_default(EndOfInput(None))
        self._named_body = False
        self._lambda_at = 0

    def facts(self) -> list[tuple[Any, ...]]:
        return list(self.tokens.seen.values())

    def _tell(self, kind: str, *words: object, at: int) -> None:
        self.tokens.seen[kind, at] = (kind, *words, at)

    def _type(self, name_at: int) -> None:
        at = self.tokens.marker + name_at
        self._tell("type", self.tokens.list[at].value, at=at)
        self._named_body = True

    def parse_normal_class_declaration(self) -> Any:
        self._type(1)
        return super().parse_normal_class_declaration()

    def parse_enum_declaration(self) -> Any:
        self._type(1)
        self._named_body = False  # its body is no class body
        return super().parse_enum_declaration()

    def parse_normal_interface_declaration(self) -> Any:
        self._type(1)
        self._named_body = False
        return super().parse_normal_interface_declaration()

    def parse_annotation_type_declaration(self) -> Any:
        self._type(2)
        self._named_body = False
        return super().parse_annotation_type_declaration()

    def parse_class_body(self) -> Any:
        if not self._named_body:
            self._tell("anonymous", at=self.tokens.marker)
        self._named_body = False
        return super().parse_class_body()

    def parse_member_declaration(self) -> Any:
        return self._member(self.tokens.marker, super().parse_member_declaration())

    def parse_interface_body_declaration(self) -> Any:
        return self._member(self.tokens.marker, super().parse_interface_body_declaration())

    def parse_annotation_type_element_declaration(self) -> Any:
        return self._member(self.tokens.marker, super().parse_annotation_type_element_declaration())

    def _member(self, at: int, node: Any) -> Any:
        if isinstance(node, tree.MethodDeclaration | tree.ConstructorDeclaration):
            self._tell("method", node.name, len(node.parameters), at=at)
        elif isinstance(node, tree.AnnotationMethod):
            self._tell("method", node.name, 0, at=at)
        elif isinstance(node, tree.FieldDeclaration):
            self._tell("field", tuple(row.name for row in node.declarators), at=at)
        return node

    def parse_import_declaration(self) -> Any:
        at = self.tokens.marker
        node = super().parse_import_declaration()
        self._tell("import", node.path, node.static, node.wildcard, at=at)
        return node

    def parse_arguments(self) -> Any:
        before = self.tokens.list[self.tokens.marker - 1]
        if isinstance(before, Identifier) or before.value in ("this", "super"):
            self._tell("call", before.value, at=self.tokens.marker - 1)
        return super().parse_arguments()

    def parse_created_name(self) -> Any:
        start = self.tokens.marker
        node = super().parse_created_name()
        if self.would_accept("("):
            depth, last = 0, start
            for index in range(start, self.tokens.marker):
                token = self.tokens.list[index]
                depth += _ANGLES.get(token.value, 0)
                if depth == 0 and isinstance(token, Identifier):
                    last = index
            self._new(last)
        return node

    def parse_inner_creator(self) -> Any:
        self._new(self.tokens.marker)
        return super().parse_inner_creator()

    def _new(self, at: int) -> None:
        name = self.tokens.list[at].value
        self._tell("call", name, at=at)
        self._tell("new", name, at=at)

    def parse_lambda_expression(self) -> Any:
        self._lambda_at = self.tokens.marker
        return super().parse_lambda_expression()

    def parse_lambda_method_body(self) -> Any:
        if self.would_accept("->"):
            before = self.tokens.marker - 1
            bare = isinstance(self.tokens.list[before], Identifier)
            self._tell("lambda", at=before if bare else self._lambda_at)
        return super().parse_lambda_method_body()
