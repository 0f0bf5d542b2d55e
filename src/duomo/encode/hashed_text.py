"""Text to vectors without weights: words and character n-grams, hashed into signed buckets."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.encode.base import EncoderCard

# Han characters with their marks, and kana: scripts written without blanks.
_DENSE: Final = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A run of those, or a word of anything else. 64 letters bound what one word may cost; a longer one
# is read in pieces.
_RUN: Final = re.compile(rf"(?P<dense>[{_DENSE}]+)|(?P<word>[^\W_{_DENSE}]{{1,64}})")

_GRAMS: Final = (3, 4, 5)  # lengths of the character n-grams of a word
_HASH_BITS: Final = 40  # two pieces of one text fall together once in a million million
_BATCH: Final = 1024  # texts whose pieces are sorted together


@dataclass(frozen=True, slots=True)
class HashedText:
    """Words and character n-grams in `dim` signed buckets (Weinberger et al., ICML 2009).

    The text is folded (NFKC, no case) and cut into pieces: of Latin and other spaced scripts each word and
    its 3- to 5-grams, its ends marked (Bojanowski et al., TACL 2017), so that a typing error keeps most of
    a word; of Chinese and Japanese each character and each pair. A piece that occurs n times adds the
    square root of n to its bucket, with the piece's own sign; the row is then scaled to length 1. A text
    without a letter or a digit gives zeros. The same on every machine, as no BLAS and no weights take part.

    Args:
        dim: how many buckets; more of them mean fewer pieces that fall together.

    >>> tower = HashedText(256)
    >>> shirt, shirts, lamp = tower.encode(["blue shirt", "blue shirts", "table lamp"])
    >>> bool(shirt @ shirts > 0.7 > 0.2 > shirt @ lamp)
    True
    """

    dim: int

    @property
    def card(self) -> EncoderCard:
        """Who made it: nobody trained anything; version changes with the method."""
        return _card(self.dim)

    def encode(self, inputs: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, dim) float32 rows of length 1, or of zeros where a text has no words."""
        rows = np.zeros((len(inputs), self.dim), dtype=np.float32)
        for start in range(0, len(inputs), _BATCH):
            rows[start : start + _BATCH] = self._encode_batch(inputs[start : start + _BATCH])
        return rows

    def _encode_batch(self, texts: Sequence[str]) -> Vectors:
        pieces = [b"".join(_hashes(text)) for text in texts]
        hashes = np.frombuffer(b"".join(pieces), dtype="<i8")
        lengths = [len(piece) // 8 for piece in pieces]
        numbers = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        # Sorting by text, then by hash, makes the order of every sum the text's own.
        keys, counts = np.unique((numbers << _HASH_BITS) | hashes, return_counts=True)
        found = keys & ((1 << _HASH_BITS) - 1)
        signs = np.where(found & 1, 1.0, -1.0)
        cells = (keys >> _HASH_BITS) * self.dim + (found >> 1) % self.dim
        sums = self._sums(cells, signs * np.sqrt(counts), len(texts))
        # The few pieces of a very short text can cancel each other out: such a text goes without signs.
        if (lost := ~sums.any(axis=1)).any():
            sums[lost] = self._sums(cells, np.sqrt(counts), len(texts))[lost]
        return unit(sums)

    def _sums(
        self, cells: NDArray[np.int64], weights: NDArray[np.float64], count: int
    ) -> NDArray[np.float64]:
        sums = np.bincount(cells, weights=weights, minlength=count * self.dim)
        return sums.reshape(count, self.dim).astype(np.float64, copy=False)


@lru_cache(maxsize=8)  # it is asked for at every search
def _card(dim: int) -> EncoderCard:
    return EncoderCard(
        name="hashed-text",
        modality="text",
        dim=dim,
        space=f"hashed-text-{dim}",
        licence="Apache-2.0",
        source="feature hashing, Weinberger et al., ICML 2009",
    )


def _hashes(text: str) -> Iterator[bytes]:
    """The hashes of a text's pieces, 8 bytes each, any number at a time."""
    # Folding the case can undo the normal form and the other way round (Unicode 3.13, NFKC_Casefold).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for match in _RUN.finditer(folded):
        run = match.group()
        if match.lastgroup == "word":
            yield _word_hashes(run)
        else:
            yield from map(_hash, run)
            yield from map(_hash, map("".join, pairwise(run)))


@lru_cache(maxsize=1 << 15)  # a catalog repeats its words: with the pieces kept too, 4 times faster
def _word_hashes(word: str) -> bytes:
    marked = f"<{word}>"
    grams = (marked[i : i + n] for n in _GRAMS for i in range(len(marked) - n + 1))
    return b"".join(map(_hash, (word, *grams)))


@lru_cache(maxsize=1 << 15)
def _hash(piece: str) -> bytes:
    digest = hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=_HASH_BITS // 8).digest()
    return digest + b"\0\0\0"  # a little-endian int64
