"""The shop's own words and phrases, with how often each is met: what questions are repaired by."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.once import once
from duomo.search.facets import codes_of
from duomo.shelf.base import TOKENS, Snapshot, kind_of
from duomo.shelf.filters import LISTS, fold
from duomo.shelf.keywords import tokens, words
from duomo.shelf.layout import INFERRED_COLUMN, PATH_BREAK

PhraseKind = Literal["brand", "category", "attribute", "product", "search"]  # search: two values together

LONGEST: Final = 60  # characters of an attribute value that may be suggested: a longer one is a description
_LOW: Final = 0xFFFFFFFF  # of two numbers kept as one
_NOT_SUGGESTED: Final = frozenset({"id", "product_id", "currency", "availability", "gtin", "mpn"})
_LISTED: Final = re.compile(r"[\n\\,;|，；、]")  # several values written as one, which nobody asks for
_FLAGS: Final = frozenset(
    {"yes", "no", "true", "false", "是", "否", "有", "无", "n/a", "na", "none", "other"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Something a shopper may ask for that the catalog says: a brand, a category, a value, a title."""

    text: str  # as the catalog writes it most often
    kind: PhraseKind
    column: str  # where it is said; "": in two columns together
    count: int  # products that say it; case, width and blanks do not count


@dataclass(frozen=True, slots=True)
class Said:
    """Which rows say what in one column: each row and value once, a category and all above it."""

    column: str
    kind: PhraseKind
    texts: tuple[str, ...]  # (v,) every value as it is spelt somewhere
    alike: NDArray[np.int64]  # (v,) the place of the commonest spelling of the same value
    rows: NDArray[np.int64]  # (n,) ascending
    values: NDArray[np.int64]  # (n,) places in texts


class Vocabulary:
    """The words and phrases of one version of a shop; each part is made when it is first asked for.

    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> rows = [{"id": t, "product_id": t, "title": t, "tokens": " ".join(tokens(t))}
    ...         for t in ("Red Mugs", "Red bowl")]
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    >>> vocabulary = Vocabulary.of(shelf.snapshot())
    >>> dict(vocabulary.words)
    {'bowl': 1, 'mugs': 1, 'red': 2}
    >>> vocabulary.knows("mug"), vocabulary.knows("jug")
    (True, False)
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Use `Vocabulary.of`."""
        self._snapshot = snapshot
        self._newer: Vocabulary | None = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Of a version of the variants table; reads nothing yet."""
        return cls(snapshot)

    def over(self, newer: Snapshot) -> Self:
        """This vocabulary, to which the words of newer rows are known as well.

        How often a word is met, and what may be suggested, stays as it was: nothing is made anew.

        Args:
            newer: those rows alone.
        """
        grown = copy(self)
        grown._newer = Vocabulary(newer)
        return grown

    @once
    def _table(self) -> pa.Table:
        """The columns of texts that somebody might ask for, all rows."""
        schema, names = self._snapshot.schema, set(self._snapshot.schema.names)
        wanted = [f.name for f in schema if kind_of(f) in ("texts", "text") and f.name not in _NOT_SUGGESTED]
        wanted = [name for name in wanted if not name.startswith(INFERRED_COLUMN)]
        wanted += [name for name in ("category_path", "product_id") if name in names]
        if not len(self._snapshot) or "product_id" not in names:
            return pa.table({})
        return self._snapshot.take(self._snapshot.search().rows, wanted)

    @once
    def said(self) -> tuple[Said, ...]:
        """What each column says, in the order of the schema; without values that nobody asks for."""
        return tuple(self._said())

    def _said(self) -> Iterable[Said]:
        for name in self._table.column_names:
            if name == "product_id":
                continue
            column = self._table[name]
            kind = _KINDS.get(name, "attribute")
            if name == "category_path":
                yield _grouped(name, kind, *_nodes(column))
                continue
            rows = np.arange(len(column))
            if kind_of(self._snapshot.schema.field(name)) in LISTS:
                lists = column.combine_chunks()
                rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
                column = lists.flatten()
            codes, values = codes_of(column)
            there = codes >= 0
            yield _grouped(name, kind, rows[there], codes[there], values.to_pylist())

    @once
    def products(self) -> NDArray[np.int64]:
        """(rows,) the product that each row belongs to, as a number."""
        if "product_id" not in self._table.column_names:
            return np.zeros(0, np.int64)
        return codes_of(self._table["product_id"])[0]

    @once
    def words(self) -> Mapping[str, int]:
        """Word -> in how many rows it stands in a title, brand, category or value; in order of the word.

        Folded, not stemmed: as `keywords.words` gives them. Descriptions are left out: they take as long as
        all the rest, and what stands only there is known all the same (`knows`).
        """
        place, ends, _ = self._held
        counts = np.diff(ends, prepend=0).tolist()
        return {word: counts[place[word]] for word in sorted(place)}

    @once
    def _held(self) -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int64]]:
        """The place of each word, where the rows of each place end, and the rows, word after word."""
        place: dict[str, int] = {}
        parts: list[NDArray[np.int64]] = []
        for said in self.said:
            ids, ends = _words_of(said.texts, place)
            at, counts = _spread(ends, said.values)
            parts.append(ids[at] << 32 | np.repeat(said.rows, counts))  # a word and a row as one number
        pairs = _distinct(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
        return place, np.cumsum(np.bincount(pairs >> 32, minlength=len(place))), pairs & _LOW

    @once
    def tokens(self) -> frozenset[str]:
        """Every search token of the shop, those of descriptions and codes included."""
        if TOKENS not in self._snapshot.schema.names or not len(self._snapshot):
            return frozenset()
        column = self._snapshot.take(self._snapshot.search().rows, [TOKENS])[TOKENS].cast(pa.string())
        lists = pc.split_pattern(column.combine_chunks(), " ")
        return frozenset(token for token in pc.unique(lists.flatten()).to_pylist() if token)

    @once
    def phrases(self) -> tuple[Phrase, ...]:
        """What may be suggested: brands, categories, values, titles; the most frequent first."""
        found = [phrase for said in self.said for phrase in self.counted(said)]
        return tuple(sorted(found, key=lambda p: (-p.count, p.text, p.kind, p.column)))

    def counted(self, said: Said) -> list[Phrase]:
        """Each value as a phrase, with the number of products that say it."""
        pairs = _distinct(self.products[said.rows] << 32 | said.alike[said.values]) & _LOW
        counts = np.bincount(pairs, minlength=len(said.texts)).tolist()
        return [
            Phrase(text=text, kind=said.kind, column=said.column, count=count)
            for text, count in zip(said.texts, counts, strict=True)
            if count
        ]

    def knows(self, word: str) -> bool:
        """Whether a search for the word finds something: every token of it stands somewhere in the shop."""
        if word in self.words:
            return True
        newer = self._newer.tokens if self._newer else frozenset()
        found = tokens(word)
        return bool(found) and all(token in self.tokens or token in newer for token in found)

    def rows_of(self, word: str) -> NDArray[np.int64]:
        """The rows with a word in a title, brand, category or value, ascending."""
        place, ends, rows = self._held
        if (at := place.get(word)) is None:
            return rows[:0]
        return rows[ends[at - 1] if at else 0 : ends[at]]

    def meet(self, first: str, second: str) -> int:
        """In how many rows both words stand."""
        few, many = sorted((self.rows_of(first), self.rows_of(second)), key=len)
        if not few.size:
            return 0
        places = np.minimum(np.searchsorted(many, few), many.size - 1)
        return int(np.count_nonzero(many[places] == few))


_KINDS: Final[Mapping[str, PhraseKind]] = {
    "title": "product",
    "brand": "brand",
    "category_path": "category",
}


def _nodes(paths: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    """Rows and places of the names of every category node, and the names."""
    codes, held = codes_of(paths)
    place: dict[str, int] = {}
    each = [
        [place.setdefault(node, len(place)) for node in path.split(PATH_BREAK)] for path in held.to_pylist()
    ]
    ends = np.cumsum([len(nodes) for nodes in each], dtype=np.int64)
    flat = np.array([node for nodes in each for node in nodes], np.int64)
    there = np.flatnonzero(codes >= 0)
    at, counts = _spread(ends, codes[there])
    return np.repeat(there, counts), flat[at], list(place)


def _spread(
    ends: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of lists that lie one after the other: the places of all members of the chosen ones, and how many each.

    Args:
        ends: (lists,) where each list ends.
        chosen: (n,) numbers of lists.
    """
    counts = np.diff(ends, prepend=0)[chosen]
    starts = ends[chosen] - counts
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts, counts) + offsets, counts


