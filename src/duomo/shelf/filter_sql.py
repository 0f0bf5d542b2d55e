"""Writes a checked filter as SQL for DataFusion, the engine inside LanceDB."""

from typing import assert_never

import pyarrow as pa

from duomo.shelf.base import kind_of
from duomo.shelf.filters import LISTS, And, Compare, Filter, IsNull, Not, OneOf, Or


def render_sql(tree: Filter, schema: pa.Schema) -> str:
    """The filter as a boolean SQL expression; names and texts are escaped.

    SQL's third truth value stays harmless: a filter without Not is true in SQL exactly where it is true
    in ours, and under a Not the unknown is made false first.

    Raises:
        ValueError: a column has a backtick in its name, which the engine cannot escape.

    >>> from duomo.shelf.base import column
    >>> schema = pa.schema([column("颜色", pa.string(), "text")])
    >>> print(render_sql(Not(Compare("颜色", "=", "Levi's")), schema))
    NOT coalesce(`颜色` = 'Levi''s', false)
    """
    match tree:
        case Not(part):
            return f"NOT coalesce({render_sql(part, schema)}, false)"
        case And(parts):
            return "(" + " AND ".join(render_sql(part, schema) for part in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(render_sql(part, schema) for part in parts) + ")"
    name, listed = _name(tree.column), kind_of(schema.field(tree.column)) in LISTS
    match tree:
        case IsNull():
            return f"coalesce(array_length({name}), 0) = 0" if listed else f"{name} IS NULL"
        case OneOf(_, ()):
            return "false"
        case OneOf(_, values):
            some = ", ".join(_literal(value) for value in values)
            return f"array_has_any({name}, make_array({some}))" if listed else f"{name} IN ({some})"
        case Compare(_, operator, value):
            if listed:
                has = f"array_has({name}, {_literal(value)})"
                return has if operator == "=" else f"NOT coalesce({has}, false)"
            return f"{name} {'<>' if operator == '!=' else operator} {_literal(value)}"
    assert_never(tree)


def _name(column: str) -> str:
    if "`" in column:
        raise ValueError(f"column name {column!r} holds a backtick")
    return f"`{column}`"


def _literal(value: str | float) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
