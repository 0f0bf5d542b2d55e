"""The trainable heads on top of frozen towers; `duomo.encode.heads` serves what they learn."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShape:
    """The sizes of a pair of heads."""

    pictures: int = 1280 + 216  # features of the picture tower, then the color histogram
    words: int = 256  # of the text tower
    hidden: int = 768
    learned: int = 256  # numbers of the learned part of a vector
    dropout: float = 0.2


class Head(nn.Module):
    """Inputs standardised by the training data, one hidden layer, a vector of length 1."""

    mean: Tensor
    spread: Tensor

    def __init__(self, size: int, shape: HeadShape) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.inner = nn.Linear(size, shape.hidden)
        self.drop = nn.Dropout(shape.dropout)
        self.outer = nn.Linear(shape.hidden, shape.learned)

    @torch.no_grad()
    def measure(self, rows: Tensor) -> None:
        """Take mean and spread from (n, size) training rows; a number that never changes is left as it is."""
        spread = rows.float().std(dim=0, correction=0)
        self.mean.copy_(rows.float().mean(dim=0))
        self.spread.copy_(torch.where(spread > 1e-6, spread, torch.ones_like(spread)))

    def forward(self, rows: Tensor) -> Tensor:
        """(n, size) -> (n, learned) rows of length 1."""
        inner = functional.gelu(self.inner((rows - self.mean) / self.spread), approximate="tanh")
        return functional.normalize(self.outer(self.drop(inner)), dim=1)


class Heads(nn.Module):
    """Both heads and the learned temperature; but for that its state has the names of `HeadWeights`."""

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.shape = shape
        self.picture, self.text = Head(shape.pictures, shape), Head(shape.words, shape)
        self.log_scale = nn.Parameter(torch.tensor(20.0).log())

    def forward(self, pictures: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        """The learned parts of (n, pictures) and (m, words)."""
        return self.picture(pictures), self.text(words)

    @property
    def scale(self) -> Tensor:
        """One over the temperature."""
        return self.log_scale.exp()
