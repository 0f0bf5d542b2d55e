"""Learning the heads of aspects: a field for spans, a judge of pairs, a head for polarity.

The field is a conditional random field (Lafferty et al., ICML 2001), climbed by L-BFGS. SciPy and
scikit-learn do the climbing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from duomo.understand.aspects_pairs import Pairs
from duomo.understand.aspects_polarity import POLARITIES
from duomo.understand.aspects_tagger import FORBIDDEN, INSIDE, OUTSIDE, TAGS, Floats, Ints, batches
from duomo.understand.fitting import rows_of
from duomo.understand.grams import Grams, Ids
from duomo.understand.linear import LinearWords

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_ROUNDS: Final = 55
_ROUNDS_TO_CHOOSE: Final = 15  # after which the features that are kept are chosen
_AT_ONCE: Final = 256  # sentences

Doubles = NDArray[np.float64]


def rows_for(features: NDArray[np.uint32], kept: NDArray[np.uint32]) -> "csr_matrix":
    """(t, k) which of the kept features (k,), rising, each token (t, f) has."""
    from scipy.sparse import csr_matrix

    places = np.minimum(np.searchsorted(kept, features), max(len(kept) - 1, 0))
    known = kept[places] == features
    ptr = np.concatenate([[0], np.cumsum(known.sum(axis=1))])
    return csr_matrix((np.ones(ptr[-1], np.float32), places[known], ptr), (len(features), len(kept)))


def choose_features(
    features: NDArray[np.uint32], tags: Ints, ptr: Ints, *, most: int, least: int = 3, cost: float = 1.0
) -> NDArray[np.uint32]:
    """The features that weigh most in a field on all that are seen often enough, rising.

    Args:
        features: (t, f) of tokens.
        tags: (t,) right ones.
        ptr: (n + 1,) where sentences begin.
        most: how many are kept.
        least: how often a feature must be seen.
        cost: as `fit_tagger`.
    """
    seen, times = np.unique(features, return_counts=True)
    seen = seen[times >= least]
    weights, _ = fit_tagger(rows_for(features, seen), tags, ptr, cost=cost, rounds=_ROUNDS_TO_CHOOSE)
    order = np.argsort(-np.abs(weights).max(axis=1), kind="stable")[:most]
    return np.sort(seen[order])


def fit_tagger(
    rows: "csr_matrix",
    tags: Ints,
    ptr: Ints,
    *,
    cost: float = 1.0,
    rounds: int = _ROUNDS,
    beside: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Floats]:
    """Weights (k, TAGS) and steps (TAGS + 1, TAGS) of the largest likelihood, held back by their squares.

    Args:
        rows: (t, k) features of tokens.
        tags: (t,) right ones.
        ptr: (n + 1,) where sentences begin.
        cost: of an error: the larger, the less weights are held back.
        rounds: of L-BFGS.
        beside: (t, TAGS) scores and (TAGS + 1, TAGS) steps of another tagger, from which what is learned is
            held not to go far (Chelba and Acero, EMNLP 2004); the steps that are told are those of both.
    """
    from scipy.optimize import minimize

    columns = rows.shape[1]
    turned = rows.T.tocsr()
    together = batches(ptr, most=_AT_ONCE)
    wanted = np.eye(TAGS)[tags]
    before = np.roll(tags, 1)
    before[ptr[:-1][np.diff(ptr) > 0]] = TAGS
    stepped = np.zeros((TAGS + 1, TAGS))
    np.add.at(stepped, (before, tags), 1)
    barred = np.zeros((TAGS + 1, TAGS))
    barred[OUTSIDE, INSIDE] = barred[TAGS, INSIDE] = FORBIDDEN
    known: Floats | float = 0.0
    if beside:
        known, barred = beside[0], beside[1].astype(np.float64)

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        weights = flat[: columns * TAGS].reshape(columns, TAGS)
        steps = flat[columns * TAGS :].reshape(TAGS + 1, TAGS)
        scores = known + rows @ weights
        log_all, shares, expected = _expected(scores, steps + barred, together)
        reached = float((scores * wanted).sum() + ((steps + barred) * stepped).sum())
        by_weight = turned @ (shares - wanted) + weights / cost
        by_step = expected - stepped + steps / cost
        total = log_all - reached + float((flat**2).sum()) / 2 / cost
        return total, np.concatenate([by_weight.ravel(), by_step.ravel()])

    start = np.zeros((columns + TAGS + 1) * TAGS)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 6})
    weights = best.x[: columns * TAGS].reshape(columns, TAGS)
    steps = best.x[columns * TAGS :].reshape(TAGS + 1, TAGS) + barred
    return weights.astype(np.float32), steps.astype(np.float32)


def _expected(
    scores: Doubles, steps: Doubles, together: Sequence[tuple[Ints, NDArray[np.bool_]]]
) -> tuple[float, Doubles, Doubles]:
    """Log of the sum over all paths, (t, TAGS) shares of tags, and how often each step is expected."""
    shares, expected, total = np.zeros_like(scores), np.zeros((TAGS + 1, TAGS)), 0.0
    powers = np.exp(steps)
    for tokens, there in together:
        n, length = tokens.shape
        given = scores[tokens]
        most = given.max(axis=2, keepdims=True)
        given = np.exp(given - most)
        onward = np.zeros((length, n, TAGS))
        sizes = np.ones((length, n))
        state = given[:, 0] * powers[TAGS]
        for spot in range(length):
            if spot:
                go = there[:, spot, None]
                state = np.where(go, (state @ powers[:TAGS]) * given[:, spot], state)
            sizes[spot] = state.sum(axis=1)
            state = state / sizes[spot][:, None]
            onward[spot] = state
        total += float(most[..., 0][there].sum() + np.log(sizes.T[there]).sum())
        backward = np.ones((n, TAGS))
        for spot in range(length - 1, -1, -1):
            go = there[:, spot]
            share = onward[spot] * backward
            share /= share.sum(axis=1, keepdims=True)
            shares[tokens[go, spot]] = share[go]
            if not spot:
                expected[TAGS] += share[go].sum(axis=0)
                break
            ahead = given[:, spot] * backward / sizes[spot][:, None]
            expected[:TAGS] += (onward[spot - 1][go].T @ ahead[go]) * powers[:TAGS]
            backward = np.where(go[:, None], ahead @ powers[:TAGS].T, backward)
    return total, shares, expected


def fit_pairs(numbers: Floats, belong: NDArray[np.bool_]) -> Pairs:
    """A judge of pairs.

    Args:
        numbers: (n, NUMBERS) of `aspects_pairs.numbers_of`.
        belong: (n,) whether the opinion speaks of the aspect.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=500).fit(numbers, belong)
    return Pairs(model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def fit_polarity(
    found: Grams, right: Ints, *, most: int, cost: float, least: int = 2, classes: int = len(POLARITIES)
) -> LinearWords:
    """A linear head of the polarities on the features that weigh most (Fan et al., LIBLINEAR, JMLR 2008).

    Args:
        found: of `aspects_polarity.features`.
        right: (n,) from 0 to classes - 1, each at least once.
        most: features that are kept; they are chosen by a head on all.
        cost: of an error.
        least: how often a feature must be seen.
        classes: how many; 2 give one column, for the second.
    """
    ids, _ = found.distinct()
    kept, times = np.unique(ids, return_counts=True)
    kept = kept[times >= least]
    if len(kept) > most:
        weights, _ = _polarity(found, kept, right, cost)
        kept = np.sort(kept[np.argsort(-np.abs(weights).max(axis=1), kind="stable")[:most]])
    weights, bias = _polarity(found, kept, right, cost)
    if len(bias) != (1 if classes == 2 else classes):
        raise ValueError("every polarity needs at least one row")
    return LinearWords.of(kept, np.ones(len(kept), np.float32), weights, bias)


def _polarity(found: Grams, kept: Ids, right: Ints, cost: float) -> tuple[Floats, Floats]:
    from sklearn.svm import LinearSVC

    rows = rows_of(found, kept, np.ones(len(kept), np.float32))
    model = LinearSVC(C=cost, random_state=0).fit(rows, right)
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def fit_blend(both: Floats, classes: Ints) -> tuple[Floats, Floats]:
    """(columns, classes) and (classes,) by which the scores of heads become log probabilities.

    Args:
        both: (n, columns) scores of rows that the heads have not learned from.
        classes: (n,) right ones, each at least once.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=500).fit(both, classes)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:
        weights, bias = np.concatenate([-weights, weights], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    return weights.astype(np.float32), bias.astype(np.float32)
