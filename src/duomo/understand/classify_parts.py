"""Fitting the two parts of a head, that of the words and that of the picture, each by itself."""

import warnings
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.understand.classify import LinearPicture
from duomo.understand.fitting import fit_words
from duomo.understand.gate import Flags, Floats
from duomo.understand.grams import Grams
from duomo.understand.linear import LinearWords

MANY: Final = 10_000  # rows of which three folds are enough, and the least strength the best
_COST: Final = 1.0  # of an error of words, LIBLINEAR's C
_STRENGTHS: Final = (0.003, 0.01, 0.03, 0.1)  # of the logistic regression on pictures, scikit-learn's C
_STEPS: Final = 60  # of that regression; more gained nothing on 30,000 rows
# Of a number that a picture is seen by. A color that hardly any of few goods has would else count a thousand
# times as much as others on the first picture that shows it, and that picture be told with 0.99.
_LEAST_SPREAD: Final = np.float32(0.01)
_ABSENT: Final = -1.0  # score of a class that a fold has no row of

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is learned from, row by row."""

    found: Grams  # of the texts
    seen: Floats
    shown: Flags
    right: Places
    prior: Floats  # (classes,) shares


def fit_parts(
    rows: Rows, learned: Places, strength: float, seed: int, given: LinearPicture | None = None
) -> tuple[LinearWords | None, LinearPicture | None]:
    """The heads of words and of pictures from some rows; None where all are of one class.

    Args:
        rows: all.
        learned: places of those that are learned from.
        strength: as for `fit_picture`.
        seed: of the solver for words.
        given: a head on pictures that is there already.
    """
    worded = learned[np.diff(rows.found.ptr)[learned] > 0]
    shown = learned[rows.shown[learned]]
    words, picture = None, given
    if len(have := np.unique(rows.right[worded])) > 1:
        right = np.searchsorted(have, rows.right[worded])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # many classes of few rows each are what shops have
            words = fit_words(picked(rows.found, worded), right, len(have), cost=_COST, seed=seed)
        words = _widened(words, have, len(rows.prior))
    if given is None and len(np.unique(rows.right[shown])) > 1:
        picture = fit_picture(rows.seen[shown], rows.right[shown], len(rows.prior), strength=strength)
    return words, picture


def fit_picture(
    seen: Floats, right: Places, classes: int, *, strength: float, steps: int = _STEPS
) -> LinearPicture:
    """Multinomial logistic regression on standardised numbers; a class without rows has scores of 0.

    Args:
        seen: (n, dim), n at least 2.
        right: (n,) classes, at least two different ones.
        classes: how many there are.
        strength: of the data against the penalty on the squares of the weights, scikit-learn's C.
        steps: of its solver at most.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean, spread = seen.mean(axis=0), np.maximum(seen.std(axis=0), _LEAST_SPREAD)
    model = LogisticRegression(C=strength, max_iter=steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early on purpose
        warnings.simplefilter("ignore", UserWarning)  # many classes of few rows each are what shops have
        model.fit((seen - mean) / spread, right)
    weights, bias = np.zeros((classes, seen.shape[1]), np.float32), np.zeros(classes, np.float32)
    one = len(model.classes_) == 2
    weights[model.classes_] = np.concatenate([-model.coef_, model.coef_]) / 2 if one else model.coef_
    bias[model.classes_] = (
        np.concatenate([-model.intercept_, model.intercept_]) / 2 if one else model.intercept_
    )
    return LinearPicture(mean=mean, spread=spread, weights=weights, bias=bias)


def strength_for(rows: Rows, parts: Places) -> float:
    """The strength that tells most pictures of the first fold right; of many rows the least."""
    learned, asked = np.flatnonzero(rows.shown & (parts != 0)), np.flatnonzero(rows.shown & (parts == 0))
    if len(rows.right) > MANY or len(np.unique(rows.right[learned])) < 2 or not len(asked):
        return _STRENGTHS[0]
    right = {
        each: fit_picture(rows.seen[learned], rows.right[learned], len(rows.prior), strength=each)
        .scores(rows.seen[asked])
        .argmax(axis=1)
        == rows.right[asked]
        for each in _STRENGTHS
    }
    return max(_STRENGTHS, key=lambda each: (right[each].mean(), -each))


def picked(found: Grams, rows: Places) -> Grams:
    """The grams of some of the texts."""
    sizes = np.diff(found.ptr)[rows]
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    places = np.repeat(found.ptr[:-1][rows] - ptr[:-1], sizes) + np.arange(ptr[-1])
    return Grams(found.ids[places], found.starts[places], found.ends[places], ptr)


def frequent(found: Grams, most: int) -> Grams:
    """Only the grams that stand in the most texts, so many of them."""
    ids, times = np.unique(found.distinct()[0], return_counts=True)
    if len(ids) <= most:
        return found
    kept = np.sort(ids[np.argsort(-times, kind="stable")[:most]])
    there = np.isin(found.ids, kept)
    ptr = np.concatenate([[0], np.cumsum(there)])[found.ptr]
    return Grams(found.ids[there], found.starts[there], found.ends[there], ptr)


def _widened(head: LinearWords, have: Places, classes: int) -> LinearWords:
    """A head of some of the classes as one of all: the others have the score of one that it cannot be."""
    if len(have) == classes:
        return head
    weights = np.zeros((len(head.ids), classes), np.int8)
    scale, bias = np.ones(classes, np.float32), np.full(classes, _ABSENT, np.float32)
    two = len(have) == 2
    weights[:, have] = np.concatenate([-head.weights, head.weights], axis=1) if two else head.weights
    scale[have] = head.scale
    bias[have] = np.concatenate([-head.bias, head.bias]) if two else head.bias
    return replace(head, weights=weights, scale=scale, bias=bias)
