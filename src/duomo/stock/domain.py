"""The domain check: how far a shop's goods lie from what its encoder was trained on, and what follows."""

from typing import Final

import numpy as np

from duomo.encode.base import KnowsHome, Towers
from duomo.shelf.base import Snapshot

ASKED: Final = 500  # rows whose titles are asked: the mean is right to 0.02
FAR: Final = 0.5  # from here on a shop is told that it lies far


def how_far(snapshot: Snapshot, towers: Towers, *, seed: int = 7) -> float | None:
    """The mean distance of a shop's titles from what an encoder was trained on.

    Args:
        snapshot: of the variants table.
        towers: the encoder.
        seed: of the choice of rows.

    Returns:
        0 (at home) to 1 (nothing is known there); None: the encoder cannot tell, or there are no titles.
    """
    rows = snapshot.search().rows if len(snapshot) else np.zeros(0, np.int64)
    if not rows.size or not isinstance(towers.text, KnowsHome):
        return None
    chosen = np.sort(np.random.default_rng(seed).choice(rows, min(ASKED, rows.size), replace=False))
    titles = [title for title in snapshot.take(chosen, ["title"])["title"].to_pylist() if title]
    far = towers.text.abroad(titles) if titles else None
    return None if far is None else round(float(far.mean()), 3)


def lean_of(far: float) -> float:
    """How far abroad every question to such a shop is taken to be at least, 0 to 1.

    A shop that is at home in half of its goods or more leaves each question to the gate; beyond, the
    untrained part of the vectors counts more and more.

    >>> [round(lean_of(far), 2) for far in (0.0, 0.5, 0.75, 1.0)]
    [0.0, 0.0, 0.5, 1.0]
    """
    return max(0.0, (far - FAR) / (1 - FAR))
