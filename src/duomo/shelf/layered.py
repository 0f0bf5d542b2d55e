"""A version in memory, and over it the few rows that have changed since: served between two loads."""

from collections.abc import Mapping, Sequence
from math import inf
from threading import RLock
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.once import once
from duomo.ranking import best
from duomo.shelf.base import ID, TOKENS, Found, Snapshot
from duomo.shelf.exact import ExactSnapshot
from duomo.shelf.filters import Filter, by_fold
from duomo.shelf.keywords import Word
from duomo.shelf.postings import Postings

Rows = NDArray[np.int64]


class LayeredSnapshot:
    """One version of a shelf: a whole one before it, without what has changed, and what has taken its place.

    It keeps the promises of `Snapshot` exactly, and costs as much as there are changes: the base is shared
    with the versions before and after. Row numbers below `len(base)` are those of the base.

    >>> from duomo.shelf.base import column
    >>> schema = pa.schema([column(ID, pa.string(), "text"), column("price", pa.float64(), "number")])
    >>> base = ExactSnapshot(pa.table([["A", "C", "D"], [1.0, 2.0, 3.0]], schema=schema), 1)
    >>> newer = pa.table([["B", "C"], [4.0, 5.0]], schema=schema)
    >>> snapshot = LayeredSnapshot(base, newer, ["D"], 2)
    >>> snapshot.take(snapshot.search().rows, ["id", "price"]).to_pydict()
    {'id': ['A', 'B', 'C'], 'price': [1.0, 4.0, 5.0]}
    """

    def __init__(self, base: ExactSnapshot, newer: pa.Table, gone: Sequence[str], version: int) -> None:
        """Put changes over a version.

        Args:
            base: the version.
            newer: rows that have come or changed since, with the columns of the base.
            gone: ids of rows that are there no longer.
            version: what `version` says.
        """
        self.base, self.newer = base, ExactSnapshot(newer, version)
        self._version = version
        hidden = pa.concat_arrays([_ids(self.newer), pa.array(gone, pa.string())])
        #: (len(base),) which rows of the base are still as they were.
        self.alive: NDArray[np.bool_] = ~pc.is_in(_ids(base), value_set=hidden).to_numpy(zero_copy_only=False)
        old = np.flatnonzero(self.alive)
        held = np.asarray(_ids(base).take(pa.array(old)).to_numpy(zero_copy_only=False), object)
        at = np.searchsorted(held, _ids(self.newer).to_numpy(zero_copy_only=False))
        self._in_order: Rows = np.insert(old, at, np.arange(len(base), len(base) + len(self.newer)))
        self._rank = np.zeros(len(base) + len(self.newer), np.int64)  # the place of a row in order of id
        self._rank[self._in_order] = np.arange(self._in_order.size)
        self._lock = RLock()
        self._values: dict[str, tuple[str, ...]] = {}  # by column, when they are first asked for
        self._spellings: dict[str, Mapping[str, tuple[str, ...]]] = {}

    @property
    def schema(self) -> pa.Schema:
        """The columns, those of the base."""
        return self.base.schema

    @property
    def version(self) -> int:
        """The number this snapshot was made with."""
        return self._version

    def __len__(self) -> int:
        return self._in_order.size

    @property
    def changed(self) -> int:
        """How many rows have come, gone or changed."""
        return max(len(self.newer), int(np.count_nonzero(~self.alive)))

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
        """See `Snapshot.search`."""
        if vector is not None:
            self.base.check(vector, column, keywords)
            return self._nearest(vector, column, filter, k, least)
        if keywords:
            rows, scores = self._postings.search(keywords)
            if filter is not None:
                passing = self.passes(rows, filter)
                rows, scores = rows[passing], scores[passing]
            order = np.argsort(self._rank[rows])
            rows, scores = rows[order], scores[order]
            places = best(scores, k)
            return Found(rows[places], scores[places])
        found = self._in_order if filter is None else self._let_through(filter)
        return Found(found[:k], np.zeros(found[:k].size, np.float32))

    def relevance(self, rows: Rows, words: Sequence[Word]) -> NDArray[np.float32]:
        """See `Snapshot.relevance`."""
        return self._postings.scores(words)[rows]

    def similarity(self, rows: Rows, vector: Vectors, column: str) -> NDArray[np.float32]:
        """See `Snapshot.similarity`."""
        self.base.check(vector, column, ())
        found = np.zeros(rows.size, np.float32)
        is_new = rows >= len(self.base)
        found[~is_new] = self.base.similarity(rows[~is_new], vector, column)
        found[is_new] = self.newer.similarity(rows[is_new] - len(self.base), vector, column)
        return found

    def take(self, rows: Rows, columns: Sequence[str]) -> pa.Table:
        """The named columns of these rows, in their order; strings may be dictionary-encoded."""
        is_new = rows >= len(self.base)
        if not is_new.any():
            return self.base.take(rows, columns)
        plain = pa.schema([self.schema.field(name) for name in columns])
        old = self.base.take(rows[~is_new], columns).cast(plain)
        new = self.newer.take(rows[is_new] - len(self.base), columns).cast(plain)
        place = np.empty(rows.size, np.int64)
        place[np.concatenate([np.flatnonzero(~is_new), np.flatnonzero(is_new)])] = np.arange(rows.size)
        return pa.concat_tables([old, new]).combine_chunks().take(pa.array(place))

    def values(self, column: str) -> tuple[str, ...]:
        """The distinct values of a text, texts or path column, in order."""
        with self._lock:
            if column not in self._values:
                found: set[str] = set(self.newer.values(column))
                found.update(_values_of(self.base.column(column).filter(pa.array(self.alive))))
                self._values[column] = tuple(sorted(found))
            return self._values[column]

    def spellings(self, column: str) -> Mapping[str, tuple[str, ...]]:
        """See `Snapshot.spellings`."""
        with self._lock:
            if column not in self._spellings:
                self._spellings[column] = by_fold(self.values(column))
            return self._spellings[column]

    def passes(self, rows: Rows, filter: Filter) -> NDArray[np.bool_]:
        """See `Snapshot.passes`."""
        found = np.zeros(rows.size, np.bool_)
        is_new = rows >= len(self.base)
        if not is_new.all():
            found[~is_new] = self.base.passes(rows[~is_new], filter)
        if is_new.any():
            found[is_new] = self.newer.passes(rows[is_new] - len(self.base), filter)
        return found

    def _let_through(self, filter: Filter) -> Rows:
        """The rows that a filter lets through, in order of id."""
        old = self.base.search(filter=filter).rows
        new = self.newer.search(filter=filter).rows + len(self.base)
        found = np.concatenate([old[self.alive[old]], new])
        return found[np.argsort(self._rank[found])] if new.size else found

    def _nearest(
        self, vector: Vectors, column: str, filter: Filter | None, k: int | None, least: float
    ) -> Found:
        allowed = self.alive
        if filter is not None and len(self.base):
            allowed = allowed & self.base.let_through(filter)
        old = self.base.nearest(vector, column, allowed, k, least)
        new = self.newer.search(vector=vector, column=column, filter=filter, k=k, least=least)
        rows = np.concatenate([old.rows, new.rows + len(self.base)])
        scores = np.concatenate([old.scores, new.scores])
        order = np.lexsort([self._rank[rows], -scores])[:k]
        return Found(rows[order], scores[order])

    @once
    def _postings(self) -> Postings:
        if TOKENS not in self.schema.names:
            return Postings(pa.nulls(self._rank.size, pa.string()))
        return self.base.postings.over(self.alive, self.newer.column(TOKENS))


