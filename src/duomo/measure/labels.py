"""Metrics of labels and probabilities: plain functions, checked against scikit-learn in the tests."""

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.floating]
Places = NDArray[np.integer]


def accuracy(probabilities: Probabilities, right: Places) -> float:
    """Share of rows whose likeliest class is the right one.

    Args:
        probabilities: (n, c).
        right: (n,) columns.

    >>> accuracy(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]))
    0.5
    """
    _check(probabilities, right)
    return float((probabilities.argmax(axis=1) == right).mean())


def calibration_error(probabilities: Probabilities, right: Places, *, bins: int = 15) -> float:
    """Expected calibration error: how far confidence lies from accuracy, over bins of equal width.

    Naeini et al. (AAAI 2015), as Guo et al. (ICML 2017) use it: of the likeliest class.

    Args:
        probabilities: (n, c) whose rows sum to 1.
        right: (n,) columns.
        bins: between 0 and 1.

    Returns:
        0 (as often right as said) to 1.

    >>> round(calibration_error(np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([0, 1])), 3)
    0.1
    """
    _check(probabilities, right)
    sure = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == right
    place = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    off = np.abs(
        np.bincount(place, sure, minlength=bins) - np.bincount(place, hit.astype(float), minlength=bins)
    )
    return float(off[count > 0].sum() / len(right))


def log_loss(probabilities: Probabilities, right: Places) -> float:
    """Mean negative log of the probability of the right class, in nats.

    >>> round(log_loss(np.array([[0.5, 0.5]]), np.array([1])), 4)
    0.6931
    """
    _check(probabilities, right)
    given = probabilities[np.arange(len(right)), right]
    return float(-np.log(np.clip(given, 1e-12, 1)).mean())


def macro_f1(guessed: Places, right: Places) -> float:
    """Mean over the classes that occur of the harmonic mean of precision and recall, 0 to 1.

    >>> macro_f1(np.array([0, 1, 1]), np.array([0, 1, 1]))
    1.0
    """
    check_pairs(guessed.size, right.size)
    scores = []
    for label in np.union1d(guessed, right):
        both = int(((guessed == label) & (right == label)).sum())
        scores.append(2 * both / int((guessed == label).sum() + (right == label).sum()))
    return float(np.mean(scores))


def area_under_curve(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a positive has the higher score, ties counting half.

    Raises:
        ValueError: there are no positives, or nothing else.

    >>> area_under_curve(np.array([0.1, 0.8, 0.4]), np.array([False, True, True]))
    1.0
    """
    many, few = int(positive.sum()), int((~positive).sum())
    if scores.shape != positive.shape or not many or not few:
        raise ValueError("an area needs scores of both kinds")
    _, place, times = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(times) - (times - 1) / 2)[place]
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * few))


def check_pairs(one: int, other: int) -> None:
    """Raise ValueError unless there are as many labels on both sides, and at least one."""
    if one != other or not one:
        raise ValueError("labels need as many on the other side, and at least one")


def _check(probabilities: Probabilities, right: Places) -> None:
    if probabilities.ndim != 2 or len(probabilities) != len(right) or not len(right):
        raise ValueError("probabilities need a row for each right class, and at least one")
