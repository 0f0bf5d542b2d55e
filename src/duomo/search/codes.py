"""Numbers of products and their makers, as a shopper types them: in other pieces, or with a slip."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA

from duomo.shelf.base import ID, Snapshot
from duomo.shelf.filters import squeeze
from duomo.shelf.keywords import Spelling, Word, tokens

COLUMNS: Final = (ID, "product_id", "gtin", "mpn")
LONGEST: Final = 5  # words of a question that may be pieces of one code
SHORTEST: Final = 5  # characters of a code that may have been mistyped
TWO_SLIPS: Final = 8  # characters of a code in which two slips are thought of
MOST: Final = 5  # codes that one mistyped one may have been meant as
CUT: Final = 0.5  # of a slip: a character that is missing at the end


class Codes:
    """The codes of one version of a shop, without what stands between their letters and digits.

    >>> import pyarrow as pa
    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist([{"id": "1", "mpn": "DV7-1211EA"}], schema=pa.schema(FIXED)))
    >>> codes = Codes(shelf.snapshot())
    >>> [(start, end, word.said) for start, end, word in codes.pieces(["hp", "dv", "7", "1211ea", "bag"])]
    [(1, 4, 'dv71211ea')]
    >>> [spelling.tokens for spelling in codes.near("dv71211e")]
    [('dv7', '1211ea')]
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Of a snapshot of the variants; it is read when the first code is asked."""
        self._snapshot = snapshot

    @cached_property
    def _held(self) -> Mapping[str, str]:
        """Squeezed -> a way it is written, of codes with a digit in them."""
        named = [name for name in COLUMNS if name in self._snapshot.schema.names]
        rows = self._snapshot.search().rows if len(self._snapshot) else None
        if rows is None or not named:
            return {}
        table = self._snapshot.take(rows, named)
        written = {code for name in named for code in pc.unique(table[name]).to_pylist() if code}
        return {key: code for code in sorted(written) if (key := squeeze(code)) and _has_digit(key)}

    @cached_property
    def _keys(self) -> Sequence[str]:
        return [key for key in self._held if len(key) >= SHORTEST]

    def pieces(self, asked: Sequence[str]) -> list[tuple[int, int, Word]]:
        """Where several words of a question together are one code of the shop.

        Args:
            asked: words of the question, folded.

        Returns:
            The place of the first word, the place behind the last, and the code as one word; no two overlap.
        """
        found: list[tuple[int, int, Word]] = []
        place = 0
        while place < len(asked):
            for end in range(min(place + LONGEST, len(asked)), place + 1, -1):
                key = "".join(map(squeeze, asked[place:end]))
                if len(key) >= SHORTEST and _has_digit(key) and (code := self._held.get(key)):
                    apart = tuple(token for one in asked[place:end] for token in tokens(one))
                    found.append((place, end, Word(key, (_spelling(code), Spelling(apart)))))
                    place = end - 1
                    break
            place += 1
        return found

    def near(self, word: str) -> tuple[Spelling, ...]:
        """The codes that one which the shop does not have may have been meant as, likeliest first.

        A slip is a character that is wrong, missing, too much, or in the place of its neighbour; missing at
        the end it counts half, and two may be. Short codes are taken at their word.
        """
        key = squeeze(word)
        if len(key) < SHORTEST or not _has_digit(key) or key in self._held:
            return ()
        met = process.extract(key, self._keys, scorer=OSA.distance, score_cutoff=2, limit=None)
        slips = 1 if len(key) < TWO_SLIPS else 2
        cut = (CUT * distance if code.startswith(key) else float(distance) for code, distance, _ in met)
        rated = sorted((slip, code) for slip, (code, *_) in zip(cut, met, strict=True) if slip <= slips)
        return tuple(_spelling(self._held[code], 1 / (1 + slip)) for slip, code in rated[:MOST])


def _spelling(code: str, weight: float = 1.0) -> Spelling:
    """A row holds a code if it holds its pieces; the whole counts as well."""
    whole, *parts = tokens(code)
    needed = tuple(parts) if parts and whole == "".join(parts) else (whole, *parts)
    return Spelling(needed, (whole, *parts), weight)


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
