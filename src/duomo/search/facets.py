"""How many products of a result set have each value: exactly what choosing the value would give."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.errors import BadQuery
from duomo.hits import Facet, FacetValue
from duomo.shelf.base import ColumnKind, Snapshot, kind_of
from duomo.shelf.filters import LISTS, Filter, OneOf, fold
from duomo.shelf.layout import PATH_BREAK

COUNTED: Final = ("text", "texts", "path", "number")


def check_facets(columns: tuple[str, ...], schema: pa.Schema) -> None:
    """Raise BadQuery, naming the columns there are, unless each can be counted."""
    if not columns:
        return
    known = [field.name for field in schema if kind_of(field) in COUNTED]
    for name in columns:
        if name not in known:
            raise BadQuery(
                f"there is no column '{name}' to count", remedy=f"Columns: {', '.join(sorted(known))}"
            )


def choices(chosen: Mapping[str, Sequence[str]], schema: pa.Schema) -> dict[str, Filter]:
    """For each column with ticked values the filter that lets any of them through; raises BadQuery.

    >>> from duomo.shelf.base import column
    >>> choices({"price": ["10", "12.5"]}, pa.schema([column("price", pa.float64(), "number")]))
    {'price': OneOf(column='price', values=(10.0, 12.5))}
    """
    ticked = {name: tuple(dict.fromkeys(values)) for name, values in chosen.items() if values}
    check_facets(tuple(ticked), schema)
    found: dict[str, Filter] = {}
    for name, values in ticked.items():
        number = kind_of(schema.field(name)) == "number"
        found[name] = OneOf(name, tuple(_number(name, each) for each in values) if number else values)
    return found


def _number(column: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        problem = f"'{value}' was chosen of {column}, a column of numbers"
        raise BadQuery(problem, remedy="Choose one of the values that the facet shows") from None


def count(snapshot: Snapshot, rows: NDArray[np.int64], columns: Sequence[str]) -> dict[str, Facet]:
    """The facets of the rows that passed the filter; products are counted, not rows.

    Most frequent first, equal counts by value. A row with several values counts under each of them.
    """
    if not columns:
        return {}
    table = snapshot.take(rows, list(dict.fromkeys(["product_id", "category_path", *columns])))
    products = codes_of(table["product_id"])[0]
    kinds = {name: kind_of(snapshot.schema.field(name)) for name in columns}
    return {name: Facet(column=name, values=_values(table, name, kinds[name], products)) for name in columns}


def _values(
    table: pa.Table, name: str, kind: ColumnKind, products: NDArray[np.int64]
) -> tuple[FacetValue, ...]:
    """Each value with the number of distinct products that have it."""
    column = table[name]
    if kind in LISTS:
        lists = column.combine_chunks()
        products = products[pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)]
        column = lists.flatten()
    codes, values = codes_of(column)
    met = np.unique(codes[codes >= 0])
    texts = [value_text(value) for value in values.take(pa.array(met)).to_pylist()]
    if kind == "path":
        # The column also holds every bare node, for filters; shown are the paths from the root.
        paths = {p for path in pc.unique(table["category_path"]).to_pylist() if path for p in _prefixes(path)}
    # A filter takes 'Navy Blue', 'NAVY BLUE' and 'navyblue' for one value, and so must a facet.
    groups: dict[str, int] = {}
    group_of = np.full(len(values) + 1, -1)  # the last place is that of code -1
    group_of[met] = [groups.setdefault(fold(text), len(groups)) for text in texts]
    there = codes >= 0
    pairs = np.unique(products[there] * max(len(groups), 1) + group_of[codes[there]])
    counts = np.bincount(pairs % max(len(groups), 1), minlength=len(groups))
    spelt = np.bincount(codes[there], minlength=len(values))[met]
    best: dict[int, tuple[int, str]] = {}  # the commonest spelling stands for its group
    for code, text, times in zip(met, texts, spelt.tolist(), strict=True):
        if kind == "path" and text not in paths:
            continue
        best[int(group_of[code])] = min(best.get(int(group_of[code]), (0, "")), (-times, text))
    found = [(text, int(counts[group])) for group, (_, text) in best.items()]
    return tuple(FacetValue(value=v, count=n) for v, n in sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _prefixes(path: str) -> list[str]:
    nodes = path.split(PATH_BREAK)
    return [" > ".join(nodes[:depth]) for depth in range(1, len(nodes) + 1)]


def codes_of(column: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """A code per row (-1 for null), and the array of values that the codes count into."""
    array = column
    if isinstance(column, pa.ChunkedArray):
        array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    indices = encoded.indices.fill_null(-1) if encoded.null_count else encoded.indices
    return indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def value_text(value: object) -> str:
    """A facet value as it is shown and as a filter takes it: 36.0 is '36'."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
