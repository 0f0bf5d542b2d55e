"""Learning from a shop's own tests which creatives do better; scikit-learn and SciPy do the fitting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.errors import BadFile, WorseModel
from duomo.measure.compare import interval
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_compare import counted
from duomo.understand.ads_features import Features, features_of
from duomo.understand.ads_predict import AdsCard, AdsHead, vectors_of
from duomo.understand.ads_statistics import p_once, score, worth
from duomo.understand.fitting import folds, idf, rows_of
from duomo.understand.grams import grams
from duomo.understand.linear import LinearWords

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_TESTS: Final = 20  # of two creatives or more that are needed to learn from
_COST: Final = 6.0  # of weights, in creatives of average information
_LEAST_TEXTS: Final = 20  # copies that a gram must stand in; fewer where there are few copies
_SPREAD: Final = 0.25  # log odds between creatives of one test before anything is known
_HEATS: Final = np.geomspace(0.2, 20, 81)
_HELD: Final = 0.95
_PULL: Final = 20.0  # creatives' worth of evidence against any use of a block


class Told(NamedTuple):
    """What tests tell of n creatives."""

    events: Floats
    exposure: Floats  # in average strata of the test
    log_rate: Floats
    ahead: Floats  # log odds above the mean of the test
    information: Floats  # one over the variance of `ahead` by chance
    test: Ints  # from 0 on


@dataclass(frozen=True, slots=True)
class _Block:
    """One kind of columns, and its rows centred within each test."""

    rows: "Floats | csr_matrix"
    centred: "Floats | csr_matrix"


def fit_ads(
    ads: Ads, *, picture: Callable[[Creative], Pixels | None] | None = None, least: int = LEAST_TESTS
) -> AdsHead:
    """A predictor of click rates from tests.

    Three linear models of the log odds above a test's mean (n-grams of the copy, its vector, what a
    merchandiser sees), each by ridge regression weighted by information; how much each counts, how far off
    they are and how sure a guess is comes from tests that were left out, five times a fifth.

    Args:
        ads: what was counted.
        picture: opens that of a creative; None: pictures are not looked at.
        least: tests with two creatives or more that are needed.

    Raises:
        BadFile: there are too few tests.
        WorseModel: on tests left out it guesses no better than a coin.
    """
    told, used = tell(ads)
    creatives = [ads.creatives[n] for n in used]
    if (tests := len(np.unique(told.test))) < least:
        problem = f"there are {tests} tests with two creatives or more and some clicks, too few to learn from"
        raise BadFile(problem, remedy=f"Bring at least {least}; the comparison itself needs only one")
    shown = features_of(creatives, picture=picture)
    blocks, kept, gain, scale = _blocks(creatives, shown, told.test)
    spread = _spread_of(told.ahead, told.information)
    weight = 1 / (1 / told.information + spread**2)
    weight /= weight.mean()
    parts = folds([creative.test for creative in creatives])
    unseen = np.stack([_unseen(block, told, weight, parts) for block in blocks], axis=1)
    shares = _shares(unseen, told, weight)
    guessed = unseen @ shares
    pairs = sure_pairs(told)
    right = _won(guessed, pairs)
    if len(right) < least or interval(right).low <= 0.5:
        won = f"{right.mean():.2f} of {len(right)}" if len(right) else "none"
        problem = f"on tests left out it tells {won} clear winners, no more than chance can"
        raise WorseModel(problem, remedy="Bring more tests, or tests whose creatives differ more")
    fitted = [
        share * _ridge(block.centred, told.ahead, weight) for share, block in zip(shares, blocks, strict=True)
    ]
    words, vector, traits = fitted
    within = _spread_of(told.ahead - _centred(guessed, told.test), told.information)
    rate, between = _rates(told)
    chance = np.sqrt(between**2 + within**2 + 1 / np.maximum(told.events, 0.5))
    away = np.abs(told.log_rate - rate - (guessed - np.average(guessed, weights=weight))) / chance
    scores = np.sum([block.rows @ each for block, each in zip(blocks, fitted, strict=True)], axis=0)
    return AdsHead(
        card=AdsCard(
            features=shown.names,
            usual=tuple(float(value) for value in shown.values.mean(axis=0)),
            rate=rate,
            between=between,
            within=within,
            reach=float(np.quantile(away, _HELD)),
            heat=_heat(guessed[pairs[:, 0]] - guessed[pairs[:, 1]]),
            counts={"tests": tests, "creatives": len(creatives)},
            figures={"pairs": len(right), "won": float(right.mean())},
        ),
        words=LinearWords.of(kept, gain, words[:, None].astype(np.float32), np.zeros(1, np.float32)),
        vector=vector.astype(np.float32),
        traits=traits / scale,
        centre=float(np.average(scores, weights=weight)),
    )


def tell(ads: Ads) -> tuple[Told, list[int]]:
    """What tests with two creatives or more and some clicks tell, and which creatives those are."""
    used: list[int] = []
    parts: list[tuple[Floats, ...]] = []
    rows_of = ads.rows_of
    for number, (name, members) in enumerate(ads.tests.items()):
        events, exposure, _, there = counted(ads, members, "clicks", rows_of[name])
        if len(there) < 2 or not events.sum():
            continue
        whole = worth(events, exposure)
        clicks = events.sum(axis=1)
        share = np.clip((clicks + 0.5) / (whole + 1), 1e-9, 1 - 1e-9)
        odds, information = np.log(share / (1 - share)), whole * share * (1 - share)
        ahead = odds - np.average(odds, weights=information)
        parts.append((clicks, whole, np.log(share), ahead, information, np.full(len(there), number)))
        used += there
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [np.zeros(0)] * 6
    test = np.unique(columns[5], return_inverse=True)[1].astype(np.int64)
    clicks, whole, log_rate, ahead, information, _ = columns
    return Told(clicks, whole, log_rate, ahead, information, test), used


def sure_pairs(told: Told, *, alpha: float = 0.05) -> Ints:
    """(p, 2) better and worse creative of each pair within a test whose rates differ more than by chance."""
    found = []
    for test in np.split(
        np.argsort(told.test, kind="stable"), np.flatnonzero(np.diff(np.sort(told.test))) + 1
    ):
        for place, one in enumerate(test):
            for other in test[:place]:
                two = [one, other]
                tried = score(told.events[two][:, None], told.exposure[two][:, None], rate="share")
                if p_once(tried) < alpha:
                    found.append((one, other) if tried.ahead.sum() > 0 else (other, one))
    return np.array(found, np.int64).reshape(-1, 2)


def _blocks(
    creatives: Sequence[Creative], shown: Features, test: Ints
) -> tuple[list[_Block], NDArray[np.uint32], NDArray[np.float32], Floats]:
    """Grams, vectors and features of creatives; grams that are kept, their gain; scales of features."""
    copies = [creative.words for creative in creatives]
    found = grams(copies)
    ids, _ = found.distinct()
    kept, gain = idf(ids, len(copies), least=max(2, min(_LEAST_TEXTS, len(copies) // 50)))
    scale = np.maximum(_centred(shown.values, test).std(axis=0), 1e-3)
    rows = (rows_of(found, kept, gain), vectors_of(copies).astype(np.float64), shown.values / scale)
    return [_Block(each, _centred(each, test)) for each in rows], kept, gain, scale


def _centred(rows: "Floats | csr_matrix", test: Ints) -> "Floats | csr_matrix":
    """Rows less the mean of their test."""
    from scipy.sparse import csr_matrix, issparse

    sizes = np.bincount(test)
    means_of = csr_matrix((1 / sizes[test], (test, np.arange(len(test)))))
    means = (means_of @ rows)[test]
    return (rows - means).tocsr() if issparse(rows) else rows - means


def _ridge(rows: "Floats | csr_matrix", ahead: Floats, weight: Floats) -> Floats:
    """Weights of a ridge regression without a constant (Hoerl and Kennard 1970)."""
    from scipy.sparse import issparse
    from sklearn.linear_model import Ridge

    if not rows.shape[1]:
        return np.zeros(0)
    solver = "sparse_cg" if issparse(rows) else "cholesky"
    model = Ridge(alpha=_COST, fit_intercept=False, solver=solver, tol=1e-3)
    return np.asarray(model.fit(rows, ahead, sample_weight=weight).coef_, np.float64)


def _unseen(block: _Block, told: Told, weight: Floats, parts: Ints) -> Floats:
    """(n,) what a model says of creatives whose tests it has not learned from."""
    said = np.zeros(len(parts))
    for part in np.unique(parts):
        asked = parts == part
        fitted = _ridge(block.centred[~asked], told.ahead[~asked], weight[~asked])
        said[asked] = block.rows[asked] @ fitted
    return said


def _shares(unseen: Floats, told: Told, weight: Floats) -> Floats:
    """(blocks,) how much each model counts, 0 or more, by what it said of tests left out (Breiman 1996)."""
    from scipy.optimize import nnls

    rows = _centred(unseen, told.test) * np.sqrt(weight)[:, None]
    pull = np.diag(np.sqrt(_PULL) * np.maximum(rows.std(axis=0), 1e-9))
    sides = np.concatenate([told.ahead * np.sqrt(weight), np.zeros(len(pull))])
    return np.asarray(nnls(np.concatenate([rows, pull]), sides)[0], np.float64)


def _spread_of(ahead: Floats, information: Floats) -> float:
    """Standard deviation of what is behind log odds, chance taken away; by moments."""
    excess = np.average(ahead**2, weights=information) - len(ahead) / information.sum()
    return float(np.sqrt(max(excess, (_SPREAD / 5) ** 2)))


def _rates(told: Told) -> tuple[float, float]:
    """Mean and standard deviation of the log rates of tests, chance taken away."""
    clicks, whole = np.bincount(told.test, told.events), np.bincount(told.test, told.exposure)
    logs = np.log(clicks / whole)
    return float(logs.mean()), float(np.sqrt(max(logs.var(ddof=1) - (1 / clicks).mean(), 0.0)))


def _won(scores: Floats, pairs: Ints) -> Floats:
    """(p,) 1 where the better creative of a pair has the higher score, a half where both have the same."""
    ahead = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    return np.where(np.abs(ahead) < 1e-9, 0.5, (ahead > 0).astype(np.float64))


def _heat(ahead: Floats) -> float:
    """What makes chances of being better right on average, by the least log loss."""
    usual = float(np.median(np.abs(ahead)))  # of one pair more, lost: few pairs make nobody certain
    losses = [np.logaddexp(0, -heat * ahead).sum() + np.logaddexp(0, heat * usual) for heat in _HEATS]
    return float(_HEATS[int(np.argmin(losses))])
