"""Numbers of products and their makers, as a shopper types them: in other pieces, or with a slip."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Self

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from duomo.once import once
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

    def __init__(self, snapshot: Snapshot, before: "Codes | None" = None) -> None:
        """Of a snapshot of the variants; it is read when the first code is asked.

        `before`: codes of other rows that are known as well; what they are looked up by is not made anew.
        """
        self._snapshot, self._before = snapshot, before

    @once
    def _held(self) -> Mapping[str, str]:
        """Squeezed -> a way it is written, of codes with a digit in them."""
        return {**self._own, **(self._before._held if self._before else {})}

    @once
    def _own(self) -> Mapping[str, str]:
        """Those of the snapshot."""
        named = [name for name in COLUMNS if name in self._snapshot.schema.names]
        rows = self._snapshot.search().rows if len(self._snapshot) else None
        if rows is None or not named:
            return {}
        table = self._snapshot.take(rows, named)
        written = {code for name in named for code in pc.unique(table[name]).to_pylist() if code}
        return {key: code for code in sorted(written) if (key := squeeze(code)) and _has_digit(key)}

    @once
    def _by_length(self) -> Mapping[int, "_Letters"]:
        """Length -> the codes of so many characters, of those that may be mistyped."""
        keys: defaultdict[int, list[str]] = defaultdict(list)
        known = self._before._held if self._before else {}
        for key in self._own:
            if len(key) >= SHORTEST and key not in known:
                keys[len(key)].append(key)
        held = self._before._by_length if self._before else {}
        grown = {n: _Letters([*(held[n].keys if n in held else ()), *each]) for n, each in keys.items()}
        return {**held, **grown}

    def warm(self) -> Self:
        """Make what codes are looked up in now, so that no shopper waits for it."""
        _ = self._by_length
        return self

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
        slips = 1 if len(key) < TWO_SLIPS else 2
        lengths = range(len(key) - 2, len(key) + 3)  # two may be missing at the end of a short one, too
        alike = [each.alike(key, slips) for n in lengths if (each := self._by_length.get(n))]
        choices = list(chain(*alike))
        met = process.extract(key, choices, scorer=OSA.distance, score_cutoff=2, limit=None)
        cut = (CUT * distance if code.startswith(key) else float(distance) for code, distance, _ in met)
        rated = sorted((slip, code) for slip, (code, *_) in zip(cut, met, strict=True) if slip <= slips)
        return tuple(_spelling(self._held[code], 1 / (1 + slip)) for slip, code in rated[:MOST])


class _Letters:
    """Codes of one length, and which characters stand in each: once, and twice or more, a bit each."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = keys
        self._once, self._twice = _bits(keys)

    def alike(self, key: str, slips: int) -> Iterator[str]:
        """The codes that may be so many slips from one, and others: a slip changes two bits at most.

        A character that is missing or too much changes one, two that have changed places none.
        """
        once, twice = _bits([key])
        bits = np.bitwise_count(self._once ^ once) + np.bitwise_count(self._twice ^ twice)
        return (self.keys[place] for place in np.flatnonzero(bits <= 2 * slips).tolist())


def _bits(keys: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """(n,) bits of the characters in keys of one length, and of those that stand there twice."""
    letters = np.array(keys).view(np.uint32).reshape(len(keys), -1)
    found = np.zeros(len(keys), np.uint64)
    twice = np.zeros(len(keys), np.uint64)
    for letter in letters.T:
        # Digits and the letters a to z have a bit each; what else there is shares theirs.
        bit = np.uint64(1) << ((letter - np.uint32(ord("0"))) % np.uint32(39)).astype(np.uint64)
        twice |= found & bit
        found |= bit
    return found, twice


def _spelling(code: str, weight: float = 1.0) -> Spelling:
    """A row holds a code if it holds its pieces; the whole counts as well."""
    whole, *parts = tokens(code)
    needed = tuple(parts) if parts and whole == "".join(parts) else (whole, *parts)
    return Spelling(needed, (whole, *parts), weight)


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
