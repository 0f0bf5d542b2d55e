"""Keyword search over a table on disk: by its index, or by an inverted index in memory; the same numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.shelf.keywords import Spelling, Word
from duomo.shelf.postings import Postings, matching, rarity, score

Rows = NDArray[np.int64]


class Keywords(Protocol):
    """Which rows match a question, and how well."""

    def search(self, words: Sequence[Word]) -> tuple[Rows, NDArray[np.float32]]:
        """The matching rows and their scores, in any order."""

    def relevance(self, rows: Rows, words: Sequence[Word]) -> NDArray[np.float32]:
        """(n,) the scores of some rows, matching or not."""


class InMemory:
    """By postings in memory."""

    def __init__(self, postings: Postings, ordered: Rows) -> None:
        """Of postings, and (n,) the row at each of their places."""
        self._postings, self._ordered = postings, ordered
        self._places = np.argsort(ordered)  # in the order of the rows

    def search(self, words: Sequence[Word]) -> tuple[Rows, NDArray[np.float32]]:
        """See `Keywords.search`; rows in the order of the places."""
        places, scores = self._postings.search(words)
        return self._ordered[places], scores

    def relevance(self, rows: Rows, words: Sequence[Word]) -> NDArray[np.float32]:
        """See `Keywords.relevance`."""
        places = self._places[np.searchsorted(self._ordered, rows, sorter=self._places)]
        return self._postings.scores(words)[places]


@dataclass(frozen=True, slots=True, eq=False)
class ByIndex:
    """By an index that says which rows hold a token; tokens are read only of rows that are to be scored."""

    holding: Callable[[str], Rows]  # token -> the rows that hold it
    tokens: Callable[[Rows], pa.Array]  # rows -> their tokens
    rows: int  # of the table
    mean_length: float  # weighted tokens a row

    def search(self, words: Sequence[Word]) -> tuple[Rows, NDArray[np.float32]]:
        """See `Keywords.search`."""
        known: dict[str, Rows] = {}
        holding = [self._holding_word(word, known) for word in words]
        every = np.unique(np.concatenate([np.zeros(0, np.int64), *holding]))
        held = np.zeros(every.size)
        for there in holding:
            held[np.searchsorted(every, there)] += rarity(there.size, self.rows)
        rows = every[matching(held)]
        return rows, self._scored(rows, words, known)

    def relevance(self, rows: Rows, words: Sequence[Word]) -> NDArray[np.float32]:
        """See `Keywords.relevance`."""
        return self._scored(rows, words, {})

    def _scored(self, rows: Rows, words: Sequence[Word], known: dict[str, Rows]) -> NDArray[np.float32]:
        if not rows.size:
            return np.zeros(0, np.float32)
        counting = {
            token for word in words for each in word.spellings for token in each.scored or each.tokens
        }
        rows_with = {token: self._holding_token(token, known).size for token in counting}
        return score(self.tokens(rows), words, rows_with, rows=self.rows, mean_length=self.mean_length)

    def _holding_word(self, word: Word, known: dict[str, Rows]) -> Rows:
        return np.unique(np.concatenate([self._holding(spelling, known) for spelling in word.spellings]))

    def _holding(self, spelling: Spelling, known: dict[str, Rows]) -> Rows:
        every = [self._holding_token(token, known) for token in spelling.tokens]
        return reduce(np.intersect1d, every[1:], np.unique(every[0]))

    def _holding_token(self, token: str, known: dict[str, Rows]) -> Rows:
        if token not in known:
            known[token] = self.holding(token)
        return known[token]
