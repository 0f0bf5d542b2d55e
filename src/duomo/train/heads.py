"""The trainable heads on top of frozen towers; `duomo.encode.heads` serves what they learn."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from duomo.encode.colors import COLORS
from duomo.encode.heads import HeadWeights
from duomo.train.towers.picture import SEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShape:
    """The sizes of a pair of heads."""

    pictures: int = SEEN + COLORS  # what the picture tower sees, then the color histogram
    words: int = 256  # of the text tower
    hidden: int = 1152
    learned: int = 256  # numbers of the learned part of a vector
    pieces: int = 36_000  # of the tokenizer's vocabulary; id 0 fills up
    bag: int = 64  # numbers of each piece's own embedding
    dropout: float = 0.2


class Head(nn.Module):
    """Inputs standardised by the training data, one hidden layer, a vector of length 1.

    A head of words also knows every piece of the vocabulary by itself: brands and models are no general
    words, and the tower, which learned from general ones, says little of them.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, size: int, shape: HeadShape, *, pieces: int = 0) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.inner = nn.Linear(size, shape.hidden)
        self.drop = nn.Dropout(shape.dropout)
        self.outer = nn.Linear(shape.hidden, shape.learned)
        if pieces:
            self.pieces = nn.Embedding(pieces, shape.bag, padding_idx=0)
            nn.init.zeros_(self.pieces.weight)  # a piece that was never trained on says nothing
            self.bag = nn.Linear(shape.bag, shape.hidden, bias=False)

    @torch.no_grad()
    def measure(self, rows: Tensor) -> None:
        """Take mean and spread from (n, size) training rows; a number that never changes is left as it is."""
        spread = rows.float().std(dim=0, correction=0)
        self.mean.copy_(rows.float().mean(dim=0))
        self.spread.copy_(torch.where(spread > 1e-6, spread, torch.ones_like(spread)))

    def forward(self, rows: Tensor, ids: Tensor | None = None) -> Tensor:
        """(n, size), and of words (n, tokens) ids, 0 where there is none -> (n, learned) rows of length 1."""
        inner = self.inner((rows - self.mean) / self.spread)
        if ids is not None:
            count = (ids > 0).sum(dim=1, keepdim=True).clamp(min=1)
            inner = inner + self.bag(self.drop(self.pieces(ids).sum(dim=1) / count.sqrt()))
        bent = functional.gelu(inner, approximate="tanh")
        return functional.normalize(self.outer(self.drop(bent)), dim=1)


class Heads(nn.Module):
    """Both heads and the learned temperature; its state has names of `HeadWeights`."""

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.shape = shape
        self.picture = Head(shape.pictures, shape)
        self.text = Head(shape.words, shape, pieces=shape.pieces)
        self.log_scale = nn.Parameter(torch.tensor(20.0).log())

    def forward(self, pictures: Tensor, words: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The learned parts of (n, pictures), and of (m, words) with their (m, tokens)."""
        return self.picture(pictures), self.text(words, ids)

    @property
    def scale(self) -> Tensor:
        """One over the temperature."""
        return self.log_scale.exp()


def heads_of(weights: HeadWeights) -> Heads:
    """The heads of an encoder, to be trained further; rounded as the encoder holds them."""
    held = weights.arrays
    pieces, bag = held["text.pieces.weight"].shape
    heads = Heads(
        HeadShape(
            pictures=held["picture.mean"].size,
            words=held["text.mean"].size,
            hidden=held["picture.inner.bias"].size,
            learned=held["picture.outer.bias"].size,
            pieces=pieces,
            bag=bag,
        )
    )
    known = {name: torch.from_numpy(np.array(held[name])) for name in heads.state_dict() if name in held}
    heads.load_state_dict({**heads.state_dict(), **known})
    return heads.eval()
