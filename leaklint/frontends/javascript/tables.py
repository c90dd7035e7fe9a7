"""Dispatch tables from the kinds of a grammar's nodes to the functions that lower them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tree_sitter import Node

from leaklint.frontends.javascript import (
    assignments,
    calls,
    classes,
    exports,
    functions,
    grammar,
    imports,
    jsx,
    objects,
    operators,
    statements,
    typescript,
)
from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.walk import Execute, Lower, Named, Walk

_EXPRESSIONS: dict[str, Lower] = {
    "identifier": ex.identifier,
    "shorthand_property_identifier": ex.identifier,
    "private_property_identifier": ex.opaque,
    "this": ex.identifier,
    "super": ex.identifier,
    "import": ex.identifier,
    "member_expression": ex.member,
    "subscript_expression": ex.chained,
    "meta_property": ex.meta_property,
    "string": ex.string,
    "number": ex.number,
    "true": ex.boolean,
    "false": ex.boolean,
    "null": ex.null,
    "undefined": ex.null,
    "regex": ex.opaque,
    "template_string": ex.template,
    "parenthesized_expression": ex.inner,
    "await_expression": ex.awaited,
    "non_null_expression": ex.inner,
    "as_expression": ex.inner,
    "satisfies_expression": ex.inner,
    "type_assertion": ex.inner,
    "instantiation_expression": ex.inner,
    "computed_property_name": ex.inner,
    "template_substitution": ex.inner,
    "decorator": ex.inner,
    "sequence_expression": ex.sequence,
    "array": ex.array,
    "array_pattern": ex.array,
    "object": objects.object_,
    "object_pattern": objects.object_,
    "spread_element": ex.spread,
    "rest_pattern": ex.spread,
    "unary_expression": operators.unary,
    "binary_expression": operators.binary,
    "ternary_expression": operators.ternary,
    "yield_expression": ex.yield_,
    "assignment_expression": assignments.assign_value,
    "augmented_assignment_expression": assignments.augment_value,
    "update_expression": assignments.update,
    "call_expression": calls.call_value,
    "new_expression": calls.new,
    "arrow_function": functions.closure,
    "function_expression": functions.closure,
    "generator_function": functions.closure,
    "class": classes.class_value,
    "jsx_element": jsx.element,
    "jsx_fragment": jsx.element,
    "jsx_self_closing_element": jsx.self_closing,
    "jsx_expression": ex.inner,
    "ERROR": ex.broken,
}

_STATEMENTS: dict[str, Execute] = {
    "expression_statement": statements.expression_statement,
    "variable_declaration": assignments.variables,
    "lexical_declaration": assignments.variables,
    "using_declaration": statements.using_declaration,
    "function_declaration": functions.declaration,
    "generator_function_declaration": functions.declaration,
    "function_signature": typescript.signature,
    "class_declaration": classes.class_declaration,
    "abstract_class_declaration": classes.class_declaration,
    "interface_declaration": typescript.interface,
    "enum_declaration": typescript.enum,
    "type_alias_declaration": typescript.alias,
    "internal_module": typescript.namespace,
    "module": typescript.namespace,
    "ambient_declaration": typescript.ambient,
    "import_statement": imports.import_statement,
    "import_alias": imports.import_alias,
    "export_statement": exports.export_statement,
    "statement_block": statements.block,
    "if_statement": statements.if_statement,
    "else_clause": statements.last,
    "while_statement": statements.while_statement,
    "do_statement": statements.while_statement,
    "for_statement": statements.for_statement,
    "for_in_statement": statements.for_in_statement,
    "try_statement": statements.try_statement,
    "switch_statement": statements.switch_statement,
    "return_statement": statements.leave("return"),
    "throw_statement": statements.leave("raise"),
    "break_statement": statements.leave("break"),
    "continue_statement": statements.leave("continue"),
    "labeled_statement": statements.last,
    "with_statement": statements.with_statement,
    "debugger_statement": statements.nothing,
    "empty_statement": statements.nothing,
    "ERROR": statements.error,
}

_NAMED: dict[str, Named] = {
    "arrow_function": functions.closure,
    "function_expression": functions.closure,
    "generator_function": functions.closure,
    "class": classes.class_value,
    "object": objects.object_,
    "assignment_expression": assignments.assign_bound,
}

# expressions as statements: their value is of no interest
_EFFECTS: dict[str, Callable[[Walk, Node], object]] = {
    "call_expression": calls.call_effect,
    "assignment_expression": assignments.assign,
    "augmented_assignment_expression": assignments.augment,
    "internal_module": typescript.namespace,
}

_PLAIN = ("identifier", "member_expression", "this", "super", "import")
_LEAVES = (
    *("identifier", "this", "super", "string", "number", "true", "false", "null", "undefined", "regex"),
    "private_property_identifier",
)
_CLASSES = ("class_declaration", "abstract_class_declaration")
_LEXICAL = (
    *("lexical_declaration", "using_declaration", "function_declaration", "generator_function_declaration"),
    *("class_declaration", "abstract_class_declaration", "enum_declaration", "interface_declaration"),
    *("internal_module", "function_signature", "import_alias"),
)


class Tables:
    """What one grammar's kind ids mean. Every kind id has an entry, so that a lookup never fails."""

    def __init__(self, grammar_name: str) -> None:
        language = grammar.language(grammar_name)
        self.names: dict[int, str] = {grammar.ERROR_KIND: "ERROR"}
        named: dict[int, str] = {grammar.ERROR_KIND: "ERROR"}
        for kind in range(language.node_kind_count):
            name = language.node_kind_for_id(kind) or ""
            self.names[kind] = name
            named[kind] = name if language.node_kind_is_named(kind) else ""
        self._named_kinds = named
        self.expressions: dict[int, Lower | None] = {k: _EXPRESSIONS.get(n) for k, n in named.items()}
        self.statements: dict[int, Execute | None] = {k: _STATEMENTS.get(n) for k, n in named.items()}
        self.named: dict[int, Named] = {k: _NAMED[n] for k, n in named.items() if n in _NAMED}
        self.effects: dict[int, Callable[[Walk, Node], object] | None] = {
            k: _EFFECTS.get(n) or _EXPRESSIONS.get(n) for k, n in named.items()
        }
        self.operands: dict[int, Lower] = {k: h or ex.opaque for k, h in self.expressions.items()}
        self.operators: dict[int, operators.Operator] = {
            k: (operators.OPERATORS.get(n, n), n in operators.LOGICAL) for k, n in self.names.items()
        }
        self.plain = self._kinds(*_PLAIN)
        self.leaves = self._kinds(*_LEAVES)
        self.lexical = self._kinds(*_LEXICAL)
        self.template = self._kinds("template_string")
        self.declarator = self._kinds("variable_declarator")
        self.otherwise = self._kinds("else_clause")
        self.classes = _CLASSES
        self.decorator = classes.decorator
        self.class_declaration = classes.class_declaration
        self.run = statements.run
        self.run_block = statements.run_block
        self.spine = calls.spine

    def _kinds(self, *names: str) -> frozenset[int]:
        return frozenset(kind for kind, name in self._named_kinds.items() if name in names)


