"""Keyword search over a table on disk: an inverted index in memory, and which row each of its places is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from duomo.shelf.keywords import Word
from duomo.shelf.postings import Postings

Rows = NDArray[np.int64]


class InMemory:
    """By postings in memory: a table's own index would be a query for every token (decision 22)."""

    def __init__(self, postings: Postings, ordered: Rows) -> None:
        """Of postings, and (n,) the row at each of their places."""
        self._postings, self._ordered = postings, ordered
        self._places = np.argsort(ordered)  # in the order of the rows

    def search(self, words: Sequence[Word]) -> tuple[Rows, NDArray[np.float32]]:
        """The matching rows in the order of the places, and their scores."""
        places, scores = self._postings.search(words)
        return self._ordered[places], scores

    def relevance(self, rows: Rows, words: Sequence[Word]) -> NDArray[np.float32]:
        """(n,) the scores of some rows, matching or not."""
        places = self._places[np.searchsorted(self._ordered, rows, sorter=self._places)]
        return self._postings.scores(words)[places]
