"""Why a hit stands where it stands: the share of each part, the words that matched, the exact hits."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.arrays import unit
from duomo.hits import Part, PartName, Why
from duomo.product import Product, Variant
from duomo.search.members import Question
from duomo.search.order import Scored
from duomo.shelf.base import Found, Snapshot
from duomo.shelf.columns import lengths_of, matrix_of
from duomo.shelf.filters import fold, squeeze
from duomo.shelf.keywords import Word
from duomo.shelf.layout import hashes_column
from duomo.shelf.rows import names_of
from duomo.shelf.vectors import similarities

LOOKED_AT: Final[tuple[PartName, ...]] = ("picture", "text to picture")  # what searches pictures


def reasons(
    snapshot: Snapshot,
    rows: NDArray[np.int64],
    goods: Sequence[tuple[Product, Variant, str]],
    lists: Mapping[PartName, Found],
    scored: Scored,
    costs: NDArray[np.float64],
    question: Question,
    encoder: str,
) -> list[Why]:
    """The reason for each hit; the shares of a hit add up to its score.

    Args:
        snapshot: that the rows are of.
        rows: (n,) of the hits.
        goods: (n,) the product, the variant and its tokens, joined by blanks.
        lists: what each part of the question found.
        scored: the rows, and others, with their shares.
        costs: (n,) what each has lost to others like it.
        question: what was asked.
        encoder: the name of the model whose vectors were searched.
    """
    parts = _parts(rows, lists, scored)
    for row, cost in zip(rows.tolist(), costs.tolist(), strict=True):
        if cost:
            parts[row].append(Part(name="repeated", rank=0, raw=cost, share=-cost))
    pictures = _pictures(snapshot, rows, parts, question)
    by_vectors = {way.name for way in question.ways}
    whys = []
    for row, (product, variant, tokens) in zip(rows.tolist(), goods, strict=True):
        there = set(tokens.split(" "))
        named = (
            kind
            for kind, name in names_of(product, variant)
            if fold(name) in question.names or (kind != "title" and squeeze(name) in question.names)
        )
        whys.append(
            Why(
                parts=tuple(parts[row]),
                words=tuple(word.said for word in question.words if _holds(there, word)),
                exact=next(named, "") if "exact" in lists else "",
                encoder=encoder if any(p.name in by_vectors for p in parts[row]) else "",
                picture=pictures.get(row, ""),
            )
        )
    return whys


def _parts(rows: NDArray[np.int64], lists: Mapping[PartName, Found], scored: Scored) -> dict[int, list[Part]]:
    """What each part gave to each of the rows."""
    parts: dict[int, list[Part]] = {row: [] for row in rows.tolist()}
    places = np.searchsorted(scored.rows, rows)
    for name, given in scored.shares.items():
        raws, shares = scored.raws[name][places].tolist(), given[places].tolist()
        found = lists[name].rows if name in lists else rows[:0]
        there = np.flatnonzero(np.isin(found, rows))
        ranks = dict(zip(found[there].tolist(), (there + 1).tolist(), strict=True))
        for row, raw, share in zip(rows.tolist(), raws, shares, strict=True):
            if share:
                rank = ranks.get(row, 0)
                raw = 1.0 if name == "exact" else raw
                parts[row].append(Part(name=name, rank=rank, raw=raw, share=share))
    return parts


def _pictures(
    snapshot: Snapshot, rows: NDArray[np.int64], parts: Mapping[int, Sequence[Part]], question: Question
) -> dict[int, str]:
    """Row -> the picture of it nearest to what was asked: to the photo, if by one, else to the words."""
    found: dict[int, str] = {}
    for way in sorted((way for way in question.ways if way.name in LOOKED_AT), key=lambda way: way.name):
        named = hashes_column(way.column)
        met = [r for r in rows.tolist() if r not in found and any(p.name == way.name for p in parts[r])]
        if not met or named not in snapshot.schema.names:  # a shop of an older format does not know
            continue
        hashes = dict(zip(met, _taken(snapshot, met, named).to_pylist(), strict=True))
        found |= {row: each[0] for row, each in hashes.items()}
        if not (several := [row for row, each in hashes.items() if len(each) > 1]):
            continue  # there is nothing to compare, as in every shop with one picture a product
        lists = _taken(snapshot, several, way.column)
        near = similarities(unit(matrix_of(lists.flatten())[0]), unit(question.vectors[way.asked]))
        for row, close in zip(several, np.split(near, np.cumsum(lengths_of(lists))[:-1]), strict=True):
            found[row] = hashes[row][int(close.argmax())]
    return found


def _holds(tokens: set[str], word: Word) -> bool:
    return any(tokens.issuperset(spelling.tokens) for spelling in word.spellings)


def _taken(snapshot: Snapshot, rows: Sequence[int], column: str) -> pa.Array:
    """One column of some rows."""
    return snapshot.take(np.array(rows, np.int64), [column])[column].combine_chunks()
