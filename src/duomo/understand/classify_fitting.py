"""Fitting a head for a label: words, picture and gate, each judged on rows that it did not learn from."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadSetting
from duomo.files import hash_bytes
from duomo.measure.compare import DRAWS, SURE, Interval
from duomo.measure.labels import calibration_error
from duomo.progress import Tick, silent
from duomo.understand.classify import Head, HeadCard, LinearPicture, two_sided
from duomo.understand.fitting import fit_words, temperature
from duomo.understand.gate import Flags, Floats, Said
from duomo.understand.gate_fitting import fit_gate
from duomo.understand.grams import Grams, grams
from duomo.understand.linear import LinearWords
from duomo.understand.reading import softmax
from duomo.understand.taxonomy import Node, Taxonomy, label

LEAST_ROWS: Final = 10  # that teach anything
LEAST_EACH: Final = 2  # of a class: one to learn from, one to be judged by
MOST_CLASSES: Final = 2000
MANY: Final = 10_000  # rows from which on three folds are enough
_WEIGHTS: Final = 30_000_000  # of words, for all classes together: the commonest grams are kept
_COST: Final = 1.0  # of an error of words, LIBLINEAR's C
_STRENGTHS: Final = (0.003, 0.01, 0.03, 0.1)  # of the logistic regression on pictures, scikit-learn's C
_STEPS: Final = 60  # of that regression; more gained nothing on 30,000 rows
_ABSENT: Final = -1.0  # score of a class that a fold has no row of

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A head, and what it says of each row that it learned from, as if it had not."""

    head: Head
    rows: Places  # (m,) which of the rows given were learned from
    right: Places  # (m,) their classes
    unseen: Floats  # (m, classes) probabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What is learned from, row by row."""

    found: Grams  # of the texts
    seen: Floats
    shown: Flags
    right: Places
    prior: Floats  # (classes,) shares


