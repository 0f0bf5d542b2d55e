"""How much each model of the reader of sentiment counts, learned on reviews that none of them has seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.train.opinion_texts import Language, Opinion
from duomo.understand.fitting import temperature
from duomo.understand.linear import Floats
from duomo.understand.sentiment import Blend, steps

_RIGHT: Final = 0.97  # share of the labels that are sure that must be right
_SURE: Final = tuple(percent / 100 for percent in range(50, 96))
_ENOUGH: Final = 500  # held reviews with stars
_ITERATIONS: Final = 1_000
_WEAK: Final = 1e4  # a regularization that hardly bends two numbers


class Heard(NamedTuple):
    """What the models say of reviews of one language that none of them has seen."""

    opinions: Sequence[Opinion]
    net: Floats  # (n, 6)
    words: Floats  # (n,)


def blends_of(heard: Mapping[Language, Heard]) -> dict[Language, Blend]:
    """How the models of each language are put together.

    Where enough held reviews have stars, the net's scores of stars are calibrated by them. These reviews make
    a ladder, too, from log odds to stars: for other languages, and for n-grams alone.

    Args:
        heard: what the models say; of each language both good and bad reviews.
    """
    blends = {language: _blend(each) for language, each in heard.items()}
    for language, each in heard.items():
        rated = np.array([opinion.stars is not None for opinion in each.opinions])
        if rated.sum() >= _ENOUGH:
            stars = np.array([opinion.stars or 0 for opinion in each.opinions])[rated]
            factor = round(temperature(each.net[rated, 1:], stars - 1), 4)
            blends[language] = replace(blends[language], net_stars=factor)
            ladder = _ladder(each, blends[language], rated, stars)
            return {name: replace(blend, ladder=ladder) for name, blend in blends.items()}
    return blends


def _blend(heard: Heard) -> Blend:
    """Weights by logistic regression on the log odds of the models (stacking, Wolpert 1992).

    Packs count alike, however many reviews they have held back.
    """
    known = np.array([each.positive is not None for each in heard.opinions])
    good = np.array([bool(each.positive) for each in heard.opinions])[known]
    weights = _alike([each.pack for each, there in zip(heard.opinions, known, strict=True) if there])
    net, polar = heard.net[known, 0], heard.words[known]
    (of_net, of_words), bias = logistic(np.stack([net, polar], axis=1), good, weights)
    (fast,), fast_bias = logistic(polar[:, None], good, weights)
    positive = 1 / (1 + np.exp(-(of_net * net + of_words * polar + bias)))
    return Blend(
        net=of_net,
        words=of_words,
        bias=bias,
        fast_words=fast,
        fast_bias=fast_bias,
        sure=_sure(positive, good, weights),
    )


def _ladder(
    heard: Heard, blend: Blend, rated: NDArray[np.bool_], stars: NDArray[np.int64]
) -> tuple[tuple[float, float, float], ...]:
    """A row for each number of stars, by logistic regression on log odds and their squares."""
    from sklearn.linear_model import LogisticRegression

    logits = blend.net * heard.net[rated, 0] + blend.words * heard.words[rated] + blend.bias
    model = LogisticRegression(C=_WEAK, max_iter=_ITERATIONS).fit(steps(logits)[:, 1:], stars)
    rows = np.concatenate([model.intercept_[:, None], model.coef_], axis=1)
    return tuple((float(row[0]), float(row[1]), float(row[2])) for row in rows.round(4))


def _alike(packs: Sequence[str]) -> NDArray[np.float64]:
    """(n,) weights with which each pack counts the same."""
    _, which, counts = np.unique(packs, return_inverse=True, return_counts=True)
    return np.asarray(len(packs) / len(counts) / counts[which], np.float64)


def logistic(
    rows: Floats, good: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> tuple[list[float], float]:
    """Factors of the columns of rows, (n, k), and a bias: log odds of good, by logistic regression."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_WEAK).fit(rows, good, sample_weight=weights)
    return [round(float(each), 4) for each in model.coef_[0]], round(float(model.intercept_[0]), 4)


def _sure(positive: Floats, good: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """The least probability above which labels are right often enough."""
    sure, right = np.maximum(positive, 1 - positive), (positive >= 0.5) == good
    for least in _SURE:
        kept = sure >= least
        if kept.any() and np.average(right[kept], weights=weights[kept]) >= _RIGHT:
            return least
    return _SURE[-1]
