"""The heads of an encoder: from what frozen towers say to vectors in which words and pictures meet.

A vector has two parts of fixed length. The learned part comes from pairs of pictures and words. The ConSE
part (Norouzi et al., ICLR 2014) needs none: of a picture it is the mean of the names of the best classes,
of words their own place among such names; it holds where the pairs say nothing. How much each part of a
question counts is decided by a gate: the farther the words lie from those that were trained on, the more
the ConSE part counts. A similarity stays one dot product. `duomo.train` makes the numbers; serving them
takes NumPy alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from duomo.arrays import Vectors, unit
from duomo.errors import BadFile
from duomo.files import write_atomic

CLASSES_SEEN: Final = 10  # best classes whose names make the ConSE part of a picture
NEAREST: Final = 5  # centres of the training texts that closeness is the mean of

# How much of a question's weight the ConSE part has against words of goods, at home and abroad. Measured:
# on validation data at home (P@10 of questions in words that were never trained on: 0.49 with the gate of
# pictures, 0.53 so), on graded judgments abroad (benchmarks/search_judged.py).
MEANT_HOME: Final = 0.5
MEANT_ABROAD: Final = 0.95

Floats = NDArray[np.float32]
# What words are made for: to be held against pictures; to be kept, as those of goods; to ask those.
Purpose = Literal["crossing", "kept", "asking"]


@dataclass(frozen=True, slots=True)
class HeadWeights:
    """Every number of a pair of heads, by name; see `NAMES`."""

    arrays: Mapping[str, Floats]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that `save` wrote; raises BadFile where it is damaged or incomplete."""
        try:
            arrays = _whole(load_file(path))
        except (SafetensorError, OSError, ValueError) as error:
            raise BadFile(f"{path} holds no heads ({error})", remedy=_AGAIN) from error
        if missing := sorted(NAMES - arrays.keys()):
            raise BadFile(f"{path} lacks '{missing[0]}'", remedy=_AGAIN)
        return cls(arrays)

    def save(self, path: Path) -> None:
        """Write them in one step: large tables in 8 bits with a scale for each row, the rest in 16."""
        halves = {name: np.asarray(array, np.float16, order="C") for name, array in self.arrays.items()}
        for name in _TABLES & halves.keys():
            table = np.asarray(self.arrays[name], np.float32)
            scale = np.abs(table).max(axis=1, keepdims=True) / 127
            halves[name + _SCALE] = scale.astype(np.float16)
            rows = table / np.maximum(halves[name + _SCALE].astype(np.float32), _LEAST)
            halves[name] = np.clip(np.rint(rows), -127, 127).astype(np.int8)
        write_atomic(path, save(halves))

    @property
    def dim(self) -> int:
        """Numbers of a vector, both parts together."""
        return int(self.arrays["picture.outer.bias"].size + self.arrays["conse.names"].shape[1])

    def pictures(self, features: Floats, colors: Floats) -> Vectors:
        """What the picture tower says of n pictures -> their vectors.

        Args:
            features: (n, seen) of the tower: its features, then what else it sees.
            colors: (n, colors) of `color_histogram`.

        Returns:
            (n, dim) rows of length 1.
        """
        held = self.arrays
        inputs = np.concatenate([features, colors], axis=1)
        classes = held["classify.weight"]
        scores = features[:, : classes.shape[1]] @ classes.T + held["classify.bias"]
        return _joined(
            self._learned("picture", inputs), conse(scores, held["conse.names"]), held["parts.picture"]
        )

    def words(
        self,
        hidden: Floats,
        ids: NDArray[np.integer],
        *,
        least_abroad: float = 0.0,
        purpose: Purpose = "crossing",
    ) -> Vectors:
        """What the text tower says of n texts -> their vectors.

        Args:
            hidden: (n, words) of the tower.
            ids: (n, tokens) of each text, 0 where there is none.
            least_abroad: how far abroad every text is taken to be at least, 0 to 1.
            purpose: what decides how much each part counts: "crossing" (pictures) the gate; "kept" nothing,
                both count alike; "asking" (what was kept) the gate, by weights of its own.

        Returns:
            (n, dim) rows of length 1.

        Raises:
            ValueError: an id is none of the pieces that the heads were trained with.
        """
        own = self.places(hidden)
        if purpose == "kept":
            parts = np.ones((1, 2), np.float32)
        else:
            out = np.maximum(self.abroad(own), np.float32(least_abroad))[:, None]
            meant = np.float32(MEANT_HOME) * (1 - out) + np.float32(MEANT_ABROAD) * out
            parts = np.concatenate([1 - meant, meant], axis=1)
            if purpose == "crossing":
                parts = self.arrays["parts.home"] * (1 - out) + self.arrays["parts.abroad"] * out
        pieces = self.arrays["text.pieces.weight"]
        if ids.size and int(ids.max()) >= len(pieces):
            raise ValueError(f"the heads know {len(pieces)} pieces, the tokenizer has number {ids.max()}")
        known = pieces[ids].sum(axis=1)
        bag = known / np.sqrt(np.maximum((ids > 0).sum(axis=1, keepdims=True), 1)).astype(np.float32)
        return _joined(self._learned("text", hidden, bag @ self.arrays["text.bag.weight"].T), own, parts)

    def places(self, hidden: Floats) -> Vectors:
        """(n, words) of the text tower -> (n, d) their places among the class names, rows of length 1."""
        held = self.arrays
        e5, minilm = (
            unit(hidden @ held[f"{name}.weight"].T + held[f"{name}.bias"]) for name in ("e5", "minilm")
        )
        return unit((np.concatenate([e5, minilm], axis=1) - held["conse.middle"]) @ held["conse.turn"])

    def abroad(self, places: Vectors) -> Floats:
        """(n, d) places -> (n,) how far each lies from the training texts: 0 up to near, 1 from far on."""
        near, far = self.arrays["gate.near"], self.arrays["gate.far"]
        return np.asarray(np.clip((near - self.closeness(places)) / (near - far), 0, 1), np.float32)

    def closeness(self, places: Vectors) -> Floats:
        """(n, d) places -> (n,) how close each is to the texts that were trained on, as a cosine."""
        near = places @ self.arrays["gate.centres"].T
        return np.asarray(np.sort(near, axis=1)[:, -NEAREST:].mean(axis=1), np.float32)

    def _learned(self, side: str, inputs: Floats, bag: Floats | float = 0.0) -> Vectors:
        """Standardised, through a hidden layer to which the bag is added (GELU, tanh form), to length 1."""
        held = self.arrays
        normal = (inputs - held[f"{side}.mean"]) / held[f"{side}.spread"]
        inner = normal @ held[f"{side}.inner.weight"].T + held[f"{side}.inner.bias"] + bag
        bent = 0.5 * inner * (1 + np.tanh(np.float32(0.7978845608) * (inner + 0.044715 * inner**3)))
        return unit(bent @ held[f"{side}.outer.weight"].T + held[f"{side}.outer.bias"])


