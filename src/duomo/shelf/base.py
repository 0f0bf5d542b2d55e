"""The promise every shelf keeps: Shelf (writes), Snapshot (reads), Found, and the kinds of columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.arrays import Vectors

if TYPE_CHECKING:  # filters needs the kinds below
    from duomo.shelf.filters import Filter
    from duomo.shelf.keywords import Word

# What a filter may do with a column. Kept in the Arrow field's metadata under KIND_KEY.
#   text    one string or null           color = 'Red'  in  is null
#   texts   a list of strings            true when any value does
#   path    a list of category nodes     category = 'A > B' (it and all below), or 'B' (any node called B)
#   number  float64 or int64, or null    price < 50
#   names   a list of folded strings     what a row is called for; asked by Duomo, not offered to users
#   vector  fixed-size list of float32, or null; or a list of those: several a row; searched, never filtered
#   hidden  kept, neither filtered nor searched
ColumnKind = Literal["text", "texts", "path", "number", "names", "vector", "hidden"]
KIND_KEY: Final = b"duomo.kind"

ID: Final = "id"  # key of every table: string, not null
TOKENS: Final = "tokens"  # the keyword column: tokens joined by single blanks


def column(name: str, type: pa.DataType, kind: ColumnKind, **metadata: str) -> pa.Field:
    """An Arrow field that knows its kind, with further metadata under its own names."""
    notes = {KIND_KEY: kind.encode(), **{f"duomo.{k}".encode(): v.encode() for k, v in metadata.items()}}
    return pa.field(name, type, nullable=name != ID, metadata=notes)


def kind_of(field: pa.Field) -> ColumnKind:
    """The kind a field was made with; 'hidden' for a field that says nothing."""
    notes = field.metadata or {}
    kind: ColumnKind = notes.get(KIND_KEY, b"hidden").decode()
    return kind


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one snapshot, best first; equal scores stand in order of id."""

    rows: NDArray[np.int64]  # (n,) row numbers: good for this snapshot only
    scores: NDArray[np.float32]  # (n,) cosine similarity, BM25, or zeros where nothing was asked


class Snapshot(Protocol):
    """One version of a shelf; it never changes, whatever is written meanwhile."""

    @property
    def schema(self) -> pa.Schema:
        """The columns; `kind_of` tells what each may be used for."""

    @property
    def version(self) -> int:
        """Grows with every change of the shelf."""

    def __len__(self) -> int:
        """How many rows there are."""

    def search(
        self,
        *,
        vector: Vectors | None = None,
        column: str = "",
        keywords: "Sequence[Word]" = (),
        filter: "Filter | None" = None,
        k: int | None = None,
        least: float = -inf,
    ) -> Found:
        """The best k rows among those the filter lets through (the filter comes first, never after).

        Args:
            vector: (dim,) a query vector; scores are cosine similarities, of several vectors a row that of
                the nearest; rows whose vector is null or all zeros, or that have no other, are left out, and
                a query of zeros finds nothing.
            column: the vector column to search; needed with a vector.
            keywords: words of a question (`keywords.question`); a row is found when it holds enough of them
                (`postings.matching`, over all rows); scores are BM25 over weighted fields, with statistics of
                all rows, whatever the filter.
            filter: checked against this schema before (`filters.check`).
            k: how many at most; None: all.
            least: the least similarity that a row found by a vector has.

        Neither vector nor keywords: every row the filter lets through, in order of id, scored 0.

        Raises:
            ValueError: vector and keywords are both given, no vector column of that dimension is named,
                or the vector is not finite.
        """

    def relevance(self, rows: NDArray[np.int64], words: "Sequence[Word]") -> NDArray[np.float32]:
        """(n,) the keyword scores of these rows, as `search` gives them; they need not match."""

    def similarity(self, rows: NDArray[np.int64], vector: Vectors, column: str) -> NDArray[np.float32]:
        """(n,) the cosine similarities of these rows, as `search` gives them; -inf without a vector."""

    def take(self, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """The named columns of these rows, in the order of the rows; strings may come dictionary-encoded."""

    def values(self, column: str) -> tuple[str, ...]:
        """The distinct values of a text, texts or path column, in order."""

    def spellings(self, column: str) -> Mapping[str, tuple[str, ...]]:
        """`filters.fold` -> the distinct values of a text, texts or path column that have it, in order."""

    def passes(self, rows: NDArray[np.int64], filter: "Filter") -> NDArray[np.bool_]:
        """(n,) which of these rows a filter lets through that was checked against this schema."""


class Shelf(Protocol):
    """Keeps rows by id and finds the nearest. One writer at a time; any number of readers beside it."""

    def upsert(self, rows: pa.Table) -> None:
        """Add rows, or put them in place of those with the same id; committed when this returns.

        Columns the shelf lacks are added (null in older rows); columns the rows lack are null in them.
        Of rows with one id the last counts. NaN in a column of numbers is kept as null. A vector of zeros
        among several is not kept.

        Raises:
            ValueError: there is no id column or an id is null, a column has another type than on the
                shelf, or a vector is not finite.
        """

    def fill(self, columns: pa.Table) -> None:
        """Set the named columns in rows that are there, matched by id; everything else stays as it is.

        Columns the shelf lacks are added: so an encoder is added without writing the rows anew. Ids that
        the shelf does not have are left out. Raises ValueError like upsert.
        """

    def delete(self, ids: Sequence[str]) -> int:
        """Remove rows by id; return how many were there."""

    def snapshot(self) -> Snapshot:
        """What readers see now: the newest version (or the served one, where the shelf knows one)."""

    def optimize(self) -> None:
        """Merge small pieces and bring indexes up to date; what is found stays the same."""
