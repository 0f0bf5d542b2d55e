"""Fine-tunes the upper blocks of the picture tower, together with heads that are thrown away afterwards.

Pairs of a few shops would teach the tower those shops and nothing else, so it is held to what it knew: its
features may not turn far from the published ones, and its classes stay what they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from duomo.progress import Tick, silent
from duomo.train.align import Exam
from duomo.train.heads import Heads
from duomo.train.loop import Course, Fitted, fit
from duomo.train.losses import info_nce
from duomo.train.material import Batch, Domain, joined, parts_of
from duomo.train.planes import PlaneFile, Upper
from duomo.train.towers.picture import FEATURES, PictureTower

COURSE: Final = Course(steps=300, learning_rate=4e-4, weight_decay=0.01, warmup=0.1, check_every=50)
_AT_ONCE: Final = 128  # pictures that are asked together in a check


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How strongly the tower is held to what it knew, besides how it is trained."""

    batch: int = 240
    features: float = 0.5  # weight of one minus the cosine to the published features
    classes: float = 0.2  # weight of the divergence from the published class scores
    softness: float = 2.0  # the scores are divided by it first (Hinton et al. 2015)


class Taught(NamedTuple):
    """A domain and the planes of its pictures; None: it has features alone, as prototypes do."""

    domain: Domain
    planes: PlaneFile | None


class Drawn(NamedTuple):
    """What a step sees."""

    batch: Batch
    planes: Tensor  # (p, channels, places, places) of the first p pictures of the batch


class Whole(nn.Module):
    """The part of the tower that is trained, its classifier, and heads."""

    def __init__(self, tower: PictureTower, heads: Heads) -> None:
        super().__init__()
        self.upper = Upper(tower)
        self.classify = tower.classify
        self.heads = heads
        self.classify.requires_grad_(False)  # the heads of an encoder hold it as it was published

    def forward(self, drawn: Drawn) -> tuple[Tensor, Tensor, Tensor]:
        """Features of the pictures that have planes, and the learned parts of all pictures and texts."""
        features = self.upper(drawn.planes)
        shown = drawn.batch.pictures.clone()
        shown[: len(features), :FEATURES] = features
        pictures, words = self.heads(shown, drawn.batch.words, drawn.batch.ids)
        return features, pictures, words


def deepen(
    tower: PictureTower,
    heads: Heads,
    taught: Sequence[Taught],
    exams: Sequence[Taught],
    *,
    hold: Hold,
    course: Course,
    folder: Path,
    tick: Tick = silent,
) -> Fitted:
    """Train the upper blocks of a tower in place, and heads with them.

    Args:
        tower: with the published weights.
        heads: trained on its features.
        taught: what is learned from, each with its share of every batch; those with planes first.
        exams: held-out pairs with planes; the best mean of their scores decides which weights are kept.
        hold: batch size, and how far it may turn.
        course: steps, learning rate, seed.
        folder: for checkpoints and the log.
        tick: told about the stage "training".

    Raises:
        ValueError: nothing has planes, or a domain without planes stands before one that has.
        BadFile, RunExists: see `fit`.
    """
    shown = [part.planes is not None for part in taught]
    if not any(shown) or shown != sorted(shown, reverse=True):
        raise ValueError("domains with planes come first, and there is one")
    domains = [part.domain for part in taught]

    def batch_of(step: int, rng: np.random.Generator) -> Drawn:
        parts = parts_of(domains, hold.batch, rng)
        planes = [
            each.planes.take(part.places.numpy())
            for each, part in zip(taught, parts, strict=True)
            if each.planes is not None
        ]
        return Drawn(joined(parts), torch.from_numpy(np.concatenate(planes)).float())

    def loss_of(module: nn.Module, drawn: Drawn) -> Tensor:
        features, pictures, words = module(drawn)
        known = drawn.batch.pictures[: len(features), :FEATURES]
        classify = whole.classify
        now, before = (
            functional.log_softmax(classify(rows) / hold.softness, dim=1) for rows in (features, known)
        )
        turned = 1 - functional.cosine_similarity(features, known, dim=1).mean()
        moved = functional.kl_div(now, before, reduction="batchmean", log_target=True) * hold.softness**2
        apart = info_nce(pictures, words, drawn.batch.relevance, heads.scale)
        return apart + hold.features * turned + hold.classes * moved

    whole = Whole(tower, heads)
    asked = [(Exam(each.domain), each.planes) for each in exams if each.planes is not None]
    return fit(
        whole,
        batch_of=batch_of,
        loss_of=loss_of,
        score_of=lambda _: float(np.mean([_score(exam, planes, whole) for exam, planes in asked])),
        course=course,
        folder=folder,
        tick=tick,
    )


def _score(exam: Exam, planes: PlaneFile, whole: Whole) -> float:
    features = [
        whole.upper(torch.from_numpy(planes.take(rows)).float())
        for rows in np.split(np.arange(len(planes)), range(_AT_ONCE, len(planes), _AT_ONCE))
    ]
    return exam.score(whole.heads, features=torch.cat(features))
