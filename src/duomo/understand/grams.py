"""Texts as hashed n-grams, with where each stands: what linear heads on words are made of.

One function for Chinese, English and both together. Where a Chinese character stands in it, a gram has one to
four characters; elsewhere three to five within a word and its rims; besides, words by themselves, in twos and
in threes. Wang and Manning (ACL 2012) found such bags hard to beat; hashing (Weinberger et al., ICML 2009)
needs no vocabulary. All of it is NumPy on whole batches, but for telling Chinese words apart (rjieba).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import rjieba
from numpy.typing import NDArray

from duomo.shelf.han import HAN

_LONGEST_HAN: Final = 4  # characters of a gram with a Chinese one
_LATIN: Final = (3, 5)  # characters of a gram without
_MARKS: Final = 2  # characters of a gram of marks and emoji alone
_WORDS: Final = 3  # words of a gram of words
_TEXTS_AT_ONCE: Final = 500
_WORD: Final = re.compile(rf"(?P<han>[{HAN}]+)|[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)*|[^\w\s]")

# Multipliers and shifts of SplitMix64 (Steele et al., OOPSLA 2014).
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = ((30, np.uint64(0xBF58476D1CE4E5B9)), (27, np.uint64(0x94D049BB133111EB)))
_OTHER, _LETTER, _HAN, _MARK = range(4)  # kinds of characters; other: blanks and what cannot be seen
_PLANE: Final = 1 << 16

Ids = NDArray[np.uint32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of n texts, one after the other, as often as they stand there."""

    ids: Ids  # (g,) hashes
    starts: Ints  # (g,) code points of the text before the gram
    ends: Ints
    ptr: Ints  # (n + 1,) the grams of text i are those from ptr[i] to ptr[i + 1]

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def some(self, chosen: NDArray[np.bool_]) -> "Grams":
        """Those of chosen texts, (n,)."""
        lengths = np.diff(self.ptr)
        there = np.repeat(chosen, lengths)
        ptr = np.cumsum([0, *lengths[chosen].tolist()])
        return Grams(self.ids[there], self.starts[there], self.ends[there], ptr)

    def distinct(self) -> tuple[Ids, Ints]:
        """Each gram once a text: (d,) hashes and (n + 1,) where those of a text begin."""
        rows = np.repeat(np.arange(len(self), dtype=np.uint64), np.diff(self.ptr))
        keys = np.unique(rows << np.uint64(32) | self.ids)
        ptr = np.searchsorted(keys, np.arange(len(self) + 1, dtype=np.uint64) << np.uint64(32))
        return keys.astype(np.uint32), ptr.astype(np.int64)


def grams(texts: Sequence[str]) -> Grams:
    """The n-grams of texts; hashes are the same on every machine and in every process.

    Width and case are folded character by character, so places hold for the text as it was given.

    >>> found = grams(["质量不好"])
    >>> len(found), {"质量不好"[a:b] for a, b in zip(found.starts, found.ends)} >= {"质量", "不好", "量不好"}
    (1, True)
    """
    parts = [_grams(texts[at : at + _TEXTS_AT_ONCE]) for at in range(0, len(texts), _TEXTS_AT_ONCE)]
    if not parts:
        none = np.zeros(0, np.int64)
        return Grams(none.astype(np.uint32), none, none, np.zeros(1, np.int64))
    before = np.cumsum([0, *(part.ptr[-1] for part in parts)])
    ptr = [part.ptr[:-1] + shift for part, shift in zip(parts, before[:-1], strict=True)]
    return Grams(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([*ptr, before[-1:]]),
    )


def _grams(texts: Sequence[str]) -> Grams:
    folded = [_folded(text) for text in texts]
    lengths = np.array([len(text) for text in folded])
    # A blank before and behind each text: the rims of its first and last word.
    codes = np.frombuffer("".join(f" {text} " for text in folded).encode("utf-32-le"), np.uint32)
    begins = np.cumsum([0, *(lengths + 2)])
    text_of = np.repeat(np.arange(len(folded)), lengths + 2)
    place = np.arange(len(codes)) - begins[text_of] - 1
    with np.errstate(over="ignore"):
        found = [*_of_characters(codes, begins[text_of + 1]), *_of_words(folded, codes, begins)]
    ids, starts, ends = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(text_of[starts], kind="stable")
    ids, starts, ends = ids[order], starts[order], ends[order]
    rows = text_of[starts]
    first = np.maximum(place[starts], 0)
    last = np.minimum(place[ends - 1] + 1, lengths[rows])
    return Grams(ids, first, last, np.searchsorted(rows, np.arange(len(folded) + 1)))


