"""What a text encoder knows of words it was never taught together: the exams of `words/exams.tsv`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from duomo.arrays import Vectors, unit
from duomo.train.lexicon import Exam, exam


@dataclass(frozen=True, slots=True)
class Grade:
    """How many partners were found first, with how many asked."""

    right: int
    asked: int

    @property
    def share(self) -> float:
        """Recall at one, 0 to 1."""
        return self.right / self.asked

    @property
    def error(self) -> float:
        """Standard error of the share, as of a binomial."""
        return float(np.sqrt(self.share * (1 - self.share) / self.asked))


def examine(name: Exam, encode: Callable[[Sequence[str]], Vectors], *, centre: bool = False) -> Grade:
    """Ask for the partner of each word among all partners of the exam, in both directions.

    Args:
        name: an exam whose pairs are of one partner each: "synonym" or "translation".
        encode: (n,) texts -> (n, d) vectors of any length.
        centre: take the mean of each side off first; an encoder that keeps languages apart needs it.
    """
    pairs = exam(name)
    sides = [encode([getattr(pair, side) for pair in pairs]) for side in ("a", "b")]
    if centre:
        sides = [rows - rows.mean(axis=0) for rows in sides]
    return grade(*sides)


def grade(first: Vectors, second: Vectors) -> Grade:
    """How often row i of one side is nearest, by cosine, to row i of the other; both directions are asked.

    Args:
        first: (n, d) of any length.
        second: (n, d) in the same order.

    >>> grade(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[0, 2, 1]])
    Grade(right=2, asked=6)
    """
    near = unit(first) @ unit(second).T
    places = np.arange(len(near))
    right = (near.argmax(axis=1) == places).sum() + (near.argmax(axis=0) == places).sum()
    return Grade(int(right), 2 * len(near))
