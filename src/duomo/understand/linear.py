"""Linear heads on n-grams: scores of classes, and which words they come from; serving takes NumPy alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile
from duomo.understand.grams import Grams, Ids
from duomo.understand.reading import Evidence

Floats = NDArray[np.float32]
_AT_ONCE: Final = 200_000  # grams whose weights are gathered together
_STEPS: Final = 127  # of a weight kept in 8 bits
_NAMES: Final = ("ids", "gain", "weights", "scale", "bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearWords:
    """Scores of c classes from the grams of a text.

    A text is the vector of its known grams, each once, with the number `gain` (an idf, say), scaled to
    length 1; its scores are that vector times the weights, plus the bias.
    """

    ids: Ids  # (k,) hashes of the grams that are known, rising
    gain: Floats  # (k,)
    weights: NDArray[np.int8]  # (k, c) of a gram, its gain included, in steps of `scale`
    scale: Floats  # (c,)
    bias: Floats  # (c,)

    @classmethod
    def of(cls, ids: Ids, gain: Floats, weights: Floats, bias: Floats) -> Self:
        """A head from float weights (k, c), which are for vectors of gains; ids in any order, each once."""
        order = np.argsort(ids)
        full = np.asarray(weights, np.float32) * gain[:, None]
        scale = np.maximum(np.abs(full).max(axis=0, initial=0.0), 1e-12).astype(np.float32) / _STEPS
        steps = np.rint(full[order] / scale).astype(np.int8)
        return cls(
            ids=ids[order],
            gain=np.asarray(gain, np.float32)[order],
            weights=steps,
            scale=scale,
            bias=np.asarray(bias, np.float32),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], *, prefix: str, file: str) -> Self:
        """The head that `as_arrays` gave; raises BadFile where something is missing or does not fit."""
        try:
            ids, gain, weights, scale, bias = (arrays[f"{prefix}{name}"] for name in _NAMES)
        except KeyError as error:
            raise BadFile(f"{file} lacks {error}", remedy="Train it again, or install Duomo again") from None
        fits = weights.shape == (len(ids), len(bias)) and len(gain) == len(ids) and len(scale) == len(bias)
        if not fits or weights.dtype != np.int8 or ids.dtype != np.uint32:
            problem = f"{file} holds a head whose parts do not fit together"
            raise BadFile(problem, remedy="Train it again, or install Duomo again")
        return cls(
            ids=np.asarray(ids, np.uint32),
            gain=np.asarray(gain, np.float32),
            weights=np.asarray(weights, np.int8),
            scale=np.asarray(scale, np.float32),
            bias=np.asarray(bias, np.float32),
        )

    def as_arrays(self, prefix: str = "") -> dict[str, NDArray[np.generic]]:
        """Its arrays by name, for a file of safetensors."""
        gain = self.gain.astype(np.float16)
        arrays: list[NDArray[np.generic]] = [self.ids, gain, self.weights, self.scale, self.bias]
        return {f"{prefix}{name}": array for name, array in zip(_NAMES, arrays, strict=True)}

    def scores(self, found: Grams) -> Floats:
        """(n texts) -> (n, c) scores; a text without a known gram has the bias."""
        ids, ptr = found.distinct()
        places, known = self._known(ids)
        rows = np.repeat(np.arange(len(found)), np.diff(ptr))[known]
        places = places[known]
        sums = np.zeros((len(found), len(self.bias)), np.float32)
        squares = np.bincount(rows, self.gain[places] ** 2, minlength=len(found))
        for at in range(0, len(places), _AT_ONCE):
            part = slice(at, at + _AT_ONCE)
            firsts = np.flatnonzero(np.diff(rows[part], prepend=-1))
            if len(firsts):
                together = np.add.reduceat(self.weights[places[part]].astype(np.int32), firsts, axis=0)
                sums[rows[part][firsts]] += together
        lengths = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
        return sums * self.scale / lengths[:, None] + self.bias

    def known(self, found: Grams) -> NDArray[np.float32]:
        """(n,) share of the distinct grams of each text that are known, 0 to 1."""
        ids, ptr = found.distinct()
        _, known = self._known(ids)
        rows = np.repeat(np.arange(len(found)), np.diff(ptr))
        share = np.bincount(rows, known, minlength=len(found)) / np.maximum(np.diff(ptr), 1)
        return share.astype(np.float32)

    def credits(self, found: Grams, text: str, class_: int) -> Floats:
        """(characters,) what each character of a text adds to the score of a class.

        Each distinct gram's weight is shared out among the characters of all its places, so the sum is the
        score without the bias.

        Args:
            found: the grams of this one text.
            text: it.
            class_: column of the weights.
        """
        places, known = self._known(found.ids)
        _, first, times = np.unique(found.ids, return_inverse=True, return_counts=True)
        weights = self.weights[places, class_] * self.scale[class_] * known
        gains = self.gain[places] ** 2 * known
        length = float(np.sqrt(max(float((gains / times[first]).sum()), 1e-12)))
        share = weights / times[first] / length / np.maximum(found.ends - found.starts, 1)
        steps = np.zeros(len(text) + 1, np.float64)
        np.add.at(steps, found.starts, share)
        np.add.at(steps, found.ends, -share)
        return np.cumsum(steps)[:-1].astype(np.float32)

    def _known(self, ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where ids stand among those of the head, and whether they do; one that does not stands at 0."""
        if not len(self.ids):
            return np.zeros(len(ids), np.int64), np.zeros(len(ids), bool)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        known = self.ids[places] == ids
        return np.where(known, places, 0), known


def spans(text: str, words: Sequence[tuple[int, int]], credits: Floats, *, most: int = 5) -> list[Evidence]:
    """The words of a text that add the most to a score, neighbours together, the strongest first.

    Args:
        text: what was read.
        words: where its words stand, in order.
        credits: (characters,) of `LinearWords.credits`.
        most: how many pieces are named.
    """
    sums = [float(credits[start:end].sum()) for start, end in words]
    least = max((abs(each) for each in sums), default=0.0) / 4
    pieces: list[tuple[int, int, float]] = []
    for (start, end), weight in zip(words, sums, strict=True):
        if abs(weight) < least or weight == 0:
            continue
        before = pieces[-1] if pieces else None
        if before and not text[before[1] : start].strip() and (before[2] > 0) == (weight > 0):
            pieces[-1] = (before[0], end, before[2] + weight)
        else:
            pieces.append((start, end, weight))
    pieces.sort(key=lambda piece: (-piece[2], piece[0]))
    strongest = sorted(pieces, key=lambda piece: -abs(piece[2]))[:most]
    return [
        Evidence(part="words", weight=weight, text=text[start:end], start=start, end=end)
        for start, end, weight in pieces
        if (start, end, weight) in strongest
    ]
