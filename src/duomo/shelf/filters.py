"""The filter tree: parsed once from the user's expression, checked against the schema, rendered per engine.

An expression reads like ``price < 50 and color in ('red', 'navy') and not brand = 'Acme'``; it is read by
`filter_text.parse`. Logic has two values: a comparison with a missing value is false, and Not lets through
exactly what its part does not. On a column of lists (kinds texts and path) ``=`` and ``in`` ask whether any
value fits, and ``!=`` lets through exactly the rows that ``=`` does not.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from typing import TYPE_CHECKING, Final, Literal, assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.errors import BadFilter
from duomo.shelf.base import ColumnKind, kind_of

if TYPE_CHECKING:
    from duomo.shelf.base import Snapshot

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
    """column is null: the catalog says nothing; of a column of lists also the empty list."""

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

FILTERABLE: Final[frozenset[ColumnKind]] = frozenset({"text", "texts", "path", "number"})
LISTS: Final[frozenset[ColumnKind]] = frozenset({"texts", "path", "names"})
_NUMBER: Final = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_INT64: Final = 2**63


def columns_of(tree: Filter) -> tuple[str, ...]:
    """The columns a filter looks at, each once, in the order they are named.

    >>> columns_of(And((Compare("price", "<", 50), Not(IsNull("color")), Compare("price", ">", 5))))
    ('price', 'color')
    """
    return tuple(dict.fromkeys(leaf.column for leaf in leaves(tree)))


def leaves(tree: Filter) -> Iterator[Compare | OneOf | IsNull]:
    """The comparisons that a filter is made of, in order."""
    match tree:
        case Not(part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield tree


def category_nodes(path: Sequence[str]) -> list[str]:
    """What a path column holds for one category: every path from the root, and every node's bare name.

    >>> category_nodes(("Apparel", "Topwear", "Shirts"))
    ['Apparel', 'Apparel > Topwear', 'Topwear', 'Apparel > Topwear > Shirts', 'Shirts']
    """
    nodes = (node for end in range(1, len(path) + 1) for node in (" > ".join(path[:end]), path[end - 1]))
    return list(dict.fromkeys(nodes))


def fold(text: str) -> str:
    """The text without case, width and blanks: what literals of a filter are compared by.

    >>> fold("Navy  Blue") == fold("ｎａｖｙblue")
    True
    """
    if text.isascii():
        return "".join(text.lower().split())
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def squeeze(text: str) -> str:
    """The letters and digits of a text without case and width: what codes are compared by.

    >>> squeeze("DV7-1211 EA") == squeeze("dv 7 1211ea")
    True
    """
    return "".join(letter for letter in fold(text) if letter.isalnum())


def check(tree: Filter, schema: pa.Schema) -> Filter:
    """The tree with every literal of the kind its column holds.

    Numbers written as text become numbers ('50' is 50) and the other way round; a comparison of whole
    numbers with a fraction is put in whole numbers.

    Raises:
        BadFilter: a column does not exist or cannot be filtered, a literal does not fit its column, or text
            is compared by size.
    """
    match tree:
        case Not(part):
            return Not(check(part, schema))
        case And(parts):
            return And(tuple(check(part, schema) for part in parts))
        case Or(parts):
            return Or(tuple(check(part, schema) for part in parts))
        case IsNull(name):
            _filterable(name, schema)
            return tree
        case OneOf(name, values):
            field = _filterable(name, schema)
            fitting = tuple(_literal(field, value) for value in values)
            if pa.types.is_integer(field.type):
                fitting = tuple(value for value in fitting if _whole(value))
            return OneOf(name, fitting)
        case Compare(name, operator, value):
            field = _filterable(name, schema)
            if kind_of(field) != "number" and operator not in ("=", "!="):
                numbers = [f.name for f in schema if kind_of(f) == "number"]
                raise BadFilter(
                    f"'{operator}' compares numbers, but column '{name}' holds text",
                    remedy=f"Use = or in; columns of numbers: {', '.join(numbers) or 'none'}.",
                )
            fitting_value = _literal(field, value)
            if pa.types.is_integer(field.type) and not _whole(fitting_value):
                return _in_whole_numbers(name, operator, float(fitting_value))
            return Compare(name, operator, fitting_value)
    assert_never(tree)


def _filterable(name: str, schema: pa.Schema) -> pa.Field:
    """The field of a column that may be filtered; raises BadFilter."""
    if (place := schema.get_field_index(name)) >= 0 and kind_of(schema.field(place)) in FILTERABLE:
        return schema.field(place)
    kinds = {field.name: kind_of(field) for field in schema}
    usable = [known for known, kind in kinds.items() if kind in FILTERABLE]
    folded = {fold(known): known for known in usable}
    near = get_close_matches(fold(name), folded, n=1)
    hint = f"Did you mean '{folded[near[0]]}'? " if near else ""
    shown = name if len(name) <= 80 else f"{name[:79]}…"
    problem = f"column '{shown}' cannot be filtered" if name in kinds else f"there is no column '{shown}'"
    raise BadFilter(problem, remedy=f"{hint}Columns: {', '.join(usable) or 'none'}.")


def _literal(field: pa.Field, value: str | float) -> str | float:
    """The value as the kind of thing the column holds; raises BadFilter."""
    if kind_of(field) != "number":
        return (
            value if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)
        )
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise BadFilter(
                f"column '{field.name}' holds numbers, and '{value}' is not one",
                remedy="Write it like 12.50.",
            )
        value = int(value) if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value) else float(value)
    if not math.isfinite(value):
        raise BadFilter(f"column '{field.name}': the number is too large", remedy="Write a smaller one.")
    if pa.types.is_integer(field.type):
        return int(value) if float(value).is_integer() else value
    return float(value)


def _whole(value: str | float) -> bool:
    return isinstance(value, int) and -_INT64 <= value < _INT64


def _in_whole_numbers(name: str, operator: Operator, value: float) -> Filter:
    """A comparison of an integer column with a fraction, or with a number beyond 64 bits."""
    nothing, anything = OneOf(name, ()), Not(IsNull(name))
    if operator in ("=", "!="):
        return nothing if operator == "=" else anything
    below = operator in ("<", "<=")
    if abs(value) >= _INT64:
        return anything if (value > 0) == below else nothing
    return Compare(name, "<=", math.floor(value)) if below else Compare(name, ">=", math.ceil(value))


def resolve(tree: Filter, snapshot: "Snapshot") -> Filter:
    """The tree with every text literal replaced by the values of the column that it means.

    Text is meant without regard to case, width and blanks (`fold`): ``color = 'navy blue'`` becomes
    ``color in ('Navy Blue', 'NAVY BLUE')``, whatever stands in the snapshot. A literal that nothing
    means stays and matches nothing.
    """
    match tree:
        case Not(part):
            return Not(resolve(part, snapshot))
        case And(parts):
            return And(tuple(resolve(part, snapshot) for part in parts))
        case Or(parts):
            return Or(tuple(resolve(part, snapshot) for part in parts))
        case IsNull():
            return tree
        case Compare(name) | OneOf(name) if kind_of(snapshot.schema.field(name)) == "number":
            return tree
        case OneOf(name, values):
            return OneOf(name, _meant(snapshot.spellings(name), values))
        case Compare(name, operator, value):
            meant = _meant(snapshot.spellings(name), (value,))
            if meant == (value,):
                return tree
            if operator == "=":
                return OneOf(name, meant)
            if kind_of(snapshot.schema.field(name)) in LISTS:
                return Not(OneOf(name, meant))
            return And((Not(OneOf(name, meant)), Not(IsNull(name))))
    assert_never(tree)


def _meant(known: Mapping[str, tuple[str, ...]], values: tuple[str | float, ...]) -> tuple[str | float, ...]:
    """The values that are meant, each once, by what `by_fold` made of those there are."""
    return tuple(
        dict.fromkeys(found for value in values for found in known.get(fold(str(value)), (str(value),)))
    )


def by_fold(values: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Fold -> the values that have it, in their order.

    >>> by_fold(["Navy Blue", "Red", "navy blue"])
    {'navyblue': ('Navy Blue', 'navy blue'), 'red': ('Red',)}
    """
    folded: defaultdict[str, list[str]] = defaultdict(list)
    for value in values:
        folded[fold(value)].append(value)
    return {key: tuple(each) for key, each in folded.items()}


