"""The small modules on top of frozen towers that bring pictures and words into one space.

A vector has two parts of fixed length: what was learned from pairs, and what the picture's class scores and
the words say of the 1,000 classes of ImageNet ("ConSE", Norouzi et al., ICLR 2014), which needs no pairs and
so holds where the pairs say nothing. Their weights decide how much each counts; a similarity stays one dot
product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES_SEEN: Final = 10  # best classes whose names make the ConSE part of a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShape:
    """The sizes of a pair of heads."""

    features: int = 1280  # of the picture tower
    colors: int = 0  # numbers of the color signal; 0: none
    hidden: int = 768
    words: int = 256  # of the text tower
    learned: int = 256  # numbers of the learned part
    dropout: float = 0.2


class PictureHead(nn.Module):
    """Features and colors of a picture to the learned part of its vector."""

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.normal = Standard(shape.features)
        self.color_normal = Standard(shape.colors) if shape.colors else None
        self.layers = _layers(shape.features + shape.colors, shape)

    def forward(self, features: Tensor, colors: Tensor | None = None) -> Tensor:
        """(n, features), (n, colors) -> (n, learned) rows of length 1."""
        parts = [self.normal(features)]
        if self.color_normal is not None and colors is not None:
            parts.append(self.color_normal(colors))
        return functional.normalize(self.layers(torch.cat(parts, dim=1)), dim=1)


class TextHead(nn.Module):
    """What the text tower says of words to the learned part of their vector."""

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.normal = Standard(shape.words)
        self.layers = _layers(shape.words, shape)

    def forward(self, words: Tensor) -> Tensor:
        """(n, words) -> (n, learned) rows of length 1."""
        return functional.normalize(self.layers(self.normal(words)), dim=1)


class Heads(nn.Module):
    """Both heads and the learned temperature."""

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.shape = shape
        self.picture, self.text = PictureHead(shape), TextHead(shape)
        self.log_scale = nn.Parameter(torch.tensor(20.0).log())

    def forward(self, features: Tensor, colors: Tensor | None, words: Tensor) -> tuple[Tensor, Tensor]:
        """The learned parts of pictures and of words."""
        return self.picture(features, colors), self.text(words)

    @property
    def scale(self) -> Tensor:
        """One over the temperature."""
        return self.log_scale.exp()

    @torch.no_grad()
    def fit_inputs(self, features: Tensor, colors: Tensor | None, words: Tensor) -> None:
        """Learn mean and spread of the inputs, once, before training."""
        self.picture.normal.fit(features)
        if self.picture.color_normal is not None and colors is not None:
            self.picture.color_normal.fit(colors)
        self.text.normal.fit(words)


class Standard(nn.Module):
    """Inputs less their mean, over their spread; both measured on training data and kept."""

    mean: Tensor
    spread: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))

    def fit(self, rows: Tensor) -> None:
        """Measure on (n, size) rows; a number that never changes is left as it is."""
        self.mean.copy_(rows.float().mean(dim=0))
        spread = rows.float().std(dim=0, correction=0)
        self.spread.copy_(torch.where(spread > 1e-6, spread, torch.ones_like(spread)))

    def forward(self, rows: Tensor) -> Tensor:
        """(n, size) -> (n, size)."""
        return (rows - self.mean) / self.spread


class Conse(nn.Module):
    """Class scores of a picture to the mean of the best classes' names, in the space of words."""

    names: Tensor

    def __init__(self, names: Tensor) -> None:
        """Take (classes, d) vectors of the class names, rows of length 1."""
        super().__init__()
        self.register_buffer("names", names)

    def forward(self, scores: Tensor) -> Tensor:
        """(n, classes) scores before softmax -> (n, d) rows of length 1."""
        shares = functional.softmax(scores, dim=1)
        least = torch.topk(shares, CLASSES_SEEN, dim=1).values[:, -1:]
        kept = torch.where(shares >= least, shares, torch.zeros_like(shares))
        return functional.normalize(kept @ self.names, dim=1)


class Gate(nn.Module):
    """How far a text lies from what the heads were trained on, as the weights of the two parts.

    Closeness is the mean cosine to the five nearest of a few hundred centres of the training texts. From
    `near` on the learned part counts as trained; down to `far` the ConSE part takes over.
    """

    centres: Tensor

    def __init__(
        self,
        centres: Tensor,
        *,
        near: float,
        far: float,
        at_home: Sequence[float] = (1.0, 0.0),
        abroad: Sequence[float] = (0.2, 0.7),
    ) -> None:
        """Take (c, d) centres, rows of length 1, and the (learned, ConSE) weights of near and far texts."""
        super().__init__()
        if len(centres) < NEAREST:
            raise ValueError(f"a gate needs at least {NEAREST} centres, not {len(centres)}")
        self.register_buffer("centres", centres)
        self.near, self.far = near, far
        self.register_buffer("at_home", torch.tensor(at_home))
        self.register_buffer("abroad", torch.tensor(abroad))

    def closeness(self, words: Tensor) -> Tensor:
        """(n, d) rows of length 1 -> (n,) cosine, -1 to 1."""
        return torch.topk(words @ self.centres.T, NEAREST, dim=1).values.mean(dim=1)

    def forward(self, words: Tensor) -> Tensor:
        """(n, d) rows of length 1 -> (n, 2) weights of the learned and the ConSE part."""
        out = ((self.near - self.closeness(words)) / (self.near - self.far)).clamp(0, 1)[:, None]
        at_home, abroad = self.get_buffer("at_home"), self.get_buffer("abroad")
        return at_home * (1 - out) + abroad * out


NEAREST: Final = 5  # centres that closeness is the mean of


def joined(learned: Tensor, conse: Tensor, weights: Tensor) -> Tensor:
    """(n, a) and (n, b) rows of length 1 with their (n, 2) or (2,) weights -> (n, a + b) rows of length 1."""
    weights = weights.expand(len(learned), 2)
    return functional.normalize(torch.cat([weights[:, :1] * learned, weights[:, 1:] * conse], dim=1), dim=1)


def _layers(size: int, shape: HeadShape) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(size, shape.hidden),
        nn.GELU(),
        nn.Dropout(shape.dropout),
        nn.Linear(shape.hidden, shape.learned),
    )
