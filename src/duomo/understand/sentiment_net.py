"""The net that reads a review piece by piece, in both directions, served by NumPy alone.

`duomo.train.opinion` makes it: a table of pieces, a long short-term memory (Hochreiter and Schmidhuber 1997)
in each direction, pooling by attention, maximum and mean, and a linear head.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from duomo.errors import BadFile

TOKENIZER: Final = "tokenizer.json"  # of the text tower
TOKENS: Final = 160  # pieces of a text that are read
DIRECTIONS: Final = ("onward", "backward")
UNKNOWN: Final = 0  # the row of pieces that are not in the table
_LONGEST: Final = 2_000  # characters at each end of a text that are cut into pieces at all
_TOKENS_AT_ONCE: Final = 6_000
_STEPS: Final = 127  # of a weight in 8 bits
_LEAST: Final = 1e-6  # scale, which is kept in 16 bits

Floats = NDArray[np.float32]
Arrays = Mapping[str, NDArray[np.generic]]


def open_tokenizer(towers: Path) -> Tokenizer:
    """The tokenizer of the text tower in a folder; it neither cuts nor fills up."""
    tokenizer = Tokenizer.from_file(str(towers / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def tokens_of(tokenizer: Tokenizer, texts: Sequence[str], most: int = TOKENS) -> list[list[int]]:
    """The pieces of each text; of a long one its beginning and its end, where opinions stand.

    Args:
        tokenizer: of `open_tokenizer`.
        texts: half surrogate pairs are left out.
        most: pieces that are kept.
    """
    cut = [text if len(text) <= 2 * _LONGEST else f"{text[:_LONGEST]} {text[-_LONGEST:]}" for text in texts]
    plain = [text.encode("utf-8", "ignore").decode("utf-8") for text in cut]
    half = most // 2
    return [
        ids if len(ids) <= most else ids[:half] + ids[half - most :]
        for ids in (found.ids for found in tokenizer.encode_batch(plain))
    ]


def places_of(pieces: NDArray[np.integer], ids: Sequence[int]) -> NDArray[np.int64]:
    """Rows of the table for ids of pieces; `UNKNOWN` for those without one.

    >>> places_of(np.array([3, 7]), [7, 5, 3]).tolist()
    [2, 0, 1]
    """
    wanted = np.asarray(ids, np.int64)
    if not len(pieces):
        return np.zeros(len(wanted), np.int64)
    found = np.minimum(np.searchsorted(pieces, wanted), len(pieces) - 1)
    return np.where(pieces[found] == wanted, found + 1, UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWay:
    """An LSTM: gates in the order input, forget, cell, output."""

    enter: Floats  # (width, 4 * state)
    again: Floats  # (state, 4 * state)
    bias: Floats  # (4 * state,)

    def states(self, rows: Floats, counts: NDArray[np.int64]) -> Floats:
        """(tokens, n, width) rows of texts -> (tokens, n, state); texts end at different tokens.

        Args:
            rows: the longest text first.
            counts: (tokens,) how many texts are that long.
        """
        tokens, texts, _ = rows.shape
        size = len(self.again)
        entered = rows @ self.enter + self.bias
        states = np.zeros((tokens, texts, size), np.float32)
        state = np.zeros((texts, size), np.float32)
        cell = np.zeros((texts, size), np.float32)
        for token, count in enumerate(counts.tolist()):
            gates = entered[token, :count] + state[:count] @ self.again
            opened = _sigmoid(gates)
            cell = opened[:, size : 2 * size] * cell[:count] + opened[:, :size] * np.tanh(
                gates[:, 2 * size : 3 * size]
            )
            state = opened[:, 3 * size :] * np.tanh(cell)
            states[token, :count] = state
        return states


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceNet:
    """Texts to scores: log odds of good, then one for each number of stars."""

    tokenizer: Tokenizer
    pieces: NDArray[np.int64]  # (rows - 1,) ids of those that the table has, rising
    table: NDArray[np.int8]  # (rows, width)
    scale: Floats  # (rows,) what each row is multiplied by
    onward: OneWay
    backward: OneWay
    heed: Floats  # (2 * state,) what attention looks for
    head: Floats  # (6 * state, outputs)
    bias: Floats  # (outputs,)

    @classmethod
    def from_arrays(cls, arrays: Arrays, tokenizer: Tokenizer, *, prefix: str, file: str) -> Self:
        """The net that `quantized` gave; raises BadFile where something is missing or does not fit."""

        def wide(name: str) -> Floats:
            steps, scale = arrays[f"{prefix}{name}/int8"], arrays[f"{prefix}{name}/scale"]
            return np.ascontiguousarray(np.asarray(steps, np.float32) * np.asarray(scale, np.float32))

        def plain(name: str) -> Floats:
            return np.asarray(arrays[f"{prefix}{name}"], np.float32)

        try:
            onward, backward = (
                OneWay(enter=wide(f"{way}.enter"), again=wide(f"{way}.again"), bias=plain(f"{way}.bias"))
                for way in DIRECTIONS
            )
            net = cls(
                tokenizer=tokenizer,
                pieces=np.asarray(arrays[f"{prefix}pieces"], np.int64),
                table=np.asarray(arrays[f"{prefix}table/int8"], np.int8),
                scale=np.asarray(arrays[f"{prefix}table/scale"], np.float32)[:, 0],
                onward=onward,
                backward=backward,
                heed=plain("heed"),
                head=wide("head"),
                bias=plain("head.bias"),
            )
        except KeyError as error:
            raise BadFile(f"{file} lacks {error}", remedy="Install Duomo again") from None
        size = len(onward.again)
        if len(net.table) != len(net.pieces) + 1 or net.head.shape != (6 * size, len(net.bias)):
            raise BadFile(f"{file} holds a net whose parts do not fit together", remedy="Install Duomo again")
        return net

    def scores(self, texts: Sequence[str]) -> Floats:
        """(n,) texts -> (n, outputs); up to rounding, a row depends on its text alone."""
        tokens = [places_of(self.pieces, ids) for ids in tokens_of(self.tokenizer, texts)]
        scores = np.zeros((len(texts), len(self.bias)), np.float32)
        for chosen in _batches([len(places) for places in tokens]):
            scores[chosen] = self._batch([tokens[number] for number in chosen])
        return scores

    def _batch(self, tokens: Sequence[NDArray[np.int64]]) -> Floats:
        """Scores of texts of falling length."""
        lengths = np.array([len(places) for places in tokens])
        places = np.full((lengths[0], len(tokens)), UNKNOWN, np.int64)
        for text, found in enumerate(tokens):
            places[: len(found), text] = found
        spots = np.arange(lengths[0])[:, None]
        turned = np.where(spots < lengths, lengths - 1 - spots, spots)
        counts = (spots < lengths).sum(axis=1)
        rows = self.table[places].astype(np.float32) * self.scale[places][..., None]
        onward = self.onward.states(rows, counts)
        backward = self.backward.states(np.take_along_axis(rows, turned[..., None], axis=0), counts)
        states = np.concatenate([onward, np.take_along_axis(backward, turned[..., None], axis=0)], axis=2)
        return self._pooled(states, spots < lengths, lengths) @ self.head + self.bias

    def _pooled(self, states: Floats, there: NDArray[np.bool_], lengths: NDArray[np.int64]) -> Floats:
        """(n, 6 * state): states weighed by attention, their maximum, their mean."""
        heeded = np.where(there, np.tanh(states) @ self.heed, -np.inf)
        shares = np.exp(heeded - heeded.max(axis=0))
        shares = (shares / shares.sum(axis=0)).astype(np.float32)
        most = np.where(there[..., None], states, -np.inf).max(axis=0)
        mean = states.sum(axis=0) / lengths[:, None].astype(np.float32)  # what is not there is 0
        return np.concatenate([np.einsum("tns,tn->ns", states, shares), most, mean], axis=1)


def mean_scores(nets: Sequence[SentenceNet], texts: Sequence[str]) -> Floats:
    """(n, outputs) the mean of what several nets say; there must be one."""
    return np.asarray(np.mean([net.scores(texts) for net in nets], axis=0), np.float32)


def quantized(weights: Mapping[str, Floats], *, axis: int = 0) -> dict[str, NDArray[np.generic]]:
    """Matrices in whole numbers of 8 bits, each with a scale for every place along the other axis.

    Args:
        weights: name -> a matrix.
        axis: 0: a scale for each column; 1: for each row.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, matrix in weights.items():
        scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True) / _STEPS, _LEAST)
        scale = scale.astype(np.float16)
        arrays[f"{name}/int8"] = np.clip(np.rint(matrix / scale), -_STEPS, _STEPS).astype(np.int8)
        arrays[f"{name}/scale"] = scale
    return arrays


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)  # never overflows


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Which texts are read together: those of like length, the longest first."""
    chosen: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if chosen and (len(chosen) + 1) * lengths[chosen[0]] > _TOKENS_AT_ONCE:
            yield chosen
            chosen = []
        chosen.append(number)
    if chosen:
        yield chosen