def evaluate(tree: Filter, table: pa.Table) -> NDArray[np.bool_]:
    """(rows,) which rows of a table a checked filter lets through.

    Works on plain, dictionary-encoded and list columns; dictionary-encoded ones are many times faster.
    """
    match tree:
        case Not(part):
            return ~evaluate(part, table)
        case And(parts):
            return reduce(np.logical_and, (evaluate(part, table) for part in parts))
        case Or(parts):
            return reduce(np.logical_or, (evaluate(part, table) for part in parts))
        case IsNull(name):
            return _missing(_whole_column(table, name))
        case OneOf(name, values):
            return _any_of(_whole_column(table, name), values)
        case Compare(name, "=", value):
            return _any_of(_whole_column(table, name), (value,))
        case Compare(name, "!=", value):
            array = _whole_column(table, name)
            differs = ~_any_of(array, (value,))
            return differs if pa.types.is_list(array.type) else differs & ~_missing(array)
        case Compare(name, operator, value):
            array = _whole_column(table, name)
            compared = _BY_SIZE[operator](array, pa.scalar(value, array.type))
            return _flags(pc.fill_null(compared, False))
    assert_never(tree)


_BY_SIZE: Final = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}


def _whole_column(table: pa.Table, name: str) -> pa.Array:
    """A column as one array; no copy where it is one already."""
    chunked = table.column(name)
    return chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()


def _flags(array: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _missing(array: pa.Array) -> NDArray[np.bool_]:
    """Which rows hold no value; an empty list is none."""
    if pa.types.is_list(array.type):
        return _flags(pc.equal(pc.fill_null(pc.list_value_length(array), 0), 0))
    return _flags(array.is_null())


def _any_of(array: pa.Array, values: tuple[str | float, ...]) -> NDArray[np.bool_]:
    """Which rows hold one of the values, or a list with one of them."""
    if pa.types.is_list(array.type):
        fitting_before = np.zeros(len(array.values) + 1, dtype=np.int32)
        np.cumsum(_any_of(array.values, values), out=fitting_before[1:])
        offsets = array.offsets.to_numpy()
        fits: NDArray[np.bool_] = fitting_before[offsets[1:]] > fitting_before[offsets[:-1]]
        return fits & _flags(array.is_valid()) if array.null_count else fits
    if pa.types.is_dictionary(array.type):
        # The last place is for rows without a value.
        fitting = np.append(_any_of(array.dictionary, values), False)
        codes = array.indices.cast(pa.int32()).fill_null(len(array.dictionary))
        return np.asarray(fitting.take(codes.to_numpy()), dtype=np.bool_)
    return _flags(pc.is_in(array, value_set=pa.array(values, array.type)))
