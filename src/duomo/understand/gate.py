"""How much words and picture count beside each other: a small gate over what both say.

Each part gives probabilities of its own. The answer is their weighted product, p ~ words^a * picture^b *
prior^c (a logarithmic opinion pool: Genest and Zidek, Statistical Science 1986). The weights come from a
net of a hundred numbers that sees how sure each part is and whether they agree, but no class, so it needs
few rows and holds for classes it has hardly seen. It learns with parts taken away and exchanged at random:
a part that is missing weighs nothing, and one that contradicts a surer part little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile
from duomo.understand.reading import softmax

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

SIGNS: Final = 12  # what the gate sees of a row; see `signs`
_HIDDEN: Final = 8
_WEIGHED: Final = 3  # words, picture, prior
_LEAST: Final = 1e-6  # probability that a part gives to what it does not expect
_NAMES: Final = ("inner", "inner_bias", "outer", "outer_bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the parts say of n rows, each by itself."""

    words: Floats  # (n, classes) probabilities; of a row without words anything
    picture: Floats  # (n, classes)
    has_words: Flags  # (n,)
    has_picture: Flags
    known: Floats  # (n,) share of the words' grams that were learned from, 0 to 1

    def rows(self, chosen: NDArray[np.integer] | Flags) -> "Said":
        """Some of the rows."""
        return Said(
            words=self.words[chosen],
            picture=self.picture[chosen],
            has_words=self.has_words[chosen],
            has_picture=self.has_picture[chosen],
            known=self.known[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The net: SIGNS numbers of a row, a hidden layer (tanh), the weights of words, picture and prior."""

    inner: Floats  # (hidden, SIGNS)
    inner_bias: Floats  # (hidden,)
    outer: Floats  # (3, hidden)
    outer_bias: Floats  # (3,)
    prior: Floats  # (classes,) share of each class among what was learned from

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "") -> Self:
        """From what `as_arrays` gave; raises BadFile where something is missing or has another shape."""
        try:
            held = {name: np.asarray(arrays[prefix + name], np.float32) for name in (*_NAMES, "prior")}
        except KeyError as error:
            raise BadFile(f"the gate lacks {error}", remedy="Train the head again") from error
        hidden = len(held["inner_bias"])
        shapes = {"inner": (hidden, SIGNS), "outer": (_WEIGHED, hidden), "outer_bias": (_WEIGHED,)}
        if wrong := [name for name, shape in shapes.items() if held[name].shape != shape]:
            raise BadFile(f"the gate's '{wrong[0]}' has another shape", remedy="Train the head again")
        return cls(**held)

    def as_arrays(self, prefix: str = "") -> dict[str, NDArray[np.generic]]:
        """Its arrays by name, for a file of safetensors."""
        return {prefix + name: getattr(self, name) for name in (*_NAMES, "prior")}

    def weights(self, said: Said) -> Floats:
        """(n, 3) what words, picture and prior count; a part that is missing counts 0."""
        inner = np.tanh(signs(said) @ self.inner.T + self.inner_bias)
        return _bounded(inner @ self.outer.T + self.outer_bias, said)

    def probabilities(self, said: Said) -> Floats:
        """(n, classes) of both parts together; without any part the prior."""
        weights = self.weights(said)
        scores = weights[:, :1] * _log(said.words) + weights[:, 1:2] * _log(said.picture)
        alone = ~(said.has_words | said.has_picture)
        return softmax(scores + np.where(alone, 1.0, weights[:, 2])[:, None] * _log(self.prior))


def signs(said: Said) -> Floats:
    """(n, SIGNS) what the gate sees: of each part whether it is there, how sure it is and by how much.

    Then what each thinks of the other's best class, how far they overlap (Bhattacharyya), and how much of the
    words is known. All lie between 0 and 1; what a missing part would say is 0.
    """
    there = [said.has_words.astype(np.float32), said.has_picture.astype(np.float32)]
    both = there[0] * there[1]
    rows = np.arange(len(said.words))
    seen = []
    for shares, here in zip((said.words, said.picture), there, strict=True):
        top = np.partition(shares, -2, axis=1)[:, -2:]
        spread = -(shares * _log(shares)).sum(axis=1) / np.log(shares.shape[1])
        seen += [here, here * top[:, 1], here * (top[:, 1] - top[:, 0]), here * spread]
    crossed = [
        both * one[rows, other.argmax(axis=1)]
        for one, other in ((said.words, said.picture), (said.picture, said.words))
    ]
    overlap = both * np.sqrt(said.words * said.picture).sum(axis=1)
    return np.stack([*seen, *crossed, overlap, there[0] * said.known], axis=1).astype(np.float32)


def _bounded(raw: Floats, said: Said) -> Floats:
    """Weights from what the net gives: those of parts above 0 (softplus), and 0 where a part is missing."""
    weights = np.logaddexp(0, raw)
    weights[:, 0] *= said.has_words
    weights[:, 1] *= said.has_picture
    weights[:, 2] = raw[:, 2]
    return np.asarray(weights, np.float32)


def _log(shares: Floats) -> Floats:
    return np.log(np.maximum(shares, np.float32(_LEAST)))