def fit_head(
    name: str,
    texts: Sequence[str],
    seen: Floats,
    shown: Flags,
    labels: Sequence[Node | None],
    *,
    tower: str = "",
    groups: Sequence[str] | None = None,
    lineage: Mapping[str, object] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Fitted:
    """A head that tells the label of goods by their words and their picture.

    Its figures come from cross-validation in which goods of one group stay together: parts, their
    temperatures and the gate are learned without the rows that they are judged by.

    Args:
        name: of the label, as "category".
        texts: n, blank where there are no words.
        seen: (n, dim) of `Sight.see`; any numbers where there is no picture. dim 0: there are no pictures.
        shown: (n,) whether there is a picture.
        labels: n; None, or a class of fewer than two rows: the row is left out.
        tower: version of the sight.
        groups: n; None: goods of one text are a group.
        lineage: what the card says of where the rows come from.
        seed: of everything random.
        tick: told about the stage "learning".

    Raises:
        BadSetting: fewer than ten rows or two classes are left to learn from.
    """
    counts = Counter(node for node in labels if node)
    kept = _learnable(name, counts)
    place_of = {node: place for place, node in enumerate(kept)}
    some = np.array([place for place, node in enumerate(labels) if node in place_of], np.int64)
    right = np.array([place_of[node] for node in labels if node in place_of], np.int64)
    rows = _Rows(
        found=_frequent(grams([texts[place] for place in some]), _WEIGHTS // len(kept)),
        seen=seen[some],
        shown=shown[some] & (seen.shape[1] > 0),
        right=right,
        prior=(np.bincount(right) / len(right)).astype(np.float32),
    )
    named = [(groups[place] if groups else texts[place].casefold()) or f"#{place}" for place in some]
    parts = _folds(named, 3 if len(some) > MANY else 5)
    strength = _strength(rows, parts)
    said, heats = _unseen(rows, parts, strength, seed, tick)
    unseen = np.empty_like(said.words)
    for part in np.unique(parts):
        asked = parts == part
        gate = fit_gate(said.rows(~asked), right[~asked], rows.prior, seed=seed)
        unseen[asked] = gate.probabilities(said.rows(asked))
    words, picture = _fit_parts(rows, np.arange(len(some)), strength, seed)
    card = HeadCard(
        label=name,
        classes=tuple(kept),
        counts=tuple(counts[node] for node in kept),
        tower=tower if picture else "",
        words_heat=heats[0],
        picture_heat=heats[1],
        figures=_figures(said, unseen, right, named),
        left_out={label(node): times for node, times in counts.items() if times < LEAST_EACH},
        lineage={
            **(lineage or {}),
            "seed": seed,
            "strength": strength,
            "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    gate = fit_gate(said, right, rows.prior, seed=seed)
    head = Head(card=card, taxonomy=Taxonomy(card.classes), words=words, picture=picture, gate=gate)
    tick("learning", 1, 1)
    return Fitted(head=head, rows=some, right=right, unseen=unseen)


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

    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    spread = np.where(spread > 1e-6, spread, np.float32(1))
    model = LogisticRegression(C=strength, max_iter=steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early on purpose
        model.fit((seen - mean) / spread, right)
    weights, bias = np.zeros((classes, seen.shape[1]), np.float32), np.zeros(classes, np.float32)
    one = len(model.classes_) == 2
    weights[model.classes_] = np.concatenate([-model.coef_, model.coef_]) / 2 if one else model.coef_
    bias[model.classes_] = (
        np.concatenate([-model.intercept_, model.intercept_]) / 2 if one else model.intercept_
    )
    return LinearPicture(mean=mean, spread=spread, weights=weights, bias=bias)


def by_groups(values: NDArray[np.floating] | Flags, groups: Sequence[str], *, seed: int = 7) -> Interval:
    """The mean of values, with the interval of a bootstrap that draws whole groups.

    Goods of one title are right or wrong together; drawn one by one they would seem surer than they are.

    >>> by_groups(np.array([1.0, 1.0, 0.0]), ["a", "a", "b"]).low
    0.0
    """
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    sums, sizes = np.bincount(place, values), np.bincount(place)
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, len(sums), len(sums))
        means.append(sums[drawn].sum() / sizes[drawn].sum())
    low, high = np.quantile(means, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Interval(float(np.mean(values)), float(low), float(high))


def _learnable(name: str, counts: Counter[Node]) -> list[Node]:
    """The classes with rows enough, in order; raises BadSetting where that is too little, or too much."""
    kept = sorted(node for node, times in counts.items() if times >= LEAST_EACH)
    goods = sum(counts[node] for node in kept)
    if len(kept) < 2 or goods < LEAST_ROWS:
        problem = (
            f"there is too little to learn '{name}' from: {goods} goods in {len(kept)} classes of "
            f"{LEAST_EACH} or more, and {LEAST_ROWS} goods in 2 classes are needed"
        )
        raise BadSetting(problem, remedy="Label more goods")
    if len(kept) > MOST_CLASSES:
        problem = f"'{name}' has {len(kept):,} classes, more than the {MOST_CLASSES:,} that can be learned"
        raise BadSetting(problem, remedy="Name a label that many goods share")
    return kept


def _unseen(
    rows: _Rows, parts: Places, strength: float, seed: int, tick: Tick
) -> tuple[Said, tuple[float, float]]:
    """What words and picture say of each row without having learned from its fold, and their temperatures."""
    shape = (len(rows.right), len(rows.prior))
    words, picture = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    known = np.zeros(len(rows.right), np.float32)
    has_picture = np.zeros(len(rows.right), bool)
    every = np.unique(parts)
    for step, part in enumerate(every):
        asked = np.flatnonzero(parts == part)
        by_words, by_picture = _fit_parts(rows, np.flatnonzero(parts != part), strength, seed)
        if by_words:
            found = _picked(rows.found, asked)
            words[asked], known[asked] = two_sided(by_words.scores(found)), by_words.known(found)
        if by_picture:
            picture[asked], has_picture[asked] = by_picture.scores(rows.seen[asked]), rows.shown[asked]
        tick("learning", step + 1, len(every) + 1)
    there = (known > 0, has_picture)
    heats = [
        temperature(scores[here], rows.right[here]) if here.any() else 1.0
        for scores, here in zip((words, picture), there, strict=True)
    ]
    shares = [
        np.where(here[:, None], softmax(scores * heat), rows.prior).astype(np.float32)
        for scores, here, heat in zip((words, picture), there, heats, strict=True)
    ]
    said = Said(words=shares[0], picture=shares[1], has_words=there[0], has_picture=there[1], known=known)
    return said, (heats[0], heats[1])


def _folds(groups: Sequence[str], count: int) -> Places:
    """(n,) folds of about as many groups each; a group lies in one."""
    distinct = sorted(set(groups), key=lambda group: hash_bytes(group.encode("utf-8", "replace")))
    if len(distinct) < 2:
        raise BadSetting("all goods say the same, so nothing tells them apart", remedy="Label other goods")
    fold_of = {group: place % count for place, group in enumerate(distinct)}
    return np.array([fold_of[group] for group in groups], np.int64)


def _fit_parts(
    rows: _Rows, learned: Places, strength: float, seed: int
) -> tuple[LinearWords | None, LinearPicture | None]:
    """The heads of words and of pictures from some rows; None where all are of one class."""
    worded = learned[np.diff(rows.found.ptr)[learned] > 0]
    shown = learned[rows.shown[learned]]
    words, picture = None, None
    if len(have := np.unique(rows.right[worded])) > 1:
        right = np.searchsorted(have, rows.right[worded])
        words = fit_words(_picked(rows.found, worded), right, len(have), cost=_COST, seed=seed)
        words = _widened(words, have, len(rows.prior))
    if len(np.unique(rows.right[shown])) > 1:
        picture = fit_picture(rows.seen[shown], rows.right[shown], len(rows.prior), strength=strength)
    return words, picture


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


def _strength(rows: _Rows, parts: Places) -> float:
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


def _figures(said: Said, unseen: Floats, right: Places, groups: Sequence[str]) -> dict[str, object]:
    """How good it is on rows that it had not learned from, and each part by itself where it is there."""

    def told(shares: Floats, there: Flags) -> dict[str, object] | None:
        if not there.any():
            return None
        hit = (shares.argmax(axis=1) == right)[there]
        found = by_groups(hit, [group for group, here in zip(groups, there, strict=True) if here])
        return {"n": int(there.sum()), **{name: round(value, 4) for name, value in found._asdict().items()}}

    return {
        "n": len(right),
        "groups": len(set(groups)),
        "accuracy": told(unseen, np.ones(len(right), bool)),
        "words_alone": told(said.words, said.has_words),
        "picture_alone": told(said.picture, said.has_picture),
        "majority": round(float(np.bincount(right).max() / len(right)), 4),
        "calibration_error": round(calibration_error(unseen, right), 4),
    }


def _picked(found: Grams, rows: Places) -> Grams:
    """The grams of some of the texts."""
    sizes = np.diff(found.ptr)[rows]
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    places = np.repeat(found.ptr[:-1][rows] - ptr[:-1], sizes) + np.arange(ptr[-1])
    return Grams(found.ids[places], found.starts[places], found.ends[places], ptr)


def _frequent(found: Grams, most: int) -> Grams:
    """Only the grams that stand in the most texts, so many of them."""
    ids, times = np.unique(found.distinct()[0], return_counts=True)
    if len(ids) <= most:
        return found
    kept = np.sort(ids[np.argsort(-times, kind="stable")[:most]])
    there = np.isin(found.ids, kept)
    ptr = np.concatenate([[0], np.cumsum(there)])[found.ptr]
    return Grams(found.ids[there], found.starts[there], found.ends[there], ptr)
