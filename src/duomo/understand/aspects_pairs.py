"""Which aspect an opinion speaks of: each pair of spans is judged by how they lie to one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.understand.aspects_polarity import RIMS, TURNS
from duomo.understand.aspects_tokens import Word

Floats = NDArray[np.float32]
Span = tuple[int, int]
NUMBERS: Final = 16  # of a pair
_FAR: Final = 6  # words between, beyond which all is far


@dataclass(frozen=True, slots=True)
class Pairs:
    """A linear judge of pairs."""

    weights: Floats  # (NUMBERS,)
    bias: float

    def of(self, words: Sequence[Word], aspects: Sequence[Span], opinions: Sequence[Span]) -> list[list[int]]:
        """For each opinion the places of the aspects it speaks of; none: of what is implied.

        An opinion speaks of the likeliest aspect, and of every other that is likelier than not, where that
        is so of any.

        Args:
            words: of the sentence.
            aspects: in order, as characters.
            opinions: likewise.
        """
        if not aspects or not opinions:
            return [[] for _ in opinions]
        logits = numbers_of(words, aspects, opinions) @ self.weights + self.bias
        return [[n for n, logit in enumerate(row) if logit > 0] for row in logits.tolist()]


def numbers_of(words: Sequence[Word], aspects: Sequence[Span], opinions: Sequence[Span]) -> Floats:
    """(opinions, aspects, NUMBERS): how each pair lies.

    Args:
        words: of the sentence.
        aspects: in order, as characters; at least one.
        opinions: likewise.
    """
    starts = [word.start for word in words]
    rims = np.cumsum([0, *(word.form in RIMS for word in words)])
    turns = np.cumsum([0, *(word.form in TURNS for word in words)])

    def place(char: int) -> int:
        return int(np.searchsorted(starts, char))

    def between(counted: NDArray[np.int64], start: int, end: int) -> int:
        return int(counted[max(start, end)] - counted[start])

    found = np.zeros((len(opinions), len(aspects), NUMBERS), np.float32)
    for row, opinion in enumerate(opinions):
        gaps = [_gap(opinion, aspect) for aspect in aspects]
        nearest = min(gaps)
        ahead = max((n for n, aspect in enumerate(aspects) if aspect[0] < opinion[0]), default=-1)
        behind = min((n for n, aspect in enumerate(aspects) if aspect[0] >= opinion[0]), default=-1)
        for column, aspect in enumerate(aspects):
            first, second = sorted((aspect, opinion))
            begin, end = place(first[1]), place(second[0])
            words_between = max(end - begin, 0)
            clauses, turned = between(rims, begin, end), between(turns, begin, end)
            inside = aspect[0] < opinion[1] and opinion[0] < aspect[1]
            leads = aspect[0] < opinion[0]
            found[row, column] = (
                inside,
                leads and not inside,
                min(words_between, _FAR) / _FAR,
                words_between == 0,
                words_between > _FAR,
                clauses == 0,
                min(clauses, 3) / 3,
                clauses == 0 and leads,
                turned > 0,
                gaps[column] == nearest,
                column == ahead,
                column == behind,
                column == ahead and clauses == 0,
                column == behind and clauses == 0,
                len(aspects) == 1,
                abs(column - (ahead if leads else behind)) / 3,
            )
    return found


def _gap(one: Span, other: Span) -> int:
    """Characters between two spans, 0 where they touch."""
    return max(one[0] - other[1], other[0] - one[1], 0)
