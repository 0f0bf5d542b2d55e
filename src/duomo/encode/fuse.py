"""One vector of a product out of several: its words and its pictures, in one space."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from duomo.arrays import Vectors, unit

WORDS: Final = 0.5  # weight of the words, where there are both; the pictures share the rest


def fuse(words: Vectors | None, pictures: Sequence[Vectors]) -> Vectors | None:
    """The weighted mean of what is there, at length 1; each side counts as one, however many pictures.

    Args:
        words: (dim,) of length 1; None: the product says nothing.
        pictures: (dim,) each, of length 1; none: it shows nothing.

    Returns:
        (dim,) of length 1, or None where there is nothing.

    >>> east, north = np.eye(2, dtype=np.float32)
    >>> fuse(None, [north]).tolist(), fuse(None, [])
    ([0.0, 1.0], None)
    >>> [round(float(number), 3) for number in fuse(east, [north, north])]
    [0.707, 0.707]
    """
    sides = [words] if words is not None else []
    if len(pictures):
        sides.append(unit(np.mean(pictures, axis=0)))
    if not sides:
        return None
    weights = (WORDS, 1 - WORDS) if len(sides) == 2 else (1.0,)
    return unit(np.asarray(sum(w * side for w, side in zip(weights, sides, strict=True)), np.float32))