class GuardedTables(Tables):
    """The same for a file that nests too deep: a node below a depth becomes `Opaque`.

    Counting costs time on every node, so ordinary files are lowered without it.
    """

    def __init__(self, grammar_name: str) -> None:
        super().__init__(grammar_name)
        self.expressions = {k: h and _guard(h) for k, h in self.expressions.items()}
        self.operands = {k: h or ex.opaque for k, h in self.expressions.items()}
        self.statements = {k: h and _guard_statement(h) for k, h in self.statements.items()}
        self.named = {k: _guard_named(h) for k, h in self.named.items()}
        self.effects = {k: h and _guard_effect(h) for k, h in self.effects.items()}


def _guard(handler: Lower) -> Lower:
    def guarded(w: Walk, node: Node) -> int:
        if w.depth >= w.deepest:
            return w.too_deep(node)
        w.depth += 1
        value = handler(w, node)
        w.depth -= 1
        return value

    return guarded


def _guard_named(handler: Named) -> Named:
    def guarded(w: Walk, node: Node, name: str, symbol: int) -> int:
        if w.depth >= w.deepest:
            return w.too_deep(node)
        w.depth += 1
        value = handler(w, node, name, symbol)
        w.depth -= 1
        return value

    return guarded


def _guard_statement(handler: Execute) -> Execute:
    def guarded(w: Walk, node: Node) -> str | None:
        if w.depth >= w.deepest:
            w.too_deep(node)
            return ""
        w.depth += 1
        leaves = handler(w, node)
        w.depth -= 1
        return leaves

    return guarded


def _guard_effect(handler: Callable[[Walk, Node], object]) -> Callable[[Walk, Node], object]:
    def guarded(w: Walk, node: Node) -> object:
        if w.depth >= w.deepest:
            return w.too_deep(node)
        w.depth += 1
        result = handler(w, node)
        w.depth -= 1
        return result

    return guarded


@cache
def tables_for(grammar_name: str, *, guarded: bool = False) -> Tables:
    return GuardedTables(grammar_name) if guarded else Tables(grammar_name)