def _grouped(
    column: str, kind: PhraseKind, rows: NDArray[np.int64], codes: NDArray[np.int64], values: list[str]
) -> Said:
    """What a column says; values that differ only in case, width or blanks are alike."""
    times = np.bincount(codes, minlength=len(values)).tolist()
    groups: defaultdict[str, list[int]] = defaultdict(list)
    place = np.full(len(values), -1)  # of a value among those that are kept
    texts: list[str] = []
    for code, value in enumerate(values):
        if times[code] and _worth_asking(value, kind):
            place[code] = len(texts)
            groups[fold(value)].append(code)
            texts.append(value.strip())
    alike = np.zeros(len(texts), np.int64)
    for members in groups.values():
        alike[place[members]] = place[min((-times[code], values[code], code) for code in members)[2]]
    there = place[codes] >= 0
    pairs = _distinct(rows[there] << 32 | place[codes[there]])
    return Said(column, kind, tuple(texts), alike, pairs >> 32, pairs & _LOW)


def _distinct(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct numbers, ascending; for these many small ones a fifth of the time of `numpy.unique`."""
    pairs = np.sort(pairs)
    return np.asarray(pairs[np.diff(pairs, prepend=-1) != 0])


def _worth_asking(value: str, kind: PhraseKind) -> bool:
    """Whether somebody might ask for a value: it has letters, is one value, no flag, no description."""
    if kind == "product":
        return bool(value.strip())
    if len(value) > LONGEST or _LISTED.search(value):
        return False
    return any(map(str.isalpha, value)) and value.strip().casefold() not in _FLAGS


def _words_of(texts: Iterable[str], place: dict[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the words of all texts, one after the other, and where each text's words end."""
    ids: list[int] = []
    ends: list[int] = []
    known: dict[str, list[int]] = {}  # a catalog repeats its words, and finding them takes most of the time
    for text in texts:
        for run in text.split():  # no word goes beyond a blank
            if run not in known:
                known[run] = [place.setdefault(word, len(place)) for word in words(run)]
            ids += known[run]
        ends.append(len(ids))
    return np.array(ids, np.int64), np.array(ends, np.int64)
