"""How well words find pictures and pictures words, where several products may have one title."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.measure.ranking import first_ranks

_AT_ONCE = 512  # questions whose scores are held at a time


def words_to_pictures(words: Vectors, pictures: Vectors, titles: Sequence[str]) -> NDArray[np.int64]:
    """The rank of the first right picture for each distinct title, in order of first appearance.

    Args:
        words: (n, dim) the vector of each product's title; equal titles have equal rows.
        pictures: (n, dim) the vector of each product's picture.
        titles: (n,) all pictures of products with one title are right for it.

    Returns:
        (distinct titles,) ranks from 1 among n pictures.
    """
    group, first = _groups(titles)
    return _ranks(words[first], np.arange(len(first)), pictures, group)


def pictures_to_words(words: Vectors, pictures: Vectors, titles: Sequence[str]) -> NDArray[np.int64]:
    """The rank of the right title for each picture, among the distinct titles; see `words_to_pictures`."""
    group, first = _groups(titles)
    return _ranks(pictures, group, words[first], np.arange(len(first)))


def _ranks(
    questions: Vectors, asked: NDArray[np.int64], candidates: Vectors, held: NDArray[np.int64]
) -> NDArray[np.int64]:
    """First ranks, a block of questions at a time; a candidate is right that is of the group asked for."""
    found = [
        first_ranks(
            questions[start : start + _AT_ONCE] @ candidates.T,
            asked[start : start + _AT_ONCE, None] == held[None, :],
        )
        for start in range(0, len(questions), _AT_ONCE)
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _groups(titles: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) which distinct title each is, and (distinct,) where each stands first."""
    known: dict[str, int] = {}
    group = np.array([known.setdefault(title.casefold().strip(), len(known)) for title in titles], np.int64)
    return group, np.unique(group, return_index=True)[1].astype(np.int64)
