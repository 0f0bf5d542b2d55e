"""Teaches the net that reads opinions, in Chinese and English at once.

Reviews that are called good or bad and reviews with stars are learned together: one net, two questions, each
asked where its answer is known. `opinion_ship` makes the shipped reader of what is learned here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from duomo.errors import BadSetting
from duomo.progress import Tick, silent
from duomo.train.loop import Course, Fitted, fit
from duomo.train.opinion_net import OUTPUTS
from duomo.train.opinion_texts import Opinion
from duomo.understand.sentiment_net import UNKNOWN

EPOCHS: Final = 4
BATCH_TOKENS: Final = 4096
COURSE: Final = Course(steps=1, learning_rate=2e-3, warmup=0.06)
CHECKS: Final = 8  # in a run
DROP: Final = 0.3
BLIND: Final = 0.2
HIDDEN: Final = 0.1  # share of pieces that a step does not see
_SOFT: Final = 0.05  # labels come from stars and tags: so many are taken to be wrong
_STARS_WEIGHT: Final = 0.3
_TEXTS_AT_ONCE: Final = 64
_JITTER: Final = 0.1  # of lengths, so that a text meets others in each epoch


@dataclass(frozen=True, slots=True)
class Lesson:
    """Reviews as the net takes them."""

    places: Sequence[NDArray[np.int64]]  # rows of its table
    positive: Tensor  # (n,) the probability of good that is wanted, 0 to 1; -1 not known
    stars: Tensor  # (n,) 0 to 4, -1 not known
    packs: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, opinions: Sequence[Opinion], places: Sequence[NDArray[np.int64]]) -> "Lesson":
        """Reviews, and the rows of the table that each is read as."""
        wanted = {None: -1.0, True: 1 - _SOFT, False: _SOFT}
        return cls(
            places,
            torch.tensor([wanted[opinion.positive] for opinion in opinions]),
            torch.tensor([-1 if o.stars is None else o.stars - 1 for o in opinions]),
            tuple(opinion.pack for opinion in opinions),
        )

    def beside(
        self, places: Sequence[NDArray[np.int64]], positive: NDArray[np.float32], pack: str
    ) -> "Lesson":
        """These reviews, and texts of which a teacher has said how probably they are good, (n,)."""
        return Lesson(
            [*self.places, *places],
            torch.cat([self.positive, torch.from_numpy(positive)]),
            torch.cat([self.stars, torch.full((len(places),), -1)]),
            (*self.packs, *[pack] * len(places)),
        )


class Batch(NamedTuple):
    """What one step sees."""

    places: Tensor  # (n, tokens)
    lengths: Tensor  # (n,)
    positive: Tensor  # (n,)
    stars: Tensor  # (n,)


def steps_of(lesson: Lesson, epochs: float, *, batch_tokens: int = BATCH_TOKENS) -> int:
    """How many steps go through a lesson so many times."""
    return max(1, round(epochs * _batch_count(lesson, batch_tokens)))


def learn(
    net: nn.Module,
    learned: Lesson,
    held: Lesson,
    folder: Path,
    *,
    course: Course,
    batch_tokens: int = BATCH_TOKENS,
    hidden: float = HIDDEN,
    tick: Tick = silent,
) -> Fitted:
    """Train the net, and leave it as it was when it knew the held reviews best.

    Args:
        net: trained in place; from places and lengths to what a review says, as `OpinionNet`.
        learned: what it learns from.
        held: what it is asked at each check.
        folder: for checkpoints: a run that was cut short goes on.
        course: how long, how fast, from which seed.
        batch_tokens: pieces that a step sees, about.
        hidden: share of the pieces that it does not see.
        tick: told about the stage "training".

    Raises:
        BadSetting: there are no reviews to learn from.
        BadFile, RunExists: as `loop.fit`.
    """
    if not learned.places:
        raise BadSetting("there are no reviews to learn from", remedy="Name a folder with packs of reviews")
    count = _batch_count(learned, batch_tokens)

    @lru_cache(maxsize=1)
    def epoch(number: int) -> list[list[int]]:
        return _batches(learned, count, np.random.default_rng((course.seed, 1, number)))

    def batch_of(step: int, rng: np.random.Generator) -> Batch:
        chosen = epoch(step // count)[step % count]
        places, lengths = filled([learned.places[number] for number in chosen])
        places[torch.from_numpy(rng.random(tuple(places.shape)) < hidden)] = UNKNOWN
        return Batch(places, lengths, learned.positive[chosen], learned.stars[chosen])

    return fit(
        net,
        batch_of=batch_of,
        loss_of=_loss,
        score_of=lambda module: _score(said(module, held.places), held),
        course=course,
        folder=folder,
        tick=tick,
    )


def filled(places: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """Texts filled up to the longest, and their lengths.

    >>> places, lengths = filled([np.array([5, 6]), np.array([7])])
    >>> places.tolist(), lengths.tolist()
    ([[5, 6], [7, 0]], [2, 1])
    """
    lengths = torch.tensor([len(each) for each in places])
    rows = torch.full((len(places), int(lengths.max())), UNKNOWN)
    for row, each in zip(rows, places, strict=True):
        row[: len(each)] = torch.from_numpy(each)
    return rows, lengths


def said(net: nn.Module, places: Sequence[NDArray[np.int64]]) -> Tensor:
    """(n, OUTPUTS) what the net says of texts; it must be in evaluation mode."""
    scores = torch.zeros(len(places), OUTPUTS)
    order = sorted(range(len(places)), key=lambda number: len(places[number]))
    with torch.no_grad():
        for at in range(0, len(order), _TEXTS_AT_ONCE):
            chosen = order[at : at + _TEXTS_AT_ONCE]
            scores[chosen] = net(*filled([places[number] for number in chosen])).float()
    return scores


def _loss(net: nn.Module, batch: Batch) -> Tensor:
    """Cross-entropy of both questions, each over the reviews whose answer is known."""
    scores = net(batch.places, batch.lengths)
    known = batch.positive >= 0
    polar = functional.binary_cross_entropy_with_logits(
        scores[known, 0], batch.positive[known], reduction="sum"
    )
    rated = batch.stars >= 0
    stars = functional.cross_entropy(
        scores[rated, 1:], batch.stars[rated], label_smoothing=_SOFT, reduction="sum"
    )
    return (polar + _STARS_WEIGHT * stars) / len(scores)


def _score(scores: Tensor, held: Lesson) -> float:
    """The mean over packs of the share of right answers: stars where a pack has them, else good or bad."""
    shares = []
    for pack in sorted(set(held.packs)):
        of_pack = torch.tensor([each == pack for each in held.packs])
        rated, known = of_pack & (held.stars >= 0), of_pack & (held.positive >= 0)
        if rated.any():
            shares.append((scores[rated, 1:].argmax(1) == held.stars[rated]).float().mean())
        elif known.any():
            shares.append(((scores[known, 0] > 0) == (held.positive[known] > 0.5)).float().mean())
    return float(torch.stack(shares).mean()) if shares else 0.0


def _batch_count(lesson: Lesson, batch_tokens: int) -> int:
    return max(1, round(sum(map(len, lesson.places)) / batch_tokens))


def _batches(lesson: Lesson, count: int, rng: np.random.Generator) -> list[list[int]]:
    """All reviews in so many batches of about as many pieces each, those of like length together."""
    lengths = np.array([len(places) for places in lesson.places])
    order = np.argsort(lengths * (1 + _JITTER * rng.random(len(lengths))), kind="stable")
    before = np.cumsum(lengths[order]) - lengths[order]
    ends = np.searchsorted(before, lengths.sum() / count * np.arange(1, count))
    parts = [part.tolist() for part in np.split(order, ends) if len(part)]
    parts += parts[: count - len(parts)]  # where one text fills two batches, some are gone through twice
    return [parts[number] for number in rng.permutation(len(parts))]
