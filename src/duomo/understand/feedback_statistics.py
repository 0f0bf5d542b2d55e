"""The statistics of feedback: shares, trends, change points, what drives a theme, what it costs in stars."""

from dataclasses import dataclass
from itertools import pairwise
from math import erf, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_Z: Final = 1.959964  # of a 95 % interval
_STEPS: Final = 25  # of Newton's method
_DRAWS: Final = 400  # permutations of a scan, and draws of a bootstrap
_LEAST_APART: Final = 0.05  # share of all remarks that lies on either side of a change point, at least
_SPLITS: Final = 64  # places that a scan tries
_MOST_CHANGES: Final = 4


class Share(NamedTuple):
    """A share with its interval of 95 %."""

    value: float
    low: float
    high: float


class Change(NamedTuple):
    """A moment from which a theme is more or less frequent."""

    at: float  # on the scale of the times given
    before: float  # share since the change before it
    after: float  # share until the next one
    p: float  # how often chance alone makes as large a change somewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A product, or another group, that has more of a theme than the rest."""

    name: str
    mentions: int
    remarks: int
    share: float  # drawn towards that of all: few remarks are not believed
    more: float  # mentions beyond what the share of all would give
    sure: float  # probability that its share is above that of all


def wilson(hits: int, count: int) -> Share:
    """A share with Wilson's score interval (JASA 1927), which holds for small counts and shares.

    >>> share = wilson(3, 10)
    >>> round(share.low, 3), round(share.high, 3)
    (0.108, 0.603)
    """
    if not 0 <= hits <= count or not count:
        raise ValueError(f"{hits} of {count} is no share")
    share, spread = hits / count, _Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    reach = _Z * sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    low, high = max(middle - reach, 0.0), min(middle + reach, 1.0)
    return Share(share, 0.0 if not hits else low, 1.0 if hits == count else high)


def trend(mentioned: Flags, times: Floats) -> Share | None:
    """How many times larger the odds of a mention become in a unit of time, by logistic regression.

    Args:
        mentioned: (n,) whether each remark mentions the theme.
        times: (n,) when, in the unit.

    Returns:
        The factor with Wald's interval of 95 %; None where there is no time between remarks, or where all
        or none mention it.
    """
    spread = float(times.std())
    if not spread or mentioned.all() or not mentioned.any():
        return None
    rows = np.stack([np.ones_like(times), (times - times.mean()) / spread], axis=1)
    weights = np.array([np.log(mentioned.mean() / (1 - mentioned.mean())), 0.0])
    information = np.eye(2)
    for _ in range(_STEPS):
        given = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        information = (rows * (given * (1 - given))[:, None]).T @ rows + 1e-9 * np.eye(2)
        step = np.linalg.solve(information, rows.T @ (mentioned - given))
        weights += np.clip(step, -4, 4)
        if np.abs(step).max() < 1e-9:
            break
    error = float(np.sqrt(np.linalg.inv(information)[1, 1])) / spread
    slope = float(weights[1]) / spread
    low, middle, high = (float(np.exp(np.clip(slope + z * error, -50, 50))) for z in (-_Z, 0, _Z))
    return Share(middle, low, high)


def changes(mentioned: Flags, times: Floats, *, level: float = 0.01, seed: int = 7) -> list[Change]:
    """When the share of a theme changes, by binary segmentation (Scott and Knott, Biometrics 1974).

    The best split of a stretch is taken if chance makes one as good in less than `level` of random orders of
    its remarks; then both sides are looked at in turn. With no change at all one is claimed in about `level`
    of the themes.

    Args:
        mentioned: (n,) whether each remark mentions it.
        times: (n,) when, rising.
        level: of the test, 0 to 1.
        seed: of the orders.
    """
    found: list[tuple[int, float]] = []
    least = max(int(_LEAST_APART * len(times)), 5)
    rng = np.random.default_rng(seed)
    open_stretches = [(0, len(times))]
    while open_stretches and len(found) < _MOST_CHANGES:
        start, end = open_stretches.pop(0)
        split = _best_split(mentioned[start:end], times[start:end], least, rng)
        if split is None or split[1] >= level:
            continue
        found.append((start + split[0], split[1]))
        open_stretches += [(start, start + split[0]), (start + split[0], end)]
    found.sort()
    if not found:
        return []
    edges = [0, *(place for place, _ in found), len(times)]
    shares = [float(mentioned[a:b].mean()) for a, b in pairwise(edges)]
    return [
        Change(float(times[place]), shares[number], shares[number + 1], p)
        for number, (place, p) in enumerate(found)
    ]


def _best_split(
    mentioned: Flags, times: Floats, least: int, rng: np.random.Generator
) -> tuple[int, float] | None:
    """Where a stretch is best split, and how often chance splits it as well; None: nowhere."""
    count, hits = len(mentioned), int(mentioned.sum())
    places = np.flatnonzero(np.diff(times) > 0) + 1
    places = places[(places >= least) & (places <= count - least)]
    if not len(places) or not 0 < hits < count:
        return None
    places = places[np.unique(np.linspace(0, len(places) - 1, min(_SPLITS, len(places))).astype(int))]
    gains = _gains(np.cumsum(mentioned)[places - 1], places, hits, count)
    orders = rng.permuted(np.broadcast_to(mentioned, (_DRAWS, count)), axis=1)
    by_chance = _gains(np.cumsum(orders, axis=1)[:, places - 1], places, hits, count).max(axis=1)
    best = int(gains.argmax())
    return int(places[best]), float((1 + (by_chance >= gains[best] - 1e-9).sum()) / (1 + _DRAWS))


