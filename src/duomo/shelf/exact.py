"""The shelf in memory: the truth the others are tested against, and the fast path of small shops."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from math import inf
from threading import RLock
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.once import once
from duomo.ranking import best
from duomo.shelf.base import ID, TOKENS, Found, Snapshot, kind_of
from duomo.shelf.coarse import Coarse
from duomo.shelf.columns import complete, dim_of, merged, tidy
from duomo.shelf.filters import LISTS, Compare, Filter, OneOf, by_fold, evaluate
from duomo.shelf.keywords import Word
from duomo.shelf.postings import Postings
from duomo.shelf.vectors import cosines, directions_of, may_be_best, near_best, nearest

# Below this share of rows it is cheaper to copy the vectors a filter lets through than to score all.
_FEW: Final = 0.2
_FILTERS_KEPT: Final = (
    128  # filters whose rows are remembered: shoppers choose the same values again and again
)


class ExactSnapshot:
    """One version of a shelf in memory; keeps the promises of `Snapshot` exactly."""

    def __init__(self, table: pa.Table, version: int, origin: NDArray[np.int64] | None = None) -> None:
        """Take over a table.

        Args:
            table: columns made by `base.column`, with or without rows; every id stands once.
            version: what `version` says.
            origin: (n,) the rows of the snapshot that it was read from, in order of id.
        """
        self.origin = origin
        self._schema = table.schema
        self._version = version
        if len(table) and not _sorted(table[ID]):
            table = table.take(pc.sort_indices(table[ID]))
        self._table = pa.table({field.name: _encode(table[field.name], field) for field in table.schema})
        self._directions = {
            field.name: directions_of(self._table[field.name].chunk(0))
            for field in table.schema
            if kind_of(field) == "vector"
        }
        self._lock = RLock()  # of what is made when it is first asked for, by column:
        self._values: dict[str, tuple[str, ...]] = {}
        self._spellings: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._places: dict[str, _Places] = {}
        self._coarse: dict[str, Coarse | None] = {}
        # (n,) which rows pass a filter. Of the table, not of self: what refers to itself is freed late.
        self.let_through = lru_cache(maxsize=_FILTERS_KEPT)(partial(_let_through, self._table))

    @property
    def schema(self) -> pa.Schema:
        """The columns, strings as plain strings."""
        return self._schema

    @property
    def version(self) -> int:
        """The number this snapshot was made with."""
        return self._version

    def __len__(self) -> int:
        return len(self._table)

    def search(
        self,
        *,
        vector: Vectors | None = None,
        column: str = "",
        keywords: Sequence[Word] = (),
        filter: Filter | None = None,
        k: int | None = None,
        least: float = -inf,
    ) -> Found:
        """See `Snapshot.search`; the row numbers are places in the order of ids."""
        if vector is not None:
            self.check(vector, column, keywords)
        if vector is None and not keywords and (few := self.named(filter)) is not None:
            return Found(few[:k], np.zeros(len(few[:k]), dtype=np.float32))
        allowed = self.let_through(filter) if filter is not None and len(self) else None
        if vector is not None:
            return self.nearest(vector, column, allowed, k, least)
        if keywords:
            rows, scores = self.postings.search(keywords)
            if allowed is not None:
                rows, scores = rows[allowed[rows]], scores[allowed[rows]]
            places = best(scores, k)
            return Found(rows[places], scores[places])
        every = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        return Found(every[:k], np.zeros(len(every[:k]), dtype=np.float32))

    def relevance(self, rows: NDArray[np.int64], words: Sequence[Word]) -> NDArray[np.float32]:
        """See `Snapshot.relevance`."""
        return self.postings.scores(words)[rows]

    def similarity(self, rows: NDArray[np.int64], vector: Vectors, column: str) -> NDArray[np.float32]:
        """See `Snapshot.similarity`."""
        self.check(vector, column, ())
        return cosines(self._directions[column].of(rows), vector)

    def take(self, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """The named columns of these rows, in their order; strings are dictionary-encoded."""
        return self._table.select(list(columns)).take(pa.array(rows, pa.int64()))

    def column(self, name: str) -> pa.Array:
        """(n,) one column, all rows; strings are dictionary-encoded."""
        return self._table[name].chunk(0)

    def values(self, column: str) -> tuple[str, ...]:
        """The distinct values of a text, texts or path column, in order."""
        with self._lock:
            if column not in self._values:
                array = self._table[column].chunk(0)
                flat = array.flatten() if pa.types.is_list(array.type) else array
                values = flat.dictionary if pa.types.is_dictionary(flat.type) else flat
                self._values[column] = tuple(sorted(v for v in values.to_pylist() if v is not None))
            return self._values[column]

    def spellings(self, column: str) -> Mapping[str, tuple[str, ...]]:
        """See `Snapshot.spellings`."""
        with self._lock:
            if column not in self._spellings:
                self._spellings[column] = by_fold(self.values(column))
            return self._spellings[column]

    def passes(self, rows: NDArray[np.int64], filter: Filter) -> NDArray[np.bool_]:
        """See `Snapshot.passes`."""
        return self.let_through(filter)[rows]

    def named(self, filter: Filter | None) -> NDArray[np.int64] | None:
        """The rows that a filter names by values of one column of texts; None for any other filter.

        Looked up, not compared: a page of hits asks for its products this way, at every question.
        """
        match filter:
            case Compare(column, "=", value):
                wanted: tuple[str | float, ...] = (value,)
            case OneOf(column, wanted):
                pass
            case _:
                return None
        if not len(self) or kind_of(self._schema.field(column)) not in ("text", "names"):
            return None
        with self._lock:
            if column not in self._places:
                self._places[column] = _Places(self._table[column].chunk(0))
            places = self._places[column]
        return places.of(wanted)

    def check(self, vector: Vectors, column: str, keywords: Sequence[Word]) -> None:
        """Raise ValueError where `search` promises to; at every question, so what is right is seen first."""
        held = self._directions.get(column)
        if (
            held is None
            or keywords
            or vector.shape != held.vectors.shape[1:]
            or not np.isfinite(vector).all()
        ):
            check_question(self._schema, vector, column, keywords)

    def _coarse_of(self, column: str) -> Coarse | None:
        with self._lock:
            if column not in self._coarse:
                self._coarse[column] = Coarse.of(self._directions[column].vectors)
            return self._coarse[column]

    @once
    def postings(self) -> Postings:
        """Which rows hold which token."""
        if TOKENS not in self._schema.names:
            return Postings(pa.nulls(len(self), pa.string()))
        return Postings(self._table[TOKENS].chunk(0))

    def nearest(
        self, vector: Vectors, column: str, allowed: NDArray[np.bool_] | None, k: int | None, least: float
    ) -> Found:
        """The best k of the rows (n,) that are allowed; as `search` does it, the question is not checked."""
        held = self._directions[column]
        query = unit(vector.astype(np.float64))  # float32 squares of tiny numbers would be zero
        allowed = held.present if allowed is None else allowed & held.present
        count = int(np.count_nonzero(allowed)) if query.any() else 0
        if count < _FEW * len(self) or not count:
            rows = np.flatnonzero(allowed)[:count]
            few = held.of(rows)
            rows = rows[near_best(few.most(few.vectors @ query), k, least)]
        elif coarse := self._coarse_of(column):
            low, high = map(held.most, coarse.bounds(query))
            if count < len(self):
                low[~allowed] = high[~allowed] = -np.inf
            rows = may_be_best(low, high, k, least)
        else:
            scores = held.most(held.vectors @ query)
            if count < len(self):
                scores[~allowed] = -np.inf
            rows = near_best(scores, k, least)
        return nearest(rows, held.of(rows), query, k, least)


class _Places:
    """Value -> rows of a column of texts, or of one of lists."""

    def __init__(self, column: pa.Array) -> None:
        rows = np.arange(len(column))
        if pa.types.is_list(column.type):
            rows = pc.list_parent_indices(column).to_numpy()
            column = column.flatten()
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        values = column.dictionary.to_pylist()
        codes = column.indices.fill_null(len(values)).to_numpy()
        order = np.argsort(codes, kind="stable")
        self._code = {value: code for code, value in enumerate(values)}
        self._rows = rows[order]
        self._starts = np.searchsorted(codes[order], np.arange(len(values) + 1))

    def of(self, values: Sequence[str | float]) -> NDArray[np.int64]:
        """The rows that hold one of the values, ascending."""
        codes = {self._code[value] for value in values if value in self._code}
        spans = [self._rows[self._starts[code] : self._starts[code + 1]] for code in codes]
        return np.unique(np.concatenate(spans)).astype(np.int64) if spans else np.zeros(0, np.int64)


class ExactShelf:
    """A shelf that lives and dies with the process; writes copy, so that snapshots never change."""

    def __init__(self) -> None:
        self._table = pa.table({})
        self._version = 0
        self._snapshot = ExactSnapshot(self._table, 0)

    def upsert(self, rows: pa.Table) -> None:
        """See `Shelf.upsert`."""
        new = tidy(rows, self._table.schema)
        schema = merged(self._table.schema, new.schema)
        old = complete(self._table, schema)
        kept = old.filter(pc.invert(pc.is_in(old[ID], value_set=new[ID].combine_chunks())))
        self._put(pa.concat_tables([kept, complete(new, schema)]))

    def fill(self, columns: pa.Table) -> None:
        """See `Shelf.fill`."""
        given = tidy(columns, self._table.schema)
        table = complete(self._table, merged(self._table.schema, given.schema))
        place = pc.index_in(table[ID], value_set=given[ID].combine_chunks()).combine_chunks()
        own = pa.array(np.arange(len(table)))
        source = pc.if_else(place.is_valid(), pc.add(place.cast(pa.int64()), len(table)), own)
        for name in (name for name in given.column_names if name != ID):
            both = pa.concat_arrays([*table[name].chunks, *given[name].chunks])
            place_of = table.column_names.index(name)
            table = table.set_column(place_of, table.schema.field(name), both.take(source))
        self._put(table)

    def delete(self, ids: Sequence[str]) -> int:
        """See `Shelf.delete`."""
        if not len(self._table):
            return 0
        kept = self._table.filter(pc.invert(pc.is_in(self._table[ID], value_set=pa.array(ids, pa.string()))))
        gone = len(self._table) - len(kept)
        if gone:
            self._put(kept)
        return gone

    def snapshot(self) -> ExactSnapshot:
        """The newest version."""
        return self._snapshot

    def optimize(self) -> None:
        """Nothing to do: every version is whole already."""

    def _put(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()
        self._version += 1
        self._snapshot = ExactSnapshot(self._table, self._version)


def _let_through(table: pa.Table, filter: Filter) -> NDArray[np.bool_]:
    """Which rows of a table a filter lets through, not to be written to."""
    rows = evaluate(filter, table)
    rows.flags.writeable = False
    return rows


def load_exact(snapshot: Snapshot) -> ExactSnapshot:
    """A copy of any snapshot in memory, with its version."""
    if isinstance(snapshot, ExactSnapshot):
        return snapshot
    if not len(snapshot):
        return ExactSnapshot(snapshot.schema.empty_table(), snapshot.version)
    rows = snapshot.search().rows
    table = snapshot.take(rows, snapshot.schema.names)
    return ExactSnapshot(table.cast(snapshot.schema), snapshot.version, rows)


def check_question(schema: pa.Schema, vector: Vectors | None, column: str, keywords: Sequence[Word]) -> None:
    """Raise ValueError where `Snapshot.search` promises to."""
    if vector is None:
        return
    if keywords:
        raise ValueError("search by vector or by keywords, not by both at once")
    if column not in schema.names or kind_of(schema.field(column)) != "vector":
        raise ValueError(f"'{column}' is not a vector column of this shelf")
    dim = dim_of(schema.field(column).type)
    if vector.shape != (dim,):
        raise ValueError(f"the query vector has shape {vector.shape}, column '{column}' needs {(dim,)}")
    if not np.isfinite(vector).all():
        raise ValueError("the query vector is not finite")


def _sorted(ids: pa.ChunkedArray) -> bool:
    array = ids.combine_chunks()
    return bool(pc.all(pc.less(array[:-1], array[1:])).as_py())


def _encode(column: pa.ChunkedArray, field: pa.Field) -> pa.Array:
    """The column as one array, strings as codes into a dictionary: filters and facets are fast on those."""
    array = (
        column.chunk(0)
        if column.num_chunks == 1
        else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    )
    if kind_of(field) == "text" and field.name != ID:  # no two ids are alike
        return array.dictionary_encode()
    if kind_of(field) in LISTS:
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        mask = array.is_null() if array.null_count else None
        return pa.ListArray.from_arrays(pa.array(offsets), array.flatten().dictionary_encode(), mask=mask)
    return array
