"""Why a hit stands where it stands: the share of each part, the words that matched, the exact hits."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.hits import Part, PartName, Why
from duomo.product import Product, Variant
from duomo.ranking import DAMPING
from duomo.search.members import Question
from duomo.shelf.base import TOKENS, Found, Snapshot
from duomo.shelf.filters import fold
from duomo.shelf.rows import names_of

EXACT_SHARE: Final = 1.0  # more than all other parts can give together: exact hits are never buried


def reasons(
    snapshot: Snapshot,
    hits: Sequence[tuple[int, Product, Variant]],
    lists: Mapping[PartName, Found],
    question: Question,
    encoder: str,
) -> list[Why]:
    """The reason for each hit, given with its row; the shares of a hit add up to its score."""
    rows = np.array([row for row, _, _ in hits], np.int64)
    held = snapshot.take(rows, [TOKENS])[TOKENS].to_pylist()
    whys = []
    for (row, product, variant), tokens in zip(hits, held, strict=True):
        parts, there = _parts(row, lists), set((tokens or "").split(" "))
        named = (kind for kind, name in names_of(product, variant) if fold(name) == question.name)
        whys.append(
            Why(
                parts=parts,
                words=tuple(word for word in question.words if word in there),
                exact=next(named, "") if "exact" in lists else "",
                encoder=encoder if any(part.name not in ("exact", "keywords") for part in parts) else "",
            )
        )
    return whys


def _parts(row: int, lists: Mapping[PartName, Found]) -> tuple[Part, ...]:
    parts = []
    for name, found in lists.items():
        place: NDArray[np.int64] = np.flatnonzero(found.rows == row)
        if place.size:
            rank, raw = int(place[0]) + 1, float(found.scores[place[0]])
            share = EXACT_SHARE if name == "exact" else 1 / (DAMPING + rank)
            parts.append(Part(name=name, rank=rank, raw=raw, share=share))
    return tuple(parts)
