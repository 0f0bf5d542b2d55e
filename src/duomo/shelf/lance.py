"""The shelf on disk: LanceDB, the system of record. One writer beside many readers; versions."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import inf
from pathlib import Path
from threading import RLock
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.once import once
from duomo.ranking import best
from duomo.shelf.base import ID, TOKENS, Found, Snapshot
from duomo.shelf.columns import complete, own_schema, tidy, widen
from duomo.shelf.commits import committing, reading
from duomo.shelf.exact import ExactSnapshot, check_question
from duomo.shelf.filter_sql import render_sql
from duomo.shelf.filters import Filter, OneOf, by_fold, columns_of, evaluate
from duomo.shelf.indexed import InMemory
from duomo.shelf.indexes import index_columns, probes_under, usual_probes
from duomo.shelf.keywords import Word
from duomo.shelf.postings import Postings
from duomo.shelf.tables import connect
from duomo.shelf.tags import move_tag, tagged
from duomo.shelf.upkeep import oldest_kept
from duomo.shelf.vectors import NEAR, cosines, directions_of, nearest

KEPT: Final = timedelta(hours=1)  # older versions go when the shelf is optimized; readers have moved on
_MANY: Final = 0.1  # above this share of the rows, reading the whole column beats picking rows
_IDS_AT_ONCE: Final = 5_000  # ids in one SQL condition
_IN_FRAGMENT: Final = 32  # bits of a row id that count within a fragment; those above number it, in order


class LanceSnapshot:
    """One version of a table on disk; row numbers are Lance's row ids."""

    def __init__(self, path: Path, table: Any, version: int, probes: Mapping[str, int] | None) -> None:
        """Pin a table handle of its own to a version.

        Args:
            path: the folder of the table, which is named where it cannot be read.
            table: the handle.
            version: to pin it to.
            probes: column of vectors -> parts of its index to look at (`indexes.fewest_probes`).
        """
        table.checkout(version)
        self._path = path
        self._table = table
        self._version = version
        self._probes = probes or {}
        self._rows: int = table.count_rows()
        self._schema = own_schema(table.schema)
        self._lock = RLock()  # of what is made when it is first asked for, by column:
        self._values: dict[str, tuple[str, ...]] = {}
        self._spellings: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._indexed = {index.columns[0] for index in table.list_indices()}

    @property
    def schema(self) -> pa.Schema:
        """The columns with their kinds, as they were first put there."""
        return self._schema

    @property
    def version(self) -> int:
        """Lance's own version number."""
        return self._version

    def __len__(self) -> int:
        return self._rows

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
        """See `Snapshot.search`. With an index on the vectors and a k, a few of the best may be missed."""
        check_question(self._schema, vector, column, keywords)
        where = render_sql(filter, self._schema) if filter is not None else ""
        k = self._rows if k is None else min(k, self._rows)
        if vector is not None:
            return self._nearest(vector, column, where, k, least)
        if keywords and TOKENS in self._schema.names:
            return self._answering(keywords, where, k)
        rows = self._in_order(where)[: 0 if keywords else k]
        return Found(rows, np.zeros(len(rows), dtype=np.float32))

    def take(self, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """The named columns of these rows, in their order."""
        names = list(columns)
        if not len(rows):
            found = self._schema.empty_table().select(names)
        elif len(rows) > _MANY * self._rows:
            found = self._read(self._table.search().select(names).with_row_id(True))
        else:
            found = self._read(self._table.take_row_ids(rows.tolist()).select(names).with_row_id())
        if len(rows):
            places = _row_ids(found)
            order = np.argsort(places)
            found = found.take(pa.array(order[np.searchsorted(places, rows, sorter=order)]))
        return pa.table(found.select(names).columns, schema=pa.schema([self._schema.field(n) for n in names]))

    def values(self, column: str) -> tuple[str, ...]:
        """The distinct values of a text, texts or path column, in order."""
        with self._lock:
            if column not in self._values:
                array = self._read(self._table.search().select([column]))[column].combine_chunks()
                flat = array.flatten() if pa.types.is_list(array.type) else array
                self._values[column] = tuple(sorted(v for v in pc.unique(flat).to_pylist() if v is not None))
            return self._values[column]

    def spellings(self, column: str) -> Mapping[str, tuple[str, ...]]:
        """See `Snapshot.spellings`."""
        with self._lock:
            if column not in self._spellings:
                self._spellings[column] = by_fold(self.values(column))
            return self._spellings[column]

    def passes(self, rows: NDArray[np.int64], filter: Filter) -> NDArray[np.bool_]:
        """See `Snapshot.passes`."""
        return evaluate(filter, self.take(rows, columns_of(filter)))

    def put_after(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows that lie in fragments which are newer than any that rows of an earlier version lie in."""
        begins = ((int(rows.max(initial=-1)) >> _IN_FRAGMENT) + 1) << _IN_FRAGMENT
        return _row_ids(self._passing(f"_rowid >= {begins}"))

    def _read(self, query: Any) -> pa.Table:
        """What LanceDB answers; raises BadSetup where it cannot read the table."""
        with reading(self._path):
            return query.to_arrow()

    def _in_order(self, where: str) -> NDArray[np.int64]:
        """The rows that a condition lets through, in order of id."""
        found = self._passing(where)
        return np.asarray(_row_ids(found)[pc.sort_indices(found[ID]).to_numpy()])

    def _passing(self, where: str) -> pa.Table:
        query = self._table.search().select([ID]).with_row_id(True)
        return self._read(query.where(where) if where else query)

    def _nearest(self, vector: Vectors, column: str, where: str, k: int, least: float) -> Found:
        query = unit(vector.astype(np.float64))  # float32 squares of tiny numbers would be zero
        if not query.any() or not k:
            return Found(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        limit = min(self._rows, k + 16)
        probes = self.probes_of(column, where) if k < self._rows else 0
        while True:
            found = self._neighbours(query, column, where, limit, probes=probes)
            distances = found["_distance"].to_numpy()
            if len(found) < limit or limit == self._rows or distances[k - 1] + NEAR < distances[-1]:
                break
            limit = min(self._rows, limit * 4)
        by_id = found.take(pc.sort_indices(found[ID]))
        return nearest(_row_ids(by_id), directions_of(by_id[column].combine_chunks()), query, k, least)

    def probes_of(self, column: str, where: str = "") -> int:
        """How many parts of a column's index a search looks at; 0: none, all that pass are compared."""
        if column not in self._indexed:
            return 0
        probes = self._probes.get(column) or usual_probes(self._rows)
        if not where:
            return probes
        with reading(self._path):
            return probes_under(probes, self._table.count_rows(where), self._rows)

    def neighbours(self, column: str, k: int, query: Vectors, probes: int) -> NDArray[np.int64]:
        """The k rows that so many probes find nearest to a (dim,) query, in any order; 0: the nearest."""
        return _row_ids(self._neighbours(unit(query.astype(np.float64)), column, "", k, probes=probes))

    def _neighbours(self, query: Vectors, column: str, where: str, limit: int, *, probes: int) -> pa.Table:
        search = self._table.search(query, vector_column_name=column).distance_type("cosine").limit(limit)
        search = search.where(where, prefilter=True) if where else search
        search = search.nprobes(probes).refine_factor(2) if probes else search.bypass_vector_index()
        return self._read(search.select([ID, column, "_distance"]).with_row_id(True))

    def relevance(self, rows: NDArray[np.int64], words: Sequence[Word]) -> NDArray[np.float32]:
        """See `Snapshot.relevance`."""
        if not len(rows) or TOKENS not in self._schema.names:
            return np.zeros(len(rows), np.float32)
        return self._keywords.relevance(rows, words)

    def similarity(self, rows: NDArray[np.int64], vector: Vectors, column: str) -> NDArray[np.float32]:
        """See `Snapshot.similarity`."""
        check_question(self._schema, vector, column, ())
        return cosines(directions_of(self.take(rows, [column])[column].combine_chunks()), vector)

    def _answering(self, words: Sequence[Word], where: str, k: int) -> Found:
        """The rows that match the words, of those that a condition lets through."""
        rows, scores = self._keywords.search(words)
        if where:
            let_through = np.isin(rows, _row_ids(self._passing(where)))
            rows, scores = rows[let_through], scores[let_through]
        places = best(scores, k)
        return Found(rows[places], scores[places])

    @once
    def _keywords(self) -> InMemory:
        """Made once."""
        ordered = self._in_order("")
        return InMemory(Postings(self.take(ordered, [TOKENS])[TOKENS].combine_chunks()), ordered)


class LanceShelf:
    """A table in a folder of its own. Writers take `lock.writing` first; readers need nothing."""

    def __init__(self, path: Path) -> None:
        """Use the table in the folder path, named so: variants.lance; made by the first upsert."""
        if path.suffix != ".lance":
            raise ValueError(f"a Lance table's folder ends in .lance, {path.name} does not")
        self._path = path

    def upsert(self, rows: pa.Table, *, new: bool = False) -> None:
        """See `Shelf.upsert`: one commit, dear for few rows. `new`: no id is there, none is looked up."""
        with committing(self._path):
            table = self._open()
            rows = tidy(rows, own_schema(table.schema) if table else pa.schema([]))
            table = self._with_columns(table, rows.schema)
            whole = complete(rows, own_schema(table.schema))
            # "null" keeps missing vectors as they are; the default takes them for broken ones.
            if len(rows) and new:
                table.add(whole, on_bad_vectors="null")
            elif len(rows):
                merge = table.merge_insert(ID).when_matched_update_all().when_not_matched_insert_all()
                merge.execute(whole, on_bad_vectors="null")

    def fill(self, columns: pa.Table) -> None:
        """See `Shelf.fill`. Lance writes the new columns alone, beside the old ones, in whole fragments."""
        with committing(self._path):
            from lancedb.index import BTree

            table = self._open()
            if table is None:
                return
            columns = tidy(columns, own_schema(table.schema))
            table = self._with_columns(table, columns.schema)
            # Measured: unless an index knows every key, Lance writes whole rows anew instead of one column.
            indexes = [index.name for index in table.list_indices() if index.columns == [ID]]
            if not indexes or table.index_stats(indexes[0]).num_unindexed_rows:
                table.create_index(ID, config=BTree())
            if len(columns):
                table.merge_insert(ID).when_matched_update_all().execute(columns, on_bad_vectors="null")

    def delete(self, ids: Sequence[str]) -> int:
        """See `Shelf.delete`."""
        with committing(self._path):
            table = self._open()
            if table is None:
                return 0
            before: int = table.count_rows()
            for start in range(0, len(ids), _IDS_AT_ONCE):
                table.delete(render_sql(OneOf(ID, tuple(ids[start : start + _IDS_AT_ONCE])), table.schema))
            return before - int(table.count_rows())

    def snapshot(
        self, latest: bool = False, probes: Mapping[str, int] | None = None, version: int = 0
    ) -> Snapshot:
        """The served version; the newest if none is, or latest is asked for; without a table an empty one.

        `probes`: as of `LanceSnapshot`. `version`: instead of the served one; no tag is looked at then.
        """
        with reading(self._path):
            table = self._open()
            if table is None:
                return ExactSnapshot(pa.table({}), 0)
            if not version:
                version = 0 if latest else tagged(table) or 0
            version = version if 0 < version <= table.version else table.version
            return LanceSnapshot(self._path, table, version, probes)

    def serve(self, version: int = 0) -> int:
        """Show readers a version from now on, 0: the newest; return its number, 0 where there is no table."""
        with committing(self._path):
            table = self._open()
            if table is None:
                return 0
            version = version or table.version
            move_tag(table, self._path, version)
            return version

    def roll_back(self) -> None:
        """Take back everything after the served version; without one, every row."""
        with committing(self._path):
            table = self._open()
            if table is None:
                return
            if (served := tagged(table)) is None:
                table.delete("true")
            elif served != table.version:
                table.checkout(served)
                table.restore()

    def optimize(self, kept: timedelta = KEPT) -> None:
        """Merge small pieces, bring indexes up to date, and remove versions older than kept.

        The served version and all after it stay, and where there was something to merge what is up to an hour
        older than that. Indexes are made anew where rows move: to find each of them in all indexes takes
        several times the memory and the time.
        """
        with committing(self._path):
            table = self._open()
            if table is None:
                return
            oldest = oldest_kept(table, tagged(table), kept)
            moves = table.stats()["fragment_stats"]["num_fragments"] > 1
            indexes = [index.name for index in table.list_indices()] if moves else []
            for name in indexes:
                table.drop_index(name)
            table.optimize(cleanup_older_than=oldest, delete_unverified=True)  # the writer lock is ours
            if indexes:
                index_columns(table, own_schema(table.schema))

    def build_indexes(self) -> None:
        """Index every column by its kind; worth it for tables too large to be searched in memory.

        Vectors get one from `indexes.INDEX_FROM` of them on. Without indexes the same is found, only slower.
        An index that knows every row is left as it is.
        """
        with committing(self._path):
            if table := self._open():
                index_columns(table, own_schema(table.schema))

    def _open(self) -> Any:
        """A fresh handle on the newest version, or None where there is no table."""
        if not any((self._path / "_versions").glob("*.manifest")):  # or a writer is just making it
            return None
        return connect(self._path.parent).open_table(self._path.stem)

    def _with_columns(self, table: Any, given: pa.Schema) -> Any:
        """The table with all the given columns; made if there is none."""
        if table is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            table = connect(self._path.parent).create_table(self._path.stem, schema=given)
        if not any(b"primary-key" in note for note in table.schema.field(ID).metadata or ()):
            table.set_unenforced_primary_key(ID)  # without it two writers could add one id twice
        widen(table, given)
        return table


def _row_ids(found: pa.Table) -> NDArray[np.int64]:
    return np.asarray(found["_rowid"].to_numpy(), dtype=np.int64)
