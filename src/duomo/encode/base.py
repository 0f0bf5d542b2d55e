"""The promise every encoder keeps: Encoder, its card, and Towers, what a shop calls an encoder."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal, Protocol, Self, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels, Vectors
from duomo.files import hash_bytes, json_line

Modality = Literal["text", "picture"]
Part = Literal["text", "picture", "fused"]  # of a product; fused: both together (`fuse`)

CARD: Final = "card.json"  # what makes a folder an encoder (`folder`)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderCard:
    """What an encoder is and where it comes from; two encoders with one hash give the same vectors."""

    name: str
    modality: Modality
    dim: int
    space: str  # vectors may be compared where this is equal: words with pictures, if both name one space
    licence: str
    source: str  # who made the weights, or the paper of the method
    weights_hash: str = ""  # "" where there are no weights
    version: str = "1"  # raised whenever the same input gives another vector
    training: str = "none"
    quality: str = ""  # measured, with the command that repeats it

    @property
    def hash(self) -> str:
        """Names everything the vectors depend on, and nothing else."""
        depends = (self.name, self.modality, str(self.dim), self.space, self.weights_hash, self.version)
        return hash_bytes(*(part.encode() for part in depends))

    def as_json(self) -> str:
        """The card as one line of JSON, its hash included."""
        return json_line({**asdict(self), "hash": self.hash})


Input = TypeVar("Input", contravariant=True)


class Encoder(Protocol[Input]):
    """Turns inputs of one kind into vectors; anything with these two members is one."""

    @property
    def card(self) -> EncoderCard:
        """Dimension, licence, source and hash of the weights."""

    def encode(self, inputs: Sequence[Input]) -> Vectors:
        """(n,) inputs -> (n, card.dim) float32 rows of length 1; no inputs -> shape (0, dim).

        An input with nothing in it (an empty text) gives a row of zeros. A row does not depend on
        what else is in the batch, nor on its order.
        """


@runtime_checkable
class KnowsHome(Protocol):
    """A tower for words that can say how far texts lie from what it was trained on, and allow for it."""

    def abroad(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """How far texts lie from those that it was trained on.

        Returns:
            (n,) 0: as near as those are to each other, 1: as far as it can tell; None: it cannot tell.
        """

    def leaning(self, least: float) -> Self:
        """The same tower, which takes every question for at least so far abroad.

        Args:
            least: 0 (the tower itself) to 1.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Towers:
    """What a shop calls an encoder: one tower for words, one for pictures; either may be absent.

    Where words are better compared with words in another way than with pictures, there are two more towers:
    one for the words of goods, which are kept, and one for questions to those.
    """

    name: str
    text: Encoder[str] | None = None
    picture: Encoder[Pixels] | None = None
    goods: Encoder[str] | None = None
    asks_goods: Encoder[str] | None = None

    def leaning(self, least: float) -> "Towers":
        """Towers for a shop that lies far from what the words' tower was trained on; see `KnowsHome`."""
        if least <= 0:
            return self
        text, asks = (
            tower.leaning(least) if isinstance(tower, KnowsHome) else tower
            for tower in (self.text, self.asks_goods)
        )
        return replace(self, text=text, asks_goods=asks)

    @property
    def shared(self) -> bool:
        """Whether words and pictures lie in one space, so that words find pictures."""
        return bool(self.text and self.picture and self.text.card.space == self.picture.card.space)

    @property
    def kept(self) -> Encoder[str] | None:
        """The tower that makes the vectors which a shop keeps of its goods' words."""
        return self.goods or self.text

    @property
    def cards(self) -> tuple[EncoderCard, ...]:
        """The cards of the towers that are there, words first."""
        return tuple(tower.card for tower in (self.text, self.picture) if tower)