def _whole(stored: Mapping[str, NDArray[np.generic]]) -> dict[str, Floats]:
    """What a file holds as numbers that can be multiplied."""
    arrays = {name: array.astype(np.float32) for name, array in stored.items() if not name.endswith(_SCALE)}
    return {
        name: array * stored[name + _SCALE].astype(np.float32) if name + _SCALE in stored else array
        for name, array in arrays.items()
    }


def conse(scores: Floats, names: Floats) -> Vectors:
    """(n, classes) scores before softmax and (classes, d) names -> (n, d) their mean by share, length 1.

    >>> conse(np.array([[9.0, 0.0]], np.float32), np.eye(2, dtype=np.float32)).round(2).tolist()
    [[1.0, 0.0]]
    """
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    if scores.shape[1] > CLASSES_SEEN:
        least = np.partition(shares, -CLASSES_SEEN, axis=1)[:, -CLASSES_SEEN, None]
        shares = np.where(shares >= least, shares, np.float32(0))
    return unit(shares @ names)


def _joined(learned: Vectors, other: Vectors, parts: Floats) -> Vectors:
    """(n, a) and (n, b) rows of length 1 with their (2,) or (n, 2) weights -> (n, a + b) rows of length 1."""
    weights = np.broadcast_to(parts, (len(learned), 2))
    return unit(np.concatenate([weights[:, :1] * learned, weights[:, 1:] * other], axis=1))


_LAYERS: Final = frozenset(
    f"{side}.{name}"
    for side in ("picture", "text")
    for name in ("mean", "spread", "inner.weight", "inner.bias", "outer.weight", "outer.bias")
)
NAMES: Final = _LAYERS | {
    *("text.pieces.weight", "text.bag.weight"),  # (pieces, bag) each piece by itself; row 0 is zeros
    *("e5.weight", "e5.bias", "minilm.weight", "minilm.bias"),  # of the text tower, into its teachers' spaces
    *("conse.middle", "conse.turn"),  # those spaces, centred and turned into fewer numbers
    *(
        "classify.weight",
        "classify.bias",
    ),  # (classes, features) the classifier that the picture tower came with
    "conse.names",  # (classes, d) where the names of the classes stand there
    *("gate.centres", "gate.near", "gate.far"),  # of training texts; from near on home, from far on abroad
    *("parts.picture", "parts.home", "parts.abroad"),  # (2,) weights of the learned and the ConSE part
}
_TABLES: Final = frozenset(
    {
        *("text.pieces.weight", "classify.weight"),
        *(f"{side}.{layer}.weight" for side in ("picture", "text") for layer in ("inner", "outer")),
    }
)
_SCALE: Final = "/scale"  # behind a table's name: (rows, 1) what its bytes are multiplied by
_LEAST: Final = 1e-12  # of a row of zeros
_AGAIN: Final = "Install Duomo again, or train the encoder again"
