"""What every reader answers: a label or "don't know", how sure that is, what else it may be, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from duomo.encode.regions import Box

Part = Literal["words", "picture"]
# Why there is no label: nothing to read, no answer sure enough, a language that was not learned, nothing in
# it that is known, words and picture say different things.
Doubt = Literal["empty", "unsure", "language", "unknown", "conflict"]

DOUBTS: Final[tuple[Doubt, ...]] = get_args(Doubt)


@dataclass(frozen=True, slots=True)
class Choice:
    """One label that it may be, and how probable that is."""

    label: str
    probability: float  # 0 to 1, calibrated: of ten choices with 0.7, seven are right


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A piece of what was read, and how much it speaks for the label."""

    part: Part
    weight: float  # log odds that the label would lose without it; below 0: it speaks against
    text: str = ""  # as it stands in what was read
    start: int = 0  # code points before it
    end: int = 0
    box: Box | None = None  # of the picture

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract; what a part does not have is left out."""
        said: dict[str, object] = {"part": self.part, "weight": round(self.weight, 4)}
        if self.part == "words":
            return {**said, "text": self.text, "start": self.start, "end": self.end}
        return {**said, "box": self.box and [round(getattr(self.box, side), 4) for side in "xywh"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader answers about one thing."""

    label: str | None  # None: don't know, and `doubt` says why
    probability: float  # of the label, or of the best choice where there is none
    alternatives: tuple[Choice, ...] = ()  # the others, the likeliest first
    evidence: tuple[Evidence, ...] = ()  # the strongest first
    doubt: Doubt | None = None

    def __post_init__(self) -> None:
        if (self.label is None) != (self.doubt is not None):
            raise ValueError("a reading has a label or says why it has none")

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract; evidence and doubt where there are any."""
        said: dict[str, object] = {
            "label": self.label,
            "probability": round(self.probability, 4),
            "alternatives": [
                {"label": choice.label, "probability": round(choice.probability, 4)}
                for choice in self.alternatives
            ],
        }
        if self.evidence:
            said["evidence"] = [piece.as_dict() for piece in self.evidence]
        if self.doubt:
            said["doubt"] = self.doubt
        return said


def softmax(scores: NDArray[np.floating]) -> NDArray[np.float32]:
    """(..., n) scores -> shares that sum to 1 along the last axis.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def chosen(
    shares: NDArray[np.floating],
    labels: Sequence[str],
    *,
    least: float = 0.0,
    others: int = 4,
    evidence: Sequence[Evidence] = (),
) -> Reading:
    """The likeliest of labels as a reading; below `least` it is "don't know".

    Args:
        shares: (n,) calibrated probabilities.
        labels: n of them.
        least: probability that an answer needs.
        others: how many alternatives are told; without an answer the best is the first of them.
        evidence: for the likeliest.

    >>> found = chosen(np.array([0.2, 0.8]), ["shirt", "shoe"])
    >>> found.label, found.probability, found.alternatives
    ('shoe', 0.8, (Choice(label='shirt', probability=0.2),))
    >>> chosen(np.array([0.4, 0.6]), ["shirt", "shoe"], least=0.7).doubt
    'unsure'
    """
    order = np.argsort(-shares, kind="stable")
    best = int(order[0])
    sure = float(shares[best]) >= least
    listed = order[1:] if sure else order
    return Reading(
        label=labels[best] if sure else None,
        probability=float(shares[best]),
        alternatives=tuple(Choice(labels[n], float(shares[n])) for n in listed[:others]),
        evidence=tuple(evidence),
        doubt=None if sure else "unsure",
    )
