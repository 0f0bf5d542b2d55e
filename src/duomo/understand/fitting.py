"""Learning linear heads and their calibration; scikit-learn does the fitting (decision 23).

What is learned serves without it: `linear` takes NumPy alone.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from duomo.files import hash_bytes
from duomo.understand.grams import Grams, Ids
from duomo.understand.linear import Floats, LinearWords
from duomo.understand.reading import softmax

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS: Final = 5
_LEAST_TEXTS: Final = 2  # that a gram must stand in to be kept
_TEMPERATURES: Final = np.geomspace(0.05, 20, 121)


def folds(groups: Sequence[str], count: int = FOLDS) -> NDArray[np.int64]:
    """(n,) which fold each row belongs to; rows of one group share one, on every machine.

    >>> folds(["red shirt", "red shirt"]).tolist()[0] == folds(["red shirt"]).tolist()[0]
    True
    """
    return np.array(
        [int(hash_bytes(group.encode("utf-8", "surrogatepass"))[:12], 16) % count for group in groups],
        np.int64,
    )


def idf(ids: Ids, texts: int, *, least: int = _LEAST_TEXTS) -> tuple[Ids, Floats]:
    """The grams of distinct ids (as `Grams.distinct`) that stand in enough texts, with log(texts / df)."""
    kept, times = np.unique(ids, return_counts=True)
    often = times >= least
    return kept[often], np.log(texts / times[often]).astype(np.float32) + np.float32(1e-3)


def rows_of(found: Grams, kept: Ids, gain: Floats) -> "csr_matrix":
    """(n, k) sparse rows of gains of the kept grams, each scaled to length 1."""
    from scipy.sparse import csr_matrix

    ids, ptr = found.distinct()
    places = np.minimum(np.searchsorted(kept, ids), max(len(kept) - 1, 0))
    known = kept[places] == ids if len(kept) else np.zeros(len(ids), bool)
    rows = np.repeat(np.arange(len(found)), np.diff(ptr))[known]
    values = gain[places[known]]
    lengths = np.sqrt(np.maximum(np.bincount(rows, values**2, minlength=len(found)), 1e-12))
    starts = np.searchsorted(rows, np.arange(len(found) + 1))
    return csr_matrix(
        (values / lengths[rows].astype(np.float32), places[known], starts), (len(found), len(kept))
    )


def fit_words(
    found: Grams, right: NDArray[np.integer], classes: int, *, cost: float = 0.3, seed: int = 0
) -> LinearWords:
    """A linear head by support vector machines, one against the rest (Fan et al., LIBLINEAR, JMLR 2008).

    Args:
        found: grams of n texts.
        right: (n,) classes from 0 to classes - 1, each at least once.
        classes: how many; 2 give one column, for the second.
        cost: of an error, LIBLINEAR's C.
        seed: of the order in which it goes through the rows.
    """
    from sklearn.svm import LinearSVC

    ids, _ = found.distinct()
    kept, gain = idf(ids, len(found))
    model = LinearSVC(C=cost, random_state=seed).fit(rows_of(found, kept, gain), right)
    if model.coef_.shape[0] != (1 if classes == 2 else classes):
        raise ValueError("every class needs at least one row")
    return LinearWords.of(kept, gain, model.coef_.T, model.intercept_)


def temperature(scores: Floats, right: NDArray[np.integer]) -> float:
    """What scores are multiplied by before softmax so that probabilities are right on average.

    Temperature scaling (Guo et al., ICML 2017), by the least log loss; scores must come from rows that the
    head has not learned from.

    Args:
        scores: (n, c), c at least 2.
        right: (n,) columns.
    """
    losses = []
    for factor in _TEMPERATURES:
        given = softmax(scores * factor)[np.arange(len(right)), right]
        losses.append(-np.log(np.maximum(given, 1e-12)).mean())
    return float(_TEMPERATURES[int(np.argmin(losses))])


def unseen(
    parts: NDArray[np.integer], fit: Callable[[NDArray[np.bool_]], Callable[[NDArray[np.bool_]], Floats]]
) -> Iterator[tuple[NDArray[np.bool_], Floats]]:
    """For each fold, what a head that was fitted on the others says of it: (n,) mask and its scores.

    Args:
        parts: (n,) as `folds` gives them.
        fit: takes the mask of the rows to learn from, gives a function from a mask of rows to scores.
    """
    for part in np.unique(parts):
        asked = parts == part
        yield asked, fit(~asked)(asked)