def _gains(before: NDArray[np.integer], places: NDArray[np.integer], hits: int, count: int) -> Floats:
    """Log likelihood that a split gains over none, for hits before each place."""

    def likelihood(some: Floats, of: Floats) -> Floats:
        share = np.clip(some / of, 1e-12, 1 - 1e-12)
        return np.asarray(some * np.log(share) + (of - some) * np.log1p(-share), np.float64)

    some, of = before.astype(np.float64), places.astype(np.float64)
    whole = likelihood(np.full(1, hits, np.float64), np.full(1, count, np.float64))
    return np.asarray(likelihood(some, of) + likelihood(hits - some, count - of) - whole, np.float64)


def drivers(
    names: NDArray[np.str_], mentioned: Flags, *, least: int = 3, sure: float = 0.975
) -> list[Driver]:
    """The groups that have more of a theme than all together, those with the most of it first.

    The share of each is drawn towards that of all as a beta prior says, whose strength is that of the groups
    themselves (empirical Bayes, Morris, JASA 1983).

    Args:
        names: (n,) the group of each remark; "" is none.
        mentioned: (n,) whether it mentions the theme.
        least: mentions that a group needs.
        sure: probability of being above the share of all that it needs.
    """
    known = names != ""
    groups, place = np.unique(names[known], return_inverse=True)
    if not len(groups):
        return []
    counts = np.bincount(place).astype(np.float64)
    hits = np.bincount(place, mentioned[known]).astype(np.float64)
    overall = float(hits.sum() / counts.sum())
    strength = _strength(hits, counts, overall)
    found = []
    for name, some, of in zip(groups.tolist(), hits.tolist(), counts.tolist(), strict=True):
        a, b = some + overall * strength, of - some + (1 - overall) * strength
        mean = a / (a + b)
        error = sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
        above = 0.5 * (1 + erf((mean - overall) / (error * sqrt(2)))) if error else 0.0
        if some >= least and above >= sure:
            driver = Driver(
                name=name,
                mentions=int(some),
                remarks=int(of),
                share=mean,
                more=some - of * overall,
                sure=above,
            )
            found.append(driver)
    return sorted(found, key=lambda driver: (-driver.more, driver.name))


def _strength(hits: Floats, counts: Floats, overall: float) -> float:
    """How many remarks the prior counts for, by the method of moments (Kleinman, JASA 1973)."""
    if len(counts) < 2 or not 0 < overall < 1:
        return 1.0
    total = counts.sum()
    between = float((counts * (hits / counts - overall) ** 2).sum())
    chance = overall * (1 - overall) * (len(counts) - 1)
    room = overall * (1 - overall) * (total - (counts**2).sum() / total - (len(counts) - 1))
    share = (between - chance) / room if room > 0 else 0.0
    return float(np.clip(1 / share - 1, 1, 1000)) if share > 0 else 1000.0


def stars_lost(ratings: Floats, mentions: Flags, *, seed: int = 7) -> list[Share]:
    """What each theme costs the mean rating: its share times what ratings lose where it is mentioned.

    The loss is the slope of least squares on all themes together, so that themes which come with each other
    share it; intervals by bootstrap over remarks.

    Args:
        ratings: (n,) stars, or whatever is larger for happier people; NaN: not rated.
        mentions: (n, themes).
        seed: of the bootstrap.

    Returns:
        For each theme; above 0: it costs, below 0: it earns.
    """
    rated = ~np.isnan(ratings)
    rows = np.concatenate([np.ones((int(rated.sum()), 1)), mentions[rated].astype(np.float64)], axis=1)
    wanted = ratings[rated]
    if len(wanted) < 2 or rows.shape[1] == 1:
        return [Share(0.0, 0.0, 0.0)] * mentions.shape[1]

    def lost(some: NDArray[np.integer] | slice) -> Floats:
        part, stars = rows[some], wanted[some]
        normal = part.T @ part + 1e-3 * np.eye(part.shape[1])
        slopes = np.linalg.solve(normal, part.T @ stars)[1:]
        return np.asarray(-slopes * part[:, 1:].mean(axis=0), np.float64)

    rng = np.random.default_rng(seed)
    drawn = np.array([lost(rng.integers(0, len(wanted), len(wanted))) for _ in range(_DRAWS)])
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return [Share(*map(float, each)) for each in zip(lost(slice(None)), low, high, strict=True)]


def two_shares(hits: int, count: int, other_hits: int, other_count: int) -> float:
    """How often chance alone sets two shares as far apart: p of Fisher's exact test, two-sided.

    >>> round(two_shares(8, 10, 1, 10), 4)
    0.0055
    """
    total, successes = count + other_count, hits + other_hits
    low, high = max(0, successes - other_count), min(successes, count)
    logs = _log_factorials(total)

    def chance(some: NDArray[np.integer]) -> Floats:
        logs_of_chance = (
            logs[count] - logs[some] - logs[count - some]
            + logs[other_count] - logs[successes - some] - logs[other_count - successes + some]
            - logs[total] + logs[successes] + logs[total - successes]
        )  # fmt: skip
        return np.asarray(logs_of_chance, np.float64)

    every = chance(np.arange(low, high + 1))
    mine = every[hits - low]
    return float(min(np.exp(every[every <= mine + 1e-7]).sum(), 1.0))


def _log_factorials(most: int) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def discoveries(ps: list[float], *, rate: float = 0.05) -> list[bool]:
    """Which tests may be believed, with so many false ones among those (Benjamini and Hochberg, JRSS B 1995).

    >>> discoveries([0.001, 0.2, 0.02])
    [True, False, True]
    """
    order = np.argsort(ps)
    limits = rate * np.arange(1, len(ps) + 1) / max(len(ps), 1)
    passing = np.flatnonzero(np.array(ps)[order] <= limits)
    believed = [False] * len(ps)
    for place in order[: int(passing[-1]) + 1 if len(passing) else 0]:
        believed[place] = True
    return believed
