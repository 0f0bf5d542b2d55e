"""The aspects a shop asks for: lists of words in both languages, and which of them a term belongs to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, NamedTuple, Self

import numpy as np

from duomo.arrays import Vectors
from duomo.catalog.formats.encoding import text_file
from duomo.encode.base import Encoder
from duomo.errors import BadFile, MissingFile
from duomo.shelf.han import HAN

HEADER: Final = ("kind", "en", "zh")
GROUP: Final = "group"
OVERALL: Final = "overall"  # of what is implied, where its phrase tells no other
BROAD: Final = frozenset({OVERALL, "quality"})  # "screen quality" is about the screen
By = Literal["words", "vectors", "own"]  # how a term came to its group: it is a group of its own at the last
_LIKE: Final = (
    0.62  # cosine to a word of a group, from which a term belongs to it; chosen on the quads to learn from
)
_HAN: Final = re.compile(f"[{HAN}]")
_LATIN: Final = re.compile(rf"[^\W_{HAN}]+")
_COLUMNS: Final = "a kind, the English words and the Chinese ones, each list joined by |"


@dataclass(frozen=True, slots=True)
class WordList:
    """A row of a table of words."""

    kind: str  # "group", "praise" or "blame"
    en: tuple[str, ...]
    zh: tuple[str, ...]
    called: str = ""  # as a shop calls it; "": by its first word

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        """A group of the words of both languages, the first of which is its name."""
        english = tuple(word for word in words if not _HAN.search(word))
        return cls(GROUP, english, tuple(word for word in words if _HAN.search(word)), words[0])

    @property
    def name(self) -> str:
        """What it is called; where nobody says, its first word, in English where it has one."""
        return self.called or (*self.en, *self.zh)[0]


class Grouped(NamedTuple):
    """Which group a term belongs to, and how that was found."""

    group: str
    by: By


@cache
def shipped_lists() -> tuple[WordList, ...]:
    """The lists that Duomo brings along: groups of aspects, and words of praise and of blame.

    >>> shipped_lists()[0].zh[0]
    '尺码'
    """
    return read_lists(files("duomo").joinpath("words", "aspects.tsv").read_text(encoding="utf-8"))


def open_groups(path: Path) -> tuple[WordList, ...]:
    """The groups of a shop's own file.

    It has a group a line: its words, the first of which is its name, joined by `|`; or a table with the
    columns of the shipped one.

    Raises:
        MissingFile: there is no such file.
        BadFile: it names no group, or a row is no list of words.
    """
    if not path.is_file():
        raise MissingFile(f"there is no file {path}", remedy="Name a file with a list of words a line")
    lines = [line.strip() for line in text_file(path).lines()]
    if lines and tuple(lines[0].split("\t")) == HEADER:
        found = read_lists("\n".join(lines), str(path))
    else:
        split = (tuple(word.strip() for word in line.split("|") if word.strip()) for line in lines)
        found = tuple(WordList.of(words) for words in split if words)
    groups = tuple(each for each in found if each.kind == GROUP)
    if not groups:
        raise BadFile(f"{path} names no aspect", remedy="Write a line for each, as: price|cost|价格|价钱")
    return groups


def read_lists(text: str, name: str = "aspects.tsv") -> tuple[WordList, ...]:
    """The rows of a table of words; raises BadFile where one is not what the header says."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != HEADER:
        raise BadFile(f"{name} does not begin with: {' '.join(HEADER)}", remedy=f"Write {_COLUMNS}")
    found = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(HEADER) or not (cells[1] or cells[2]):
            raise BadFile(f"{name}, row {number} is no list of words", remedy=f"Write {_COLUMNS}")
        en, zh = (tuple(word for word in cell.split("|") if word) for cell in cells[1:])
        found.append(WordList(cells[0], en, zh))
    return tuple(found)


class Groups:
    """Puts terms into groups: by the words of the lists first, then by what they mean."""

    def __init__(self, lists: Sequence[WordList], encoder: Encoder[str] | None = None) -> None:
        """Of lists.

        Args:
            lists: those of the kind "group" count.
            encoder: of words; None: by the lists alone.
        """
        self.lists = tuple(each for each in lists if each.kind == GROUP)
        self.names = tuple(each.name for each in self.lists)
        self._encoder = encoder
        self._by_word: dict[str, str] = {}
        for each in lists:
            if each.kind == GROUP:
                for word in (*each.en, *each.zh):
                    self._by_word.setdefault(_plain(word), each.name)
        self._longest = max((len(word) for word in self._by_word), default=0)
        self._words = max((len(word.split()) for word in self._by_word), default=0)
        self._vectors: Vectors | None = None

    def of(self, terms: Sequence[str], phrases: Sequence[str]) -> list[Grouped]:
        """The group of each aspect.

        Args:
            terms: as they are named; "": implied, so that the phrase of its opinion tells.
            phrases: opinions on them; "": none.
        """
        found = [self.named(term or phrase) for term, phrase in zip(terms, phrases, strict=True)]
        open_terms = sorted(
            {_plain(term) for term, known in zip(terms, found, strict=True) if not known and term}
        )
        near = self._near(open_terms)
        grouped = []
        for term, known in zip(terms, found, strict=True):
            if known:
                grouped.append(Grouped(known, "words"))
            elif not term:
                grouped.append(Grouped(OVERALL, "own"))
            elif (like := near.get(_plain(term))) is not None:
                grouped.append(Grouped(like, "vectors"))
            else:
                grouped.append(Grouped(_plain(term), "own"))
        return grouped

    def named(self, term: str) -> str | None:
        """The group of the longest listed word in a term; of English ones the last, of Chinese the first.

        A word within a longer listed one does not count, and what is broad only where nothing else is named.
        """
        plain = _plain(term)
        words = [match.span() for match in _LATIN.finditer(plain)]
        spans = [
            (words[first][0], words[last][1], last)
            for first in range(len(words))
            for last in range(first, min(first + self._words, len(words)))
        ]
        han = [place for place, char in enumerate(plain) if _HAN.match(char)]
        spans += [
            (start, end, -start)
            for start in han
            for end in range(start + 1, min(start + self._longest, len(plain)) + 1)
        ]
        listed = [
            (start, end, rank, group)
            for start, end, rank in spans
            if (
                group := self._by_word.get(plain[start:end])
                or self._by_word.get(plain[start:end].removesuffix("s"))
            )
        ]
        whole = [
            (group not in BROAD, end - start, rank, group)
            for start, end, rank, group in listed
            if not any(a <= start and end <= b and end - start < b - a for a, b, *_ in listed)
        ]
        return max(whole)[-1] if whole else None

    def _near(self, terms: Sequence[str]) -> Mapping[str, str]:
        if not terms or self._encoder is None or not self._by_word:
            return {}
        if self._vectors is None:
            self._vectors = self._encoder.encode([*self._by_word])
        groups = [*self._by_word.values()]
        like = self._encoder.encode(terms) @ self._vectors.T
        best = like.argmax(axis=1)
        sure = np.take_along_axis(like, best[:, None], axis=1)[:, 0] >= _LIKE
        return {term: groups[place] for term, place, ok in zip(terms, best.tolist(), sure, strict=True) if ok}


def _plain(term: str) -> str:
    return " ".join(term.casefold().split())