def _of_characters(codes: NDArray[np.uint32], limits: Ints) -> list[tuple[Ids, Ints, Ints]]:
    """Grams of characters: hash, start and end of each; none goes beyond the limit of its text."""
    kinds = _kinds()[np.minimum(codes, _PLANE)]
    place = np.arange(len(codes))
    mixed = _mixed(codes * _GOLDEN + np.uint64(7))
    counts = {kind: np.cumsum(np.concatenate([[0], kinds == kind])) for kind in (_HAN, _LETTER, _MARK)}
    hashed = np.zeros(len(codes), np.uint64)
    found = []
    for length in range(1, _LATIN[1] + 1):
        there = np.zeros(len(codes), np.uint64)
        there[: max(len(codes) - length + 1, 0)] = mixed[length - 1 :]
        hashed = _mixed(hashed * _GOLDEN + there + np.uint64(length))
        fits = place + length <= limits
        ends = np.minimum(place + length, len(codes))
        han, letters, marks = (counts[kind][ends] - counts[kind][place] for kind in (_HAN, _LETTER, _MARK))
        wanted = (han == 0) & (letters > 0) & (_LATIN[0] <= length)
        if length <= _LONGEST_HAN:
            wanted |= han > 0
        if length <= _MARKS:
            wanted |= marks == length
        at = np.flatnonzero(wanted & fits)
        found.append(((hashed[at] >> np.uint64(32)).astype(np.uint32), at, at + length))
    return found


def _of_words(folded: Sequence[str], codes: NDArray[np.uint32], begins: Ints) -> list[tuple[Ids, Ints, Ints]]:
    """Grams of words: hash, start and end of each; blanks are no words."""
    spans = [
        (text, begin + 1 + start, begin + 1 + end)
        for text, (line, begin) in enumerate(zip(folded, begins[:-1].tolist(), strict=True))
        for start, end in word_spans(line)
    ]
    rows, starts, ends = np.array(spans, np.int64).reshape(-1, 3).T
    # The hash of a word from sums of its characters times powers of an odd number, which has an inverse.
    powers, inverse = _powers(len(codes) + 1)
    sums = np.concatenate([[np.uint64(0)], np.cumsum(_mixed(codes * _GOLDEN + np.uint64(11)) * powers[:-1])])
    words = _mixed((sums[ends] - sums[starts]) * inverse[starts] + (ends - starts).astype(np.uint64))
    limits = np.searchsorted(rows, rows, side="right")
    place = np.arange(len(rows))
    hashed = np.zeros(len(rows), np.uint64)
    found = []
    for length in range(1, _WORDS + 1):
        there = np.zeros(len(rows), np.uint64)
        there[: max(len(rows) - length + 1, 0)] = words[length - 1 :]
        hashed = _mixed(hashed * _GOLDEN + there + np.uint64(1000 + length))
        at = np.flatnonzero(place + length <= limits)
        ids = (hashed[at] >> np.uint64(32)).astype(np.uint32)
        found.append((ids, starts[at], ends[at + length - 1]))
    return found


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words and marks of a text stand, in order, blanks left out.

    >>> [("T恤很舒服, isn't it?")[a:b] for a, b in word_spans("T恤很舒服, isn't it?")]
    ['T', '恤', '很', '舒服', ',', "isn't", 'it', '?']
    """
    spans = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match.lastgroup != "han" or end - start == 1:
            spans.append((start, end))
            continue
        for word in rjieba.cut(match[0], hmm=False):
            spans.append((start, start + len(word)))
            start += len(word)
    return spans


def _folded(text: str) -> str:
    """Lower case and usual width, character by character; half a surrogate pair becomes a blank."""
    if text.isascii():
        return text.lower()
    return text.translate(_folds())


@cache
def _folds() -> dict[int, int]:
    folds = dict.fromkeys(range(55296, 57344), 32)
    for code in range(_PLANE):
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        if code not in folds and len(plain) == 1 and ord(plain) != code:
            folds[code] = ord(plain)
    return folds


@cache
def _kinds() -> NDArray[np.int8]:
    """(65,537,) what a character is, the last for all beyond: letters, Chinese characters, marks."""
    kinds = np.full(_PLANE + 1, _OTHER, np.int8)
    han = re.compile(f"[{HAN}]")
    for code in range(_PLANE):
        char = chr(code)
        category = unicodedata.category(char)
        if han.match(char):
            kinds[code] = _HAN
        elif category[0] in "LN":
            kinds[code] = _LETTER
        elif category[0] in "PS":
            kinds[code] = _MARK
    kinds[_PLANE] = _MARK  # emoji, mostly
    return kinds


@cache
def _some_powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    base = np.uint64(0xD6E8FEB86659FD93)
    inverse = np.uint64(pow(int(base), -1, 1 << 64))
    ones = np.ones(1, np.uint64)
    with np.errstate(over="ignore"):
        return tuple(  # type: ignore[return-value]  # of two
            np.concatenate([ones, np.cumprod(np.full(size - 1, factor, np.uint64))])
            for factor in (base, inverse)
        )


def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of an odd number from 0 on, and those of its inverse, modulo 2 to the 64."""
    powers, inverse = _some_powers(1 << (size - 1).bit_length())
    return powers[:size], inverse[:size]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: every bit of a number decides every bit of the result."""
    for shift, factor in _MIX:
        values = (values ^ (values >> np.uint64(shift))) * factor
    return values ^ (values >> np.uint64(31))
