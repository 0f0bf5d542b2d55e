"""The large net that teaches the small ones: a pretrained BERT, taught what reviews say.

It is never shipped. What it says of texts that nobody has labelled is what the small nets learn beside the
labels (Hinton, Vinyals and Dean 2015; from a BERT to an LSTM: Tang et al. 2019).
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from duomo.progress import Tick, silent
from duomo.train.loop import Course
from duomo.train.opinion import Lesson, learn, said, steps_of
from duomo.train.opinion_net import OUTPUTS
from duomo.train.opinion_texts import Opinion
from duomo.train.starts.bert import Bert, Teacher
from duomo.understand.sentiment_net import tokens_of

EPOCHS: Final = 2
COURSE: Final = Course(steps=1, learning_rate=1e-4, warmup=0.08)
TOKENS: Final = 128  # of a text that are read: its beginning and its end
_BATCH_TOKENS: Final = 1024
_CHECKS: Final = 4
_DROP: Final = 0.1


class TeacherNet(nn.Module):
    """A BERT with a head for what a review says; its tables stay as they are.

    It computes in bfloat16, which takes a processor that knows it half the time.
    """

    def __init__(self, network: Bert) -> None:
        super().__init__()
        for table in (network.pieces, network.positions, network.kinds):
            table.requires_grad_(requires_grad=False)
        width = network.pieces.embedding_dim
        self.network = network
        self.long = math.sqrt(width)  # what a row of length 1 is multiplied by, so that its numbers are of 1
        self.drop = nn.Dropout(_DROP)
        self.head = nn.Linear(width, OUTPUTS)

    def forward(self, places: Tensor, lengths: Tensor) -> Tensor:
        """(n, tokens) ids and (n,) lengths -> (n, OUTPUTS); nothing beyond a length is read."""
        mask = (torch.arange(places.shape[1])[None] < lengths[:, None]).long()
        with torch.autocast("cpu", torch.bfloat16):
            scores: Tensor = self.head(self.drop(self.network(places, mask) * self.long))
        return scores.float()


class OpinionTeacher:
    """A teacher that has learned from reviews of one language."""

    def __init__(
        self,
        teacher: Teacher,
        learned: Sequence[Opinion],
        held: Sequence[Opinion],
        folder: Path,
        *,
        epochs: float = EPOCHS,
        course: Course = COURSE,
        tick: Tick = silent,
    ) -> None:
        """Teach a teacher, or load it where that was done.

        Args:
            teacher: pretrained; its network is trained in place.
            learned: what it learns from.
            held: what it is asked at each check; the weights that knew these best are kept.
            folder: for checkpoints: a run that was cut short goes on.
            epochs: how often it goes through the reviews.
            course: how fast, from which seed; its steps are those of the epochs.
            tick: told about the stage "training".

        Raises:
            BadSetting: there are no reviews to learn from.
            BadFile, RunExists: as `loop.fit`.
        """
        self._teacher = teacher
        teacher.tokenizer.no_padding()
        teacher.tokenizer.no_truncation()
        torch.manual_seed(course.seed)
        self._net = TeacherNet(teacher.network)
        lesson, exam = (Lesson.of(each, self._places([one.text for one in each])) for each in (learned, held))
        steps = steps_of(lesson, epochs, batch_tokens=_BATCH_TOKENS)
        course = replace(course, steps=steps, check_every=-(-steps // _CHECKS))
        self.fitted = learn(
            self._net,
            lesson,
            exam,
            folder,
            course=course,
            batch_tokens=_BATCH_TOKENS,
            hidden=0.0,
            tick=tick,
        )

    def good(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) the probability that each text is good."""
        scores = said(self._net, self._places(texts))[:, 0]
        return np.asarray(torch.sigmoid(scores).numpy(), np.float32)

    def _places(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        prepared = [self._teacher.prepare(text) for text in texts]
        return [np.array(ids, np.int64) for ids in tokens_of(self._teacher.tokenizer, prepared, TOKENS)]
