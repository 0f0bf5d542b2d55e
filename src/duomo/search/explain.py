"""Why a hit stands where it stands: the share of each part, the words that matched, the exact hits."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from duomo.hits import Part, PartName, Why
from duomo.ranking import DAMPING
from duomo.shelf.base import ID, TOKENS, Found, Snapshot
from duomo.shelf.filters import fold

LOOKED_AT: Final = 50  # best keyword matches among which exact hits are looked for
EXACT_SHARE: Final = 1.0  # more than all other parts can give together: exact hits are never buried

Exact = Literal["id", "gtin", "mpn", "title"]
_NAMES: Final[tuple[tuple[str, Exact], ...]] = (
    (ID, "id"),
    ("product_id", "id"),
    ("gtin", "gtin"),
    ("mpn", "mpn"),
    ("title", "title"),
)


def exact_rows(snapshot: Snapshot, text: str, matches: Found) -> dict[int, Exact]:
    """Row -> what of it the question is, letter for letter but for case, width and blanks."""
    rows, wanted = matches.rows[:LOOKED_AT], fold(text)
    if not rows.size or not wanted:
        return {}
    found: dict[int, Exact] = {}
    table = snapshot.take(rows, [name for name, _ in _NAMES])
    for column, name in reversed(_NAMES):
        values = table[column].to_pylist()
        found |= {
            int(row): name for row, value in zip(rows, values, strict=True) if value and fold(value) == wanted
        }
    return found


def reasons(
    snapshot: Snapshot,
    rows: Sequence[int],
    lists: Mapping[PartName, Found],
    words: Sequence[str],
    exact: Mapping[int, Exact],
    encoder: str,
) -> list[Why]:
    """The reason for each of the rows; the shares of a row add up to its score."""
    held = snapshot.take(np.array(rows, np.int64), [TOKENS])[TOKENS].to_pylist()
    whys = []
    for row, tokens in zip(rows, held, strict=True):
        parts, there = tuple(_parts(row, lists, row in exact)), set((tokens or "").split(" "))
        whys.append(
            Why(
                parts=parts,
                words=tuple(word for word in words if word in there),
                exact=exact.get(row, ""),
                encoder=encoder if any(part.name not in ("exact", "keywords") for part in parts) else "",
            )
        )
    return whys


def _parts(row: int, lists: Mapping[PartName, Found], exact: bool) -> list[Part]:
    parts = [Part(name="exact", rank=1, raw=1.0, share=EXACT_SHARE)] if exact else []
    for name, found in lists.items():
        place: NDArray[np.int64] = np.flatnonzero(found.rows == row)
        if place.size:
            rank = int(place[0]) + 1
            parts.append(
                Part(name=name, rank=rank, raw=float(found.scores[place[0]]), share=1 / (DAMPING + rank))
            )
    return parts
