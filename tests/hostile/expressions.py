"""Filters written back as text, and what of a piece of SQL stands outside of quotes."""

import re
from typing import Final, assert_never

import pyarrow as pa

from duomo.shelf.base import column
from duomo.shelf.filter_sql import render_sql
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import And, Compare, Filter, IsNull, Not, OneOf, Or, check, leaves

SCHEMA: Final = pa.schema(
    [
        column("price", pa.float64(), "number"),
        column("stock", pa.int64(), "number"),
        column("title", pa.string(), "text"),
        column("颜色", pa.list_(pa.string()), "texts"),
        column("category", pa.list_(pa.string()), "path"),
    ]
)
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'|`[^`]*`")
_WORDS: Final = frozenset(
    {
        "not",
        "coalesce",
        "false",
        "and",
        "or",
        "is",
        "null",
        "in",
        "array_has",
        "array_has_any",
        "array_length",
    }
    | {"make_array"}
)


def written(tree: Filter) -> str:
    """A filter as an expression that reads back as the same filter."""
    match tree:
        case Not(part):
            return f"not ({written(part)})"
        case And(parts):
            return " and ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({written(part)})" for part in parts)
    name = "`" + tree.column.replace("`", "``") + "`"
    match tree:
        case IsNull():
            return f"{name} is null"
        case OneOf(_, values):
            return f"{name} in ({', '.join(map(_literal, values))})"
        case Compare(_, operator, value):
            return f"{name} {operator} {_literal(value)}"
    assert_never(tree)


def _literal(value: str | float) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "1e999" if value == float("inf") else "-1e999" if value == float("-inf") else repr(value)


def keep_the_laws(expression: str) -> Filter:
    """Parse an expression; a tree that does not read back, or SQL with more in it than the tree, fails.

    Raises:
        BadFilter: the expression does not read, or does not fit SCHEMA.
        ValueError: a law is broken.
    """
    tree = parse(expression)
    if parse(written(tree)) != tree:
        raise ValueError(f"reads back as another filter: {written(tree)!r}")
    fitting = check(tree, SCHEMA)
    sql = render_sql(fitting, SCHEMA)
    outside = _QUOTED.sub(" ", sql)
    words = re.findall(r"[A-Za-z_]+", re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", " ", outside))
    if strange := [word for word in words if word.lower() not in _WORDS]:
        raise ValueError(f"{strange} stands outside of quotes in {sql!r}")
    if odd := re.sub(r"[\w\s()<>=,.+-]", "", outside, flags=re.ASCII):
        raise ValueError(f"{odd!r} stands outside of quotes in {sql!r}")
    texts = {text.replace("''", "'") for text in _QUOTED.findall(sql) if text}
    meant = {value for leaf in leaves(fitting) for value in _values(leaf) if isinstance(value, str)}
    if texts != meant - {""}:
        raise ValueError(f"the texts of {sql!r} are not those of the filter")
    return tree


def _values(leaf: Compare | OneOf | IsNull) -> tuple[str | float, ...]:
    match leaf:
        case Compare(_, _, value):
            return (value,)
        case OneOf(_, values):
            return values
        case _:
            return ()
