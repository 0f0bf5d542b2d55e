"""Which phrases hold words that begin as a shopper types: an index over beginnings, in both scripts."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.once import once
from duomo.search.repair import JOINTS
from duomo.shelf.han import fold_traditional, has_han, pinyin
from duomo.shelf.keywords import words

LONGEST: Final = 8  # Chinese characters after a beginning that are looked up; further ones are compared
_LAST: Final = "\U0010ffff"  # comes after every character that a word holds


def units(text: str) -> list[str]:
    """The words of what is typed, folded; Chinese stays in one piece as far as nothing stands between.

    >>> units("Nike 紅色連衣 T-Sh")
    ['nike', '红色连衣', 't-sh']
    """
    found: list[str] = []
    for run in fold_traditional(text).split():
        glued = False
        for word in words(run):
            if glued and has_han(word):
                found[-1] += word
            else:
                found.append(word)
            glued = has_han(word)
    return found


class Completions:
    """Beginnings of words -> the texts that hold them, by their number.

    >>> found = Completions(["Nike Shoes", "红色连衣裙", "T-Shirt"])
    >>> [found.holding(text)[0].nonzero()[0].tolist() for text in ("sh", "连衣", "tsh", "lianyi", "lyq")]
    [[0, 2], [1], [2], [1], [1]]
    """

    def __init__(self, texts: Sequence[str], *, by_words: Sequence[bool] = ()) -> None:
        """Index texts.

        Args:
            texts: (n,) phrases.
            by_words: (n,) whether Chinese is found by whole words alone, as is enough for long titles;
                (): none.
        """
        self._size = len(texts)
        self._texts = [fold_traditional(text) for text in texts]
        self._by_words = by_words or [False] * len(texts)

    def holding(self, unit: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which texts hold a word that begins so or is read so, and which of them begin with it.

        Args:
            unit: one of `units`.

        Returns:
            (n,) and (n,).
        """
        held, first = self._plain.find(unit[:LONGEST] if has_han(unit) else unit, self._size)
        if has_han(unit) and len(unit) > LONGEST:
            for number in np.flatnonzero(held).tolist():
                held[number] = unit in "".join(words(self._texts[number]))
            first &= held
        elif len(unit) > 1 and unit.isascii() and unit.isalpha() and self._any_han:
            heard, heard_first = self._heard.find(unit, self._size)
            held |= heard
            first |= heard_first
        return held, first

    @once
    def _any_han(self) -> bool:
        return any(map(has_han, self._texts))

    @once
    def _plain(self) -> "_Beginnings":
        return _Beginnings(self._met(_written))

    @once
    def _heard(self) -> "_Beginnings":
        return _Beginnings(self._met(_read_aloud))

    def _met(self, keys_of: "_KeysOf") -> Iterator[tuple[str, int, bool]]:
        """Every key of every text with the text's number, and whether the text begins with it."""
        known: dict[tuple[str, bool], Sequence[tuple[str, bool]]] = {}  # a catalog repeats its words
        for number, (text, by_words) in enumerate(zip(self._texts, self._by_words, strict=True)):
            for place, run in enumerate(text.split()):
                if (run, by_words) not in known:
                    known[run, by_words] = list(keys_of(run, by_words))
                for key, first in known[run, by_words]:
                    yield key, number, first and place == 0


_KeysOf = Callable[[str, bool], Iterator[tuple[str, bool]]]


def _stretches(run: str) -> Iterator[tuple[list[str], bool]]:
    """The words of a run without blanks, Chinese ones that follow each other together; is it the first?"""
    found: list[list[str]] = []
    for word in words(run):
        if found and has_han(word) and has_han(found[-1][-1]):
            found[-1].append(word)
        else:
            found.append([word])
    yield from ((stretch, place == 0) for place, stretch in enumerate(found))


def _written(run: str, by_words: bool) -> Iterator[tuple[str, bool]]:
    """The keys of a run as it is written, and whether each stands at its beginning."""
    for stretch, first in _stretches(run):
        whole = "".join(stretch)
        if has_han(whole):
            starts = _starts(stretch) if by_words else range(len(whole))
            yield from ((whole[start : start + LONGEST], first and start == 0) for start in starts)
            continue
        yield whole, first
        if len(parts := [part for part in JOINTS.split(whole) if part]) > 1:
            yield "".join(parts), first  # tshirt for t-shirt
            yield from ((part, False) for part in parts[1:] if len(part) > 1)  # not the s of men's


def _read_aloud(run: str, by_words: bool) -> Iterator[tuple[str, bool]]:
    """How a run is read from the beginning of each Chinese word on, in full and by first letters."""
    for stretch, first in _stretches(run):
        whole = "".join(stretch)
        if not has_han(whole):
            continue
        for start in _starts(stretch):
            syllables = pinyin(whole[start : start + LONGEST])
            full, initials = "".join(syllables), "".join(syllable[0] for syllable in syllables)
            yield from ((key, first and start == 0) for key in {full, full.replace("v", "u"), initials})


def _starts(stretch: Sequence[str]) -> list[int]:
    return [sum(map(len, stretch[:place])) for place in range(len(stretch))]


class _Beginnings:
    """Keys in order, so that those with one beginning stand side by side, and so do the texts they are in."""

    def __init__(self, met: Iterable[tuple[str, int, bool]]) -> None:
        place: dict[str, int] = {}
        found = np.array(
            [(place.setdefault(key, len(place)), number, first) for key, number, first in met], np.int64
        ).reshape(-1, 3)
        self._keys = sorted(place)
        rank = np.empty(len(place), np.int64)
        rank[[place[key] for key in self._keys]] = np.arange(len(place))
        found = found[np.argsort(rank[found[:, 0]], kind="stable")]
        self._numbers, self._first = found[:, 1].astype(np.int32), found[:, 2].astype(np.bool_)
        self._ends = np.cumsum(np.bincount(rank[found[:, 0]], minlength=len(place)))

    def find(self, beginning: str, size: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(size,) which texts have a key that begins so, and (size,) which of them begin with it."""
        low, high = bisect_left(self._keys, beginning), bisect_left(self._keys, beginning + _LAST)
        held, first = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        if low < high:
            span = slice(int(self._ends[low - 1]) if low else 0, int(self._ends[high - 1]))
            held[self._numbers[span]] = True
            first[self._numbers[span][self._first[span]]] = True
        return held, first
