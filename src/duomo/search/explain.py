"""Why a hit stands where it stands: the share of each part, the words that matched, the exact hits."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.hits import Part, PartName, Why
from duomo.ranking import DAMPING
from duomo.shelf.base import ID, TOKENS, Found, Snapshot

LOOKED_AT: Final = 100  # best keyword matches among which exact hits are looked for
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
    rows = matches.rows[:LOOKED_AT]
    wanted = _folded(pa.array([text]))[0]
    if not rows.size or not wanted.as_py():
        return {}
    table = snapshot.take(rows, [name for name, _ in _NAMES])
    texts = pa.chunked_array([chunk for name, _ in _NAMES for chunk in table[name].cast(pa.string()).chunks])
    same = np.asarray(pc.fill_null(pc.equal(_folded(texts), wanted), False)).reshape(len(_NAMES), rows.size)
    found = [(int(row), _NAMES[column][1]) for column, row in zip(*(np.nonzero(same)), strict=True)]
    return {int(rows[place]): name for place, name in reversed(found)}


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
    return [
        Why(
            parts=tuple(_parts(row, lists, row in exact)),
            words=tuple(word for word in words if word in set((tokens or "").split(" "))),
            exact=exact.get(row, ""),
            encoder=encoder
            if any(row in found.rows for name, found in lists.items() if name != "keywords")
            else "",
        )
        for row, tokens in zip(rows, held, strict=True)
    ]


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


def _folded(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Texts without case, width and needless blanks."""
    small = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(small, pattern=r"\s+", replacement=" "))
