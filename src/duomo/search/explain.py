"""Why a hit stands where it stands: the share of each part, the words that matched, the exact hits."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from duomo.hits import Part, PartName, Why
from duomo.product import Product, Variant
from duomo.search.members import Question, shares
from duomo.shelf.base import Found
from duomo.shelf.filters import fold
from duomo.shelf.rows import names_of


def reasons(
    rows: NDArray[np.int64],
    goods: Sequence[tuple[Product, Variant, str]],
    lists: Mapping[PartName, Found],
    question: Question,
    encoder: str,
) -> list[Why]:
    """The reason for each hit; the shares of a hit add up to its score.

    Args:
        rows: (n,) of the hits.
        goods: (n,) the product, the variant and its tokens, joined by blanks.
        lists: what each part of the question found.
        question: what was asked.
        encoder: the name of the model whose vectors were searched.
    """
    parts = _parts(rows, lists)
    whys = []
    for row, (product, variant, tokens) in zip(rows.tolist(), goods, strict=True):
        there = set(tokens.split(" "))
        named = (kind for kind, name in names_of(product, variant) if fold(name) == question.name)
        whys.append(
            Why(
                parts=tuple(parts[row]),
                words=tuple(word for word in question.words if word in there),
                exact=next(named, "") if "exact" in lists else "",
                encoder=encoder if any(p.name not in ("exact", "keywords") for p in parts[row]) else "",
            )
        )
    return whys


def _parts(rows: NDArray[np.int64], lists: Mapping[PartName, Found]) -> dict[int, list[Part]]:
    """What each list gave to each of the rows."""
    parts: dict[int, list[Part]] = {row: [] for row in rows.tolist()}
    ascending = np.sort(rows)
    for name, found in lists.items():
        given = shares(name, found.rows.size)
        # Found in the few rows of the page, not the other way round: the list may be long.
        nearest = ascending[np.searchsorted(ascending[:-1], found.rows)]
        for place in np.flatnonzero(nearest == found.rows).tolist():
            raw, share = float(found.scores[place]), float(given[place])
            parts[int(found.rows[place])].append(Part(name=name, rank=place + 1, raw=raw, share=share))
    return parts
