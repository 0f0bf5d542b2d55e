"""Encoders that run an ONNX model: what stands before it (tokens, pixels) and after it (unit length)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from duomo.arrays import Pixels, Vectors, check_vectors, unit
from duomo.encode.base import EncoderCard
from duomo.encode.colors import color_histogram
from duomo.encode.heads import HeadWeights, Purpose
from duomo.encode.onnx import OnnxSession

Said = list[tuple[list[int], NDArray[np.floating], NDArray[np.int64]]]  # places, (n, words), (n, tokens)


class Recent:
    """What a model said of the texts that it read last: the towers that share it ask of one text in turn."""

    def __init__(self) -> None:
        self._last: tuple[tuple[str, ...], Said] = ((), [])

    def get(self, texts: tuple[str, ...]) -> Said | None:
        """What was said of exactly these texts, or None."""
        known, said = (
            self._last
        )  # one reference, so that threads see texts and what was said of them together
        return said if known == texts else None

    def put(self, texts: tuple[str, ...], said: Said) -> None:
        """Remember it, and forget the one before."""
        self._last = (texts, said)


@dataclass(frozen=True, slots=True)
class OnnxText:
    """A tokenizer and a model from `input_ids` and `attention_mask`, (n, tokens) int64 each, to (n, dim).

    Texts of like length run together, filled up with id 0 under a mask of 0. A blank text gives zeros. Up to
    rounding a row depends on its text alone, if the model keeps the mask; a model with dynamically quantized
    activations does not, unless its session has `batch=1`. Heads make the vectors of what the model says.
    """

    card: EncoderCard
    session: OnnxSession
    tokenizer: Tokenizer  # cuts at the most tokens the model takes, and does not fill up
    heads: HeadWeights | None = None
    least_abroad: float = 0.0  # of every question; 0 to 1
    purpose: Purpose = "crossing"  # what the heads make the vectors for
    recent: Recent = field(default_factory=Recent)

    def encode(self, inputs: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, card.dim) float32 rows of length 1, or of zeros where a text is blank.

        Raises:
            ValueError: the model takes other inputs or gives vectors of another shape.
        """
        rows = np.zeros((len(inputs), self.card.dim), dtype=np.float32)
        for chosen, vectors, ids in self._said(inputs):
            if self.heads:
                vectors = self.heads.words(vectors, ids, least_abroad=self.least_abroad, purpose=self.purpose)
            rows[chosen] = _checked(vectors, len(chosen), self.card)
        return rows

    def abroad(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """(n,) texts -> (n,) how far each lies from what the heads learned from, 0 to 1; None without heads.

        A blank text lies nowhere: 0.
        """
        if self.heads is None:
            return None
        far = np.zeros(len(texts), dtype=np.float32)
        for chosen, vectors, _ in self._said(texts):
            far[chosen] = self.heads.abroad(self.heads.places(vectors))
        return far

    def leaning(self, least: float) -> Self:
        """The same tower, which takes every question for at least so far abroad, 0 to 1."""
        return replace(self, least_abroad=least)

    def for_goods(self) -> tuple[Self, Self]:
        """Towers for words of goods, which are kept, and for questions to those; both read with this one.

        Raises:
            ValueError: there are no heads: such words are held against each other as they are.
        """
        if self.heads is None:
            raise ValueError("only heads make words of goods in another way than words")
        card = replace(self.card, version=f"{self.card.version}, kept")
        return replace(self, card=card, purpose="kept"), replace(self, purpose="asking")

    def _said(self, inputs: Sequence[str]) -> Said:
        """What the model says of the texts that are not blank, and their tokens, by their places."""
        texts = tuple(inputs)
        if (known := self.recent.get(texts)) is not None:
            return known
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch([*map(_encodable, inputs)])]
        wordy = [number for number, ids in enumerate(tokens) if ids and inputs[number].strip()]
        by_length = sorted(wordy, key=lambda number: len(tokens[number]))
        said: Said = []
        for start in range(0, len(by_length), self.session.batch):
            chosen = by_length[start : start + self.session.batch]
            ids = np.zeros((len(chosen), len(tokens[chosen[-1]])), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, number in enumerate(chosen):
                ids[row, : len(tokens[number])] = tokens[number]
                mask[row, : len(tokens[number])] = 1
            said.append((chosen, self.session.run({"input_ids": ids, "attention_mask": mask})[0], ids))
        self.recent.put(texts, said)
        return said


@dataclass(frozen=True, slots=True)
class OnnxPicture:
    """A model from pictures to (n, dim).

    It takes bytes, (n, size, size, 3) uint8 made by `square_picture`; or, where a mean and a standard
    deviation are given, (n, 3, size, size) float32 made by `prepare_picture`. Heads make the vectors of what
    the model says and of the pictures' color histograms.
    """

    card: EncoderCard
    session: OnnxSession
    size: int
    mean: tuple[float, float, float] | None = None
    std: tuple[float, float, float] | None = None
    heads: HeadWeights | None = None

    def encode(self, inputs: Sequence[Pixels]) -> Vectors:
        """(n,) pictures of any size, (height, width, 3) uint8 RGB -> (n, card.dim) float32 rows of length 1.

        Raises:
            ValueError: the model takes another input or gives vectors of another shape.
        """
        rows = np.zeros((len(inputs), self.card.dim), dtype=np.float32)
        (name, *_) = self.session.inputs
        for start in range(0, len(inputs), self.session.batch):
            chosen = inputs[start : start + self.session.batch]
            vectors, *_ = self.session.run({name: np.stack([self._prepared(pixels) for pixels in chosen])})
            if self.heads:
                vectors = self.heads.pictures(vectors, color_histogram(chosen))
            rows[start : start + len(chosen)] = _checked(vectors, len(chosen), self.card)
        return rows

    def _prepared(self, pixels: Pixels) -> NDArray[Any]:
        if self.mean is None or self.std is None:
            return square_picture(pixels, self.size)
        return prepare_picture(pixels, self.size, self.mean, self.std)


def prepare_picture(
    pixels: Pixels, size: int, mean: Sequence[float], std: Sequence[float]
) -> NDArray[np.float32]:
    """What a model sees that takes numbers and not bytes: `square_picture`, normal by channel.

    Args:
        pixels: (height, width, 3) RGB.
        size: side of the square.
        mean: of each channel, on the scale of 0 to 1; taken off.
        std: of each channel, on the same scale; divided by.

    Returns:
        (3, size, size)

    >>> prepare_picture(np.zeros((2, 4, 3), np.uint8), 4, [0, 0, 0], [1, 1, 1])[0].tolist()
    [[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]
    """
    shares = square_picture(pixels, size).astype(np.float32) / 255
    normal = (shares - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(normal.transpose(2, 0, 1))


def square_picture(pixels: Pixels, size: int) -> Pixels:
    """The picture in the middle of a white square: what every picture model sees, in training and serving.

    Args:
        pixels: (height, width, 3) RGB; scaled so that the longer side is `size` (bicubic, antialiased).
        size: side of the square.

    Returns:
        (size, size, 3)

    >>> square_picture(np.zeros((2, 4, 3), np.uint8), 4)[:, :, 0].tolist()
    [[255, 255, 255, 255], [0, 0, 0, 0], [0, 0, 0, 0], [255, 255, 255, 255]]
    """
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    if (high, wide) != (height, width):  # pictures are mostly opened at this size
        pixels = np.asarray(Image.fromarray(pixels).resize((wide, high), Image.Resampling.BICUBIC))
    square = np.full((size, size, 3), 255, dtype=np.uint8)
    top, left = (size - high) // 2, (size - wide) // 2
    square[top : top + high, left : left + wide] = pixels
    return square


def _checked(vectors: NDArray[np.floating], count: int, card: EncoderCard) -> Vectors:
    return unit(check_vectors(vectors, count=count, dim=card.dim, made_by=card.name))


def _encodable(text: str) -> str:
    """The text with half characters, which the tokenizer refuses, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
