"""Fits the curves of a learned order by listwise losses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from duomo.search.features import FEATURES, NAMES
from duomo.search.rerank import Curve
from duomo.train.rank_lists import Listed
from duomo.train.rank_losses import Segments, listwise

BENDS: Final = 7  # points of a curve, at quantiles of what was seen
UNJUDGED: Final = 40  # candidates of a list that nobody judged, drawn; they count for all of these
START: Final = 10.0  # how many times the blend counts before anything is learned
ROUNDS: Final = 100  # of L-BFGS; the problem has one best answer, and they end where it is found
FAINT: Final = 1e-4  # a curve that gives less at most is left out

Values = NDArray[np.float64]


class Recipe(NamedTuple):
    """How curves are fitted; what is best is chosen on questions that they are not fitted on."""

    stiff: float = 0.01  # what bends and heights of curves cost: the larger, the nearer to the blend
    unjudged: float = 1.0  # weight of candidates that nobody judged; 0: only those judged are compared
    alpha: float = 0.0  # weight of the loss of the text side alone
    beta: float = 0.0  # weight of the loss of the vision side alone
    seed: int = 7  # of what is drawn


@dataclass(frozen=True, slots=True)
class _Span:
    """Where the numbers of one curve stand among all: those of its points, then that of what is missing."""

    feature: int
    at: Values
    start: int

    @property
    def end(self) -> int:
        return self.start + self.at.size + 1


def fit(lists: Sequence[Listed], recipe: Recipe) -> tuple[float, dict[str, Curve]]:
    """The blend's weight and the curves that order the lists best: see `losses`.

    Args:
        lists: at least one that teaches anything.
        recipe: how.

    Returns:
        The weight that the blend keeps, above 0, and curves by feature; with what they give at most it is 1.
    """
    rng = np.random.default_rng(recipe.seed)
    places, gains, weights = zip(*(_chosen(one, recipe, rng) for one in lists), strict=True)
    shown = [one.candidates for one in lists]
    features = np.concatenate([each.features[at] for each, at in zip(shown, places, strict=True)])
    features = features.astype(np.float64)
    blend = torch.tensor(np.concatenate([each.blend[at] for each, at in zip(shown, places, strict=True)]))
    segments = Segments.of_sizes([at.size for at in places], np.concatenate(gains), np.concatenate(weights))
    spans = _spans(features)
    basis = torch.tensor(np.concatenate([_hats(features[:, s.feature], s.at) for s in spans], axis=1))
    heights = torch.zeros(basis.shape[1], dtype=torch.float64, requires_grad=True)
    strength = torch.tensor(np.log(START), dtype=torch.float64, requires_grad=True)
    sides = {
        side: torch.tensor(
            [float(FEATURES[s.feature].side == side) for s in spans for _ in range(s.end - s.start)],
            dtype=torch.float64,
        )
        for side in ("text", "vision")
    }

    def loss() -> Tensor:
        kept = strength.exp() * blend
        whole: Tensor = listwise(kept + basis @ heights, segments)
        for side, weight in (("text", recipe.alpha), ("vision", recipe.beta)):
            if weight and bool(sides[side].any()):
                whole = whole + weight * listwise(kept + basis @ (heights * sides[side]), segments)
        apart = (strength - np.log(START)).square()  # the stiffest order is that of the blend
        cost: Tensor = recipe.stiff * (_cost(heights, spans) + apart)
        return whole + cost

    optimizer = torch.optim.LBFGS([heights, strength], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def step() -> float:
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]  # PyTorch does not say
        return float(value.detach())

    optimizer.step(step)  # type: ignore[no-untyped-call]  # PyTorch does not say
    return _shares(float(strength.detach().exp()), heights.detach().numpy(), spans)


def _chosen(
    one: Listed, recipe: Recipe, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Values, Values]:
    """Places of the candidates that are compared, what each is worth, and how much it counts in the sum.

    Of those that nobody judged some are drawn and count for all: were only the best of them taken, it would
    look as if what stands further down were right, since there everything was judged.
    """
    judged = ~np.isnan(one.grades)
    others = np.flatnonzero(~judged)
    weight = 1.0 if one.complete else recipe.unjudged
    drawn = rng.permutation(others)[:UNJUDGED] if weight else others[:0]
    places = np.sort(np.concatenate([np.flatnonzero(judged), drawn]))
    gains = np.where(judged[places], 2 ** np.nan_to_num(one.grades[places]) - 1, 0.0)
    each = weight * others.size / max(drawn.size, 1)
    return places, gains / gains.sum(), np.where(judged[places], 1.0, each)


def _spans(features: Values) -> list[_Span]:
    """The curves that can be learned: of features that differ."""
    spans: list[_Span] = []
    start = 0
    for place in range(features.shape[1]):
        known = features[~np.isnan(features[:, place]), place]
        if not known.size:
            continue
        at = np.unique(np.quantile(known, np.linspace(0, 1, BENDS)).round(6))
        if at.size > 1:
            spans.append(_Span(place, at, start))
            start = spans[-1].end
    return spans


def _hats(values: Values, at: Values) -> Values:
    """(n, points + 1) shares of the points around each value; the last column is 1 where it is missing."""
    missing = np.isnan(values)
    inside = np.clip(np.where(missing, at[0], values), at[0], at[-1])
    left = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, at.size - 2)
    right = (inside - at[left]) / (at[left + 1] - at[left])
    rows = np.arange(values.size)
    shares = np.zeros((values.size, at.size + 1))
    shares[rows, left] = 1 - right
    shares[rows, left + 1] = right
    shares[missing] = 0
    shares[missing, -1] = 1
    return shares


def _cost(heights: Tensor, spans: Sequence[_Span]) -> Tensor:
    """Squares of how far curves are from level, and of how much they bend."""
    cost = torch.zeros((), dtype=torch.float64)
    for span in spans:
        points = heights[span.start : span.end - 1]
        around = heights[span.start : span.end] - points.mean()
        cost = cost + around.square().sum() + points.diff(n=2).square().sum()
    return cost


def _shares(strength: float, heights: Values, spans: Sequence[_Span]) -> tuple[float, dict[str, Curve]]:
    """The same order as weights of a convex combination: curves from 0 up, all together at most 1."""
    raised = {span.feature: heights[span.start : span.end] for span in spans}
    raised = {place: each - each.min() for place, each in raised.items()}
    whole = strength + sum(float(each.max()) for each in raised.values())
    curves = {}
    for span in spans:
        gives = (raised[span.feature] / whole).round(6)
        if gives.max() >= FAINT:
            name = NAMES[span.feature]
            curves[name] = Curve(tuple(span.at.tolist()), tuple(gives[:-1].tolist()), float(gives[-1]))
    return round(strength / whole, 6), curves
