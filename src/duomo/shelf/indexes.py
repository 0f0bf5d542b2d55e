"""Which index a column of a table on disk gets, and how much of an index of vectors a search looks at."""

import logging
from bisect import bisect_left
from collections.abc import Callable
from math import ceil, sqrt
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.shelf.base import ID, kind_of
from duomo.shelf.columns import holds_several
from duomo.shelf.filters import LISTS

log = logging.getLogger(__name__)

INDEX_FROM: Final = 20_000  # vectors from which an index finds faster than comparing all
COMPARED: Final = 3_000  # rows that a filter lets through, below which all of them are compared
RECALL: Final = 0.98  # of the nearest that an index has to find
LADDER: Final = (
    1,
    2,
    3,
    4,
    6,
    8,
    12,
    16,
    24,
    32,
    48,
    64,
    96,
    128,
    192,
    256,
    384,
    512,
    768,
    1024,
)  # of probes


def index_columns(table: Any, schema: pa.Schema) -> None:
    """Index every column of a table by its kind; of vectors those of which there are many.

    An index that knows every row is left as it is.

    Args:
        table: LanceDB's handle; one without rows stays as it is.
        schema: its columns, made by `base.column`.
    """
    if not table.count_rows():
        return
    known = {index.columns[0] for index in table.list_indices() if _knows_all(table, index.name)}
    for field in schema:
        if field.name in known:
            continue
        if kind_of(field) == "vector" and table.count_rows(_there(field)) < INDEX_FROM:
            continue  # and of none at all LanceDB makes none
        if config := _index_of(field):
            table.create_index(field.name, config=config)
            log.info("indexed column %s of %s", field.name, table.name)


def usual_probes(rows: int) -> int:
    """Parts of an index that a search looks at where nobody has measured how many it takes.

    >>> usual_probes(100_000), usual_probes(1_000_000)
    (10, 40)
    """
    grown: float = (rows / 100_000) ** 0.6
    return max(10, round(10 * grown))


def probes_under(probes: int, passing: int, rows: int) -> int:
    """Parts of an index that a search with a filter looks at; 0: all that pass are compared.

    What passes lies thinner, so that more has to be looked at until as many are found. Measured on a million
    rows of 256 numbers: below some 3,000 rows it takes less to compare all of them (decision 22).

    Args:
        probes: that a search without a filter looks at.
        passing: rows that the filter lets through.
        rows: all rows.

    >>> [probes_under(40, passing, 1_000_000) for passing in (10_000, 100_000, 500_000, 1_000_000)]
    [400, 127, 57, 40]
    >>> probes_under(40, 1_000, 1_000_000)
    0
    """
    return 0 if passing < COMPARED else ceil(probes * sqrt(rows / passing))


def fewest_probes(
    found: Callable[[Vectors, int], NDArray[np.int64]], queries: Vectors, *, recall: float = RECALL
) -> int:
    """The fewest probes with which an index finds so much of what comparing everything finds.

    Args:
        found: the rows that a (dim,) query finds with so many probes; with 0 by comparing everything.
        queries: (n, dim) of length 1, like those of shoppers; rows of zeros do not count.
        recall: the share of the rows that is to be found, on average over the queries, 0 to 1.

    Returns:
        One of `LADDER`; its last one, where no number finds so much; 0 without queries.
    """
    asked = [query for query in queries if query.any()]
    truth = [set(found(query, 0).tolist()) for query in asked]
    if not any(truth):
        return 0

    def enough(probes: int) -> bool:
        shares = [
            len(best & set(found(query, probes).tolist())) / len(best)
            for query, best in zip(asked, truth, strict=True)
            if best
        ]
        log.info("%d probes find %.4f of the nearest", probes, np.mean(shares))
        return bool(np.mean(shares) >= recall)

    return LADDER[min(bisect_left(LADDER, True, key=enough), len(LADDER) - 1)]


def _knows_all(table: Any, name: str) -> bool:
    stats = table.index_stats(name)
    return stats is not None and not stats.num_unindexed_rows


def _there(field: pa.Field) -> str:
    """A condition that rows with a vector keep to."""
    name = f"`{field.name}`"
    return f"array_length({name}) > 0" if holds_several(field.type) else f"{name} IS NOT NULL"


def _index_of(field: pa.Field) -> Any:
    """The settings of a column's index, as LanceDB takes them; None: it gets none."""
    from lancedb.index import Bitmap, BTree, IvfSq, LabelList

    kind = kind_of(field)
    if kind == "vector":
        # Measured: the default (IVF_PQ) takes 25 times as long to build and finds 78 % of this.
        return IvfSq(distance_type="cosine")
    if kind in LISTS:
        return LabelList()
    if kind == "number" or field.name in (ID, "product_id"):
        return BTree()
    return Bitmap() if kind == "text" else None
