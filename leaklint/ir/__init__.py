"""The language-neutral intermediate representation. See `records` for what it says and leaves out."""

from leaklint.ir.records import (
    NONE,
    Bind,
    Call,
    Comment,
    Delete,
    Effect,
    Leave,
    Opaque,
    Owner,
    Place,
    Problem,
    Region,
    Scope,
    Symbol,
    Unit,
    Value,
)

__all__ = [
    "NONE",
    "Bind",
    "Call",
    "Comment",
    "Delete",
    "Effect",
    "Leave",
    "Opaque",
    "Owner",
    "Place",
    "Problem",
    "Region",
    "Scope",
    "Symbol",
    "Unit",
    "Value",
]
