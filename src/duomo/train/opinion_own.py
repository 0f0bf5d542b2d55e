"""What a shop learns from its own reviews, in seconds: n-grams beside the shipped reader of sentiment.

How much each of the two counts is learned on reviews that the n-grams have not seen, fold by fold; so is how
good both are together. Without PyTorch.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile
from duomo.measure.compare import Interval, difference, interval
from duomo.train.opinion_blend import logistic
from duomo.understand.fitting import fit_words, folds, unseen
from duomo.understand.grams import Grams, grams
from duomo.understand.linear import Floats
from duomo.understand.sentiment import Own, SentimentReader
from duomo.understand.sentiment_text import plain

LEAST: Final = 20  # good reviews, and bad ones
_GOOD: Final = frozenset({"positive", "pos", "good", "true", "1", "正面", "积极", "好评", "好", "正"})
_BAD: Final = frozenset({"negative", "neg", "bad", "false", "0", "-1", "负面", "消极", "差评", "差", "负"})
_MIDDLE: Final = 3  # stars
_MOST_STARS: Final = 5


class Learned(NamedTuple):
    """What came of it."""

    own: Own
    good: int  # reviews
    bad: int
    left_out: Mapping[str, int]  # label that is neither -> rows
    shipped: Interval  # share of right labels of the shipped reader
    both: Interval  # and of both together, on reviews that the n-grams have not seen
    gain: Interval


def learn_own(texts: Sequence[str], labels: Sequence[str], reader: SentimentReader) -> Learned:
    """Learn from reviews of a shop, in Chinese and English together.

    Args:
        texts: as they were written.
        labels: "positive" and "negative", or as people put it in both languages, or stars: 4 and 5 are good,
            1 and 2 bad. Rows with any other label are left out.
        reader: the shipped one.

    Raises:
        BadFile: there are too few good or bad ones.
    """
    mood = _moods(labels)
    known = [place for place, label in enumerate(labels) if label in mood]
    right = np.array([mood[labels[place]] for place in known], bool)
    good, bad = int(right.sum()), int((~right).sum())
    if min(good, bad) < LEAST:
        problem = f"there are {good} good and {bad} bad reviews to learn from, and {LEAST} of each are needed"
        raise BadFile(problem, remedy="Label more, or name another column with --label")
    bare = [plain(texts[place]) for place in known]
    positive = np.clip([said.positive for said in reader.read(bare)], 1e-4, 1 - 1e-4)
    shipped = np.log(positive / (1 - positive)).astype(np.float32)
    heard = _heard(bare, right)
    (of_shipped, of_words), bias = logistic(np.stack([shipped, heard], axis=1), right)
    if of_words < 0:  # a model that errs against itself tells nothing (Breiman, "Stacked Regressions", 1996)
        (of_shipped,), bias = logistic(shipped[:, None], right)
        of_words = 0.0
    together = of_shipped * shipped + of_words * heard + bias
    hits = [(scores > 0) == right for scores in (shipped, together)]
    return Learned(
        Own(head=fit_words(grams(bare), right.astype(int), 2), shipped=of_shipped, words=of_words, bias=bias),
        good,
        bad,
        Counter(label for label in labels if label not in mood),
        interval(hits[0]),
        interval(hits[1]),
        difference(hits[0].astype(float), hits[1].astype(float)),
    )


def _heard(texts: Sequence[str], right: NDArray[np.bool_]) -> Floats:
    """(n,) what n-grams say of each text that have not learned from it, nor from one that is the same."""
    scores = np.zeros(len(texts), np.float32)

    def fit(learned: NDArray[np.bool_]) -> Callable[[NDArray[np.bool_]], Floats]:
        head = fit_words(_some(texts, learned), right[learned].astype(int), 2)
        return lambda asked: head.scores(_some(texts, asked))

    for asked, said in unseen(folds(texts), fit):
        scores[asked] = said[:, 0]
    return scores


def _some(texts: Sequence[str], chosen: NDArray[np.bool_]) -> Grams:
    return grams([text for text, there in zip(texts, chosen.tolist(), strict=True) if there])


def _moods(labels: Sequence[str]) -> dict[str, bool]:
    """Which labels are good and which bad; numbers are stars where one of them is above 1."""
    stars = {label: number for label in {*labels} if (number := _number(label)) is not None}
    if stars and max(stars.values()) > 1:
        return {
            label: number > _MIDDLE
            for label, number in stars.items()
            if 1 <= number <= _MOST_STARS and number != _MIDDLE
        }
    folded = {label: label.strip().lower() for label in {*labels}}
    return {label: name in _GOOD for label, name in folded.items() if name in _GOOD | _BAD}


def _number(label: str) -> float | None:
    try:
        number = float(label)
    except ValueError:
        return None
    return number if isfinite(number) else None