@runtime_checkable
class Appended(Protocol):
    """A snapshot of a table to which rows are only ever appended, a changed one as a new one."""

    def put_after(self, rows: Rows) -> Rows:
        """The rows, in any order, that were put there after those of an earlier version."""


def changes(base: ExactSnapshot, newest: Snapshot, stamp: str, most: int) -> LayeredSnapshot | None:
    """A newer version of a table as changes over an older one of it that is in memory.

    Args:
        base: the older version, loaded from the same table.
        newest: the newer one; only what has changed of it is read.
        stamp: a column of texts that differs wherever a row has changed, "" in it says nothing; a row that
            still lies where it lay is the same without it.
        most: rows that may have changed.

    Returns:
        None where more have, or the columns are others: then it is better loaded as a whole.
    """
    if not len(base) or not newest.schema.equals(base.schema, check_metadata=True):
        return None
    rows, table, gone = _looked_at(base, newest, stamp)
    place = pc.index_in(table[ID].combine_chunks(), value_set=base.column(ID))
    said = table[stamp].combine_chunks()
    same = pc.and_(pc.equal(base.column(stamp).cast(pa.string()).take(place), said), pc.not_equal(said, ""))
    is_same = pc.fill_null(same, False).to_numpy(zero_copy_only=False)
    if base.origin is not None:
        is_same |= pc.equal(pa.array(base.origin).take(place), rows).fill_null(False).to_numpy(False)
    changed = np.flatnonzero(~is_same)
    if changed.size + len(gone) > most:
        return None
    newer = newest.take(rows[changed], newest.schema.names).cast(newest.schema)
    return LayeredSnapshot(base, newer, gone, newest.version)


def _looked_at(base: ExactSnapshot, newest: Snapshot, stamp: str) -> tuple[Rows, pa.Table, list[str]]:
    """The rows of a newer version that may have changed, with ids and stamps; and the ids that have gone."""
    if base.origin is not None and isinstance(newest, Appended):
        rows = newest.put_after(base.origin)
        table = newest.take(rows, [ID, stamp])
        before = pc.sum(pc.is_in(table[ID], value_set=base.column(ID))).as_py() or 0
        if (
            len(newest) == len(base) + rows.size - before
        ):  # else some have gone: those that are left tell which
            return rows, table, []
    rows = newest.search().rows
    table = newest.take(rows, [ID, stamp])
    left = pc.is_in(base.column(ID), value_set=table[ID].combine_chunks())
    return rows, table, base.column(ID).filter(pc.invert(left)).to_pylist()


def _ids(snapshot: ExactSnapshot) -> pa.Array:
    """(n,) the ids of a snapshot's rows, in order."""
    return snapshot.column(ID) if len(snapshot) else pa.array([], pa.string())


def _values_of(array: pa.Array) -> list[str]:
    """The distinct values of a column of texts or of lists of them."""
    flat = array.flatten() if pa.types.is_list(array.type) else array
    return [value for value in pc.unique(flat).to_pylist() if value is not None]
