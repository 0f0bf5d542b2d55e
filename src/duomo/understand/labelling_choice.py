"""Which things to ask about next, so that few answers teach a model most; scikit-learn does the fitting.

The first questions are typical of clusters that nobody has been asked about (Hacohen, Dekel and Weinshall,
"Active Learning on a Budget", ICML 2022). After them a ridge classifier on the vectors says where two labels
are nearly as likely (margin sampling: Scheffer, Decomain and Wrobel, IDA 2001); of these come first the ones
that have many others around them, and that are not alike.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

TYPICAL: Final = 10  # questions before the model has a say
_POOL: Final = 5000  # things that are looked at for a choice, drawn at random from more
_MOST_CLUSTERS: Final = 500
_NEIGHBOURS: Final = 20  # that say how typical a thing is of its cluster
_AROUND: Final = (500, 10)  # a sample of things, and how many of it are taken for those around one
_DENSITY: Final = 1.0  # what standing among many is worth, in margins
_ALIKE: Final = 0.7  # what a thing loses beside one that is its equal
_RIDGE: Final = 0.3  # penalty on the weights


class Guess:
    """A ridge classifier on vectors: least squares on +1 and -1, one column a label.

    Args:
        vectors: (n, dim) of things with a label.
        labels: (n,) of them, at least two different ones.
    """

    def __init__(self, vectors: Vectors, labels: Sequence[str]) -> None:
        from sklearn.linear_model import RidgeClassifier

        self._model = RidgeClassifier(alpha=_RIDGE).fit(vectors, np.asarray(labels))
        self.labels: tuple[str, ...] = tuple(str(label) for label in self._model.classes_)

    def scores(self, vectors: Vectors) -> Floats:
        """(n, dim) -> (n, labels), higher is likelier."""
        scores = np.asarray(self._model.decision_function(vectors), np.float32)
        return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores

    def best(self, vectors: Vectors) -> list[str]:
        """(n, dim) -> the likeliest label of each."""
        return [self.labels[place] for place in self.scores(vectors).argmax(axis=1)]


def guess_of(vectors: Vectors, known: Mapping[int, str]) -> Guess | None:
    """A classifier from the things whose label is known, by their places; None: there are no two labels."""
    if len(set(known.values())) < 2:
        return None
    return Guess(vectors[list(known)], list(known.values()))


def choose(
    vectors: Vectors,
    known: Mapping[int, str],
    free: Places,
    count: int,
    *,
    asked: Sequence[int] = (),
    seed: int = 0,
) -> list[int]:
    """Places of the things to ask about next, the most telling first.

    Args:
        vectors: (things, dim) rows of length 1.
        known: place -> label of the things whose label is known.
        free: places of those that may be asked about.
        count: how many are wanted; fewer where fewer are free.
        asked: places of things without a label that need not be asked about in other words either: those
            that nobody could tell, or that somebody is at just now.
        seed: of everything random; the same state is answered in the same way.

    >>> points = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    >>> first = choose(points, {}, np.arange(4), 2)
    >>> sorted(place // 2 for place in first)  # one of each kind
    [0, 1]
    """
    rng = np.random.default_rng((seed, len(known), len(asked)))
    if len(free) > _POOL:
        free = np.sort(rng.choice(free, _POOL, replace=False))
    count = min(count, len(free))
    if not count:
        return []
    done = np.array([*known, *asked], np.int64)
    guess = guess_of(vectors, known)
    if guess is None or len(known) < TYPICAL:
        return _typical(vectors, done, free, count, rng)
    return _telling(vectors, guess, free, count, rng)


def _typical(vectors: Vectors, done: Places, free: Places, count: int, rng: np.random.Generator) -> list[int]:
    """The most typical thing of each of the clusters where the fewest were asked about, the largest first."""
    from sklearn.cluster import MiniBatchKMeans

    places = np.concatenate([done[-_MOST_CLUSTERS:], free])
    is_done = np.arange(len(places)) < len(places) - len(free)
    clusters = min(int(is_done.sum()) + count, _MOST_CLUSTERS, len(np.unique(vectors[places], axis=0)))
    model = MiniBatchKMeans(
        max(clusters, 1), random_state=int(rng.integers(2**31)), n_init=1, batch_size=1024
    )
    of = model.fit(vectors[places]).labels_
    asked = np.bincount(of[is_done], minlength=clusters)
    size = np.bincount(of, minlength=clusters)
    chosen: list[int] = []
    while len(chosen) < count:
        for cluster in np.lexsort((-size, asked)):
            inside = places[(of == cluster) & ~is_done & ~np.isin(places, chosen)]
            if not len(inside):
                continue
            alike = np.sort(vectors[inside] @ vectors[inside].T, axis=1)
            chosen.append(int(inside[alike[:, -_NEIGHBOURS:].mean(axis=1).argmax()]))
            if len(chosen) == count:
                break
    return chosen


def _telling(vectors: Vectors, guess: Guess, free: Places, count: int, rng: np.random.Generator) -> list[int]:
    """Where two labels are nearly as likely, among many others, and not alike."""
    sample, most = _AROUND
    rows = vectors[free]
    some = rows[rng.choice(len(free), min(sample, len(free)), replace=False)]
    around = np.sort(rows @ some.T, axis=1)[:, -most:].mean(axis=1)
    best = np.sort(guess.scores(rows), axis=1)
    worth = _DENSITY * around - (best[:, -1] - best[:, -2])
    chosen: list[int] = []
    for _ in range(count):
        place = int(worth.argmax())
        chosen.append(place)
        worth = worth - _ALIKE * np.maximum(rows @ rows[place], 0) ** 3
        worth[chosen] = -np.inf
    return [int(free[place]) for place in chosen]
