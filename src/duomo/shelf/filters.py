"""The filter tree: parsed once from the user's expression, checked against the schema, rendered per engine.

An expression reads like ``price < 50 and color in ('red', 'navy') and not brand = 'Acme'``.
"""

from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """column op value; on a column of lists true when any value does."""

    column: str
    operator: Operator
    value: str | float


@dataclass(frozen=True, slots=True)
class OneOf:
    """column in (values)."""

    column: str
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """column is null: the catalog says nothing."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """Everything the part does not let through, rows without a value included."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple["Filter", ...]


Filter = Compare | OneOf | IsNull | Not | And | Or
