"""A question folded for reading, with the way back to how it was written; and its words."""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import rjieba

from duomo.shelf.han import HAN, fold_traditional

WORD: Final = re.compile(rf"[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)*")
_HAN_RUN: Final = re.compile(rf"[{HAN}]+")

_ACCENTS: Final = re.compile("[̀-ͯ]")
# Dashes and quotes of print, the fraction slash of ½, the stop of Chinese type.
_MARKS: Final = str.maketrans("‐‑‒–—―−﹣〜～∼⁄“”″′‘。", '--------~~~/"""\'\'.')


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without case, width, accents and traditional forms."""

    text: str
    at: tuple[int, ...]  # (len(text) + 1,) where each character stands in what was written, and its end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a stretch of the folded text was written."""
        first = self.at[start]
        return first, max(self.at[end], self.at[end - 1] + 1) if end > start else first

    def folded_span(self, first: int, last: int) -> tuple[int, int]:
        """Which stretch of the folded text was written from here to there: the way back from `span`."""
        return bisect_left(self.at, first, 0, len(self.text)), bisect_left(self.at, last, 0, len(self.text))


def folded(text: str) -> Folded:
    """The text folded character by character, so that every stretch knows where it was written.

    >>> folded("ＲＥＤ 紅色 Café").text
    'red 红色 cafe'
    """
    if text.isascii():
        return Folded(text.lower(), tuple(range(len(text) + 1)))
    pieces = [_fold(letter) for letter in text]
    at = [place for place, piece in enumerate(pieces) for _ in piece]
    return Folded(_HAN_RUN.sub(_simplified, "".join(pieces)), (*at, len(text)))


def plain(text: str) -> str:
    """The text folded, without the way back."""
    return text.lower() if text.isascii() else _HAN_RUN.sub(_simplified, "".join(map(_fold, text)))


def _simplified(run: re.Match[str]) -> str:
    """Chinese in simplified forms, if that keeps every character in its place."""
    simple = fold_traditional(run[0])
    return simple if len(simple) == len(run[0]) else run[0]


@lru_cache(maxsize=65_536)
def _fold(letter: str) -> str:
    """One character folded: none, one or several."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", letter).casefold())
    return unicodedata.normalize("NFKC", bare).translate(_MARKS)


_IRREGULAR: Final = {"woman": "women", "man": "men", "child": "children"}


@lru_cache(maxsize=100_000)  # a catalog repeats its words
def norm(word: str) -> str:
    """A folded word as names are compared by: without 's, apostrophes and the plural.

    >>> [norm(word) for word in ("men's", "dresses", "shoes", "levi's", "woman", "xs", "glass")]
    ['men', 'dress', 'shoe', 'levi', 'women', 'xs', 'glass']
    """
    word = word.replace("’", "'")
    bare = (word[:-2] if word.endswith("'s") else word).replace("'", "")
    if bare in _IRREGULAR:
        return _IRREGULAR[bare]
    if len(bare) <= 3 or not bare.endswith("s") or bare.endswith(("ss", "us", "is")):
        return bare
    if bare.endswith("ies") and len(bare) > 4:
        return bare[:-3] + "y"
    if bare.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return bare[:-2]
    return bare[:-1]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a script that is written with blanks, in the folded text."""

    start: int
    end: int
    norm: str


def words(text: str) -> list[Word]:
    """The words of a folded text, in order."""
    return [Word(found.start(), found.end(), norm(found[0])) for found in WORD.finditer(text)]


def breaks(text: str) -> frozenset[int]:
    """The places of a folded text where a word may begin or end, as far as its Chinese goes."""
    places: set[int] = set()
    for run in _HAN_RUN.finditer(text):
        place = run.start()
        places.add(place)
        for part in rjieba.cut(run[0]):
            place += len(part)
            places.add(place)
    return frozenset(places)


def is_han(letter: str) -> bool:
    """Whether a character is a Chinese one."""
    return bool(_HAN_RUN.match(letter))
