"""What words are like, learned from reviews: used alike, meant alike, praising or blaming."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile

MOOD_STEP: Final = 20  # of a mood in 8 bits; 40 is what words that have one have on average
_LEVELS: Final = 4  # of praise, and as many of blame
_NAMES: Final = ("ids", "used", "meant", "mood")

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@lru_cache(1 << 17)
def word_hash(form: str) -> int:
    """A number of a word, the same on every machine, from 1 to 2^32."""
    return crc32(form.encode("utf-8", "surrogatepass")) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WordKinds:
    """A table of words by their hashes; a word that is not in it is like nothing, and of no mood."""

    ids: NDArray[np.uint32]  # (rows,) `word_hash` less 1, rising
    used: NDArray[np.uint8]  # (rows,) words that stand beside the same words share a number; 0: not known
    meant: NDArray[np.uint8]  # (rows,) words that mean alike, in either language, share a number
    mood: NDArray[np.int8]  # (rows,) above 0 it praises, below 0 it blames

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], *, prefix: str, file: str) -> Self:
        """The table that `as_arrays` gave; raises BadFile where something is missing or does not fit."""
        try:
            ids, used, meant, mood = (arrays[f"{prefix}{name}"] for name in _NAMES)
        except KeyError as error:
            raise BadFile(f"{file} lacks {error}", remedy="Install Duomo again") from None
        if not len(ids) or not len(ids) == len(used) == len(meant) == len(mood):
            raise BadFile(f"{file} holds a table whose columns do not fit", remedy="Install Duomo again")
        return cls(
            ids=np.asarray(ids, np.uint32),
            used=np.asarray(used, np.uint8),
            meant=np.asarray(meant, np.uint8),
            mood=np.asarray(mood, np.int8),
        )

    def as_arrays(self, prefix: str = "") -> dict[str, NDArray[np.generic]]:
        """Its columns by name, for a file of safetensors."""
        columns: list[NDArray[np.generic]] = [self.ids, self.used, self.meant, self.mood]
        return {f"{prefix}{name}": column for name, column in zip(_NAMES, columns, strict=True)}

    def of(self, hashes: Hashes) -> tuple[Hashes, Hashes, Ints]:
        """(n,) hashes of words -> (n,) each: their numbers of use and of meaning, and their moods.

        Args:
            hashes: of `word_hash`.
        """
        wanted = (hashes - np.uint64(1)).astype(np.uint32)
        rows = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        known = self.ids[rows] == wanted
        used, meant = (
            np.where(known, column[rows], 0).astype(np.uint64) for column in (self.used, self.meant)
        )
        return used, meant, np.where(known, self.mood[rows], 0).astype(np.int64)


def hashes_of(forms: Sequence[str]) -> Hashes:
    """(n,) hashes of words in lower case."""
    return np.array([word_hash(form) for form in forms], np.uint64)


def levels(moods: Ints) -> Hashes:
    """Moods in a few levels, from 1; the middle one is none.

    >>> levels(np.array([-100, 0, 25])).tolist()
    [1, 5, 6]
    """
    return np.asarray(np.clip(np.rint(moods / MOOD_STEP), -_LEVELS, _LEVELS) + _LEVELS + 1, np.uint64)
