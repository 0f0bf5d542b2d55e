"""Finds the spans of aspects and of opinions: a linear chain over tokens, its best path in NumPy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Span = tuple[int, int]
Layer = Literal["aspect", "opinion"]

OUTSIDE, BEGIN, INSIDE = range(3)
TAGS: Final = 3
LAYERS: Final[tuple[Layer, ...]] = ("aspect", "opinion")  # which may overlap, so each has its own tags
FORBIDDEN: Final = -1e4  # a span does not go on where none began
_AT_ONCE: Final = 64  # sentences of like length that are gone through together
_TOKENS_AT_ONCE: Final = 4_000
_STEPS: Final = 127  # of a weight in 8 bits
_NAMES: Final = ("ids", "weights", "scale", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTagger:
    """Weights of features for the tags of both layers."""

    ids: NDArray[np.uint32]  # (k,) features that are known, rising
    weights: NDArray[np.int8]  # (k, LAYERS * TAGS) in steps of `scale`
    scale: Floats  # (LAYERS * TAGS,)
    steps: Floats  # (LAYERS, TAGS + 1, TAGS) from a tag to the next; the last row is for the first token

    @classmethod
    def of(cls, ids: NDArray[np.uint32], weights: Sequence[Floats], steps: Sequence[Floats]) -> Self:
        """From float weights (k, TAGS) and steps for each layer; ids rising."""
        whole = np.concatenate(list(weights), axis=1)
        scale = np.maximum(np.abs(whole).max(axis=0, initial=0.0), 1e-12).astype(np.float32) / _STEPS
        return cls(
            ids=ids,
            weights=np.rint(whole / scale).astype(np.int8),
            scale=scale,
            steps=np.stack(list(steps)).astype(np.float32),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], *, prefix: str, file: str) -> Self:
        """The tagger that `as_arrays` gave; raises BadFile where something is missing or does not fit."""
        try:
            ids, weights, scale, steps = (arrays[f"{prefix}{name}"] for name in _NAMES)
        except KeyError as error:
            raise BadFile(f"{file} lacks {error}", remedy="Install Duomo again") from None
        wide = len(LAYERS) * TAGS
        fits = weights.shape == (len(ids), wide) and scale.shape == (wide,) and len(ids)
        if not fits or steps.shape != (len(LAYERS), TAGS + 1, TAGS):
            problem = f"{file} holds a tagger whose parts do not fit together"
            raise BadFile(problem, remedy="Install Duomo again")
        return cls(
            ids=np.asarray(ids, np.uint32),
            weights=np.asarray(weights, np.int8),
            scale=np.asarray(scale, np.float32),
            steps=np.asarray(steps, np.float32),
        )

    def as_arrays(self, prefix: str = "") -> dict[str, NDArray[np.generic]]:
        """Its arrays by name, for a file of safetensors."""
        arrays: list[NDArray[np.generic]] = [self.ids, self.weights, self.scale, self.steps]
        return {f"{prefix}{name}": array for name, array in zip(_NAMES, arrays, strict=True)}

    def tags(self, features: NDArray[np.uint32], ptr: Ints) -> dict[Layer, Ints]:
        """(t,) the best tags of each layer.

        Args:
            features: (t, f) of tokens.
            ptr: (n + 1,) where sentences begin.
        """
        scores = self.scores(features)
        return {layer: best_tags(scores[layer], self.steps[n], ptr) for n, layer in enumerate(LAYERS)}

    def scores(self, features: NDArray[np.uint32]) -> dict[Layer, Floats]:
        """(t, f) features of tokens -> (t, TAGS) of each layer."""
        scores = np.zeros((len(features), len(self.scale)), np.float32)
        for at in range(0, len(features), _TOKENS_AT_ONCE):
            some = features[at : at + _TOKENS_AT_ONCE]
            places = np.minimum(np.searchsorted(self.ids, some), len(self.ids) - 1)
            token, column = np.nonzero(self.ids[places] == some)
            found = self.weights[places[token, column]].astype(np.int32)
            firsts = np.flatnonzero(np.diff(token, prepend=-1))
            if len(firsts):
                scores[at + token[firsts]] = np.add.reduceat(found, firsts, axis=0) * self.scale
        return {layer: scores[:, TAGS * n : TAGS * (n + 1)] for n, layer in enumerate(LAYERS)}

    def adding(
        self, ids: NDArray[np.uint32], weights: Floats, steps: Mapping[Layer, Floats] | None = None
    ) -> Self:
        """The same tagger with further weights, on top of its own.

        Args:
            ids: (k,) features, rising.
            weights: (k, LAYERS * TAGS).
            steps: (TAGS + 1, TAGS) of a layer, instead of its own.
        """
        every = np.union1d(self.ids, ids)
        whole = np.zeros((len(every), len(self.scale)), np.float32)
        whole[np.searchsorted(every, self.ids)] = self.weights * self.scale
        whole[np.searchsorted(every, ids)] += weights
        stepped = [(steps or {}).get(layer, self.steps[n]) for n, layer in enumerate(LAYERS)]
        return self.of(every, np.split(whole, len(LAYERS), axis=1), stepped)

    def leaning(self, leans: Sequence[float]) -> Self:
        """The same tagger, which begins spans the sooner the more it leans: log odds for each layer."""
        steps = self.steps.copy()
        for n, lean in enumerate(leans):
            steps[n, [OUTSIDE, TAGS], BEGIN] += lean
        return replace(self, steps=steps)


def batches(ptr: Ints, most: int = _AT_ONCE) -> list[tuple[Ints, NDArray[np.bool_]]]:
    """Sentences of like length together: (n, l) their tokens, and (n, l) which of those there are."""
    lengths = np.diff(ptr)
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    found = []
    for at in range(0, len(order), most):
        chosen = order[at : at + most]
        spots = np.arange(lengths[chosen[0]])
        there = spots[None] < lengths[chosen][:, None]
        found.append((np.where(there, ptr[chosen][:, None] + spots, 0), there))
    return found


def best_tags(scores: Floats, steps: Floats, ptr: Ints) -> Ints:
    """(t,) the tags of the best path through each sentence (Viterbi).

    Args:
        scores: (t, TAGS) of tokens.
        steps: (TAGS + 1, TAGS) from a tag to the next; the last row is for the first token.
        ptr: (n + 1,) where sentences begin.
    """
    tags = np.zeros(len(scores), np.int64)
    for tokens, there in batches(ptr):
        n, length = tokens.shape
        sums = scores[tokens[:, 0]] + steps[TAGS]
        back = np.tile(np.arange(TAGS), (length, n, 1))
        for spot in range(1, length):
            go = there[:, spot]
            through = sums[go][:, :, None] + steps[None, :TAGS]
            back[spot, go] = through.argmax(axis=1)
            sums[go] = through.max(axis=1) + scores[tokens[go, spot]]
        path = sums.argmax(axis=1)
        for spot in range(length - 1, -1, -1):
            tags[tokens[there[:, spot], spot]] = path[there[:, spot]]
            path = back[spot, np.arange(n), path]
    return tags


def spans_in(tags: Ints) -> list[Span]:
    """The spans of a sentence's tags, as tokens.

    >>> spans_in(np.array([0, 1, 2, 1, 0]))
    [(1, 3), (3, 4)]
    """
    spans: list[Span] = []
    for place, tag in enumerate(tags.tolist()):
        if tag == BEGIN:
            spans.append((place, place + 1))
        elif tag == INSIDE and spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
    return spans


def tags_of(spans: Sequence[Span], starts: Ints, ends: Ints) -> Ints:
    """(t,) the tags of a sentence whose spans of characters are given; of overlapping ones the first.

    >>> tags_of([(3, 7)], np.array([0, 3, 5]), np.array([2, 5, 7])).tolist()
    [0, 1, 2]
    """
    tags = np.zeros(len(starts), np.int64)
    for start, end in sorted(set(spans)):
        inside = np.flatnonzero((starts < end) & (ends > start))
        if len(inside) and not tags[inside].any():
            tags[inside] = INSIDE
            tags[inside[0]] = BEGIN
    return tags
