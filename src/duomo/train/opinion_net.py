"""The net that reads opinions: pieces of words, an LSTM in both directions, three ways of pooling.

Its table of pieces begins as that of the shipped text tower, cut down to its main directions, and learns:
"good" and "bad" are near each other in a table of what is alike in shops. It is small on purpose, as it is
shipped in 8 bits and served by NumPy (`understand.sentiment_net`), which must say the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from duomo.arrays import Vectors
from duomo.errors import BadFile

STARS: Final = 5
OUTPUTS: Final = 1 + STARS  # log odds of good, then a score for each number of stars
WIDTH: Final = 64  # numbers of a piece
STATE: Final = 160  # of the LSTM, in each direction
_LEAST: Final = 8  # reviews must have a piece so often to give it a row
_TABLE: Final = "pieces.weight"
_FAR: Final = 1e4


class OpinionNet(nn.Module):
    """Places in a table of pieces to what a review says."""

    def __init__(self, table: Vectors, *, state: int = STATE, drop: float = 0.0, blind: float = 0.0) -> None:
        """A net that has learned nothing but its table.

        Args:
            table: (rows, width) to begin with.
            state: numbers of the LSTM in each direction.
            drop: share of values dropped before the head, in training.
            blind: share of the table's columns that a text is read without, in training.
        """
        super().__init__()
        width = table.shape[1]
        self.blind = blind
        self.table = nn.Embedding(len(table), width)
        self.table.weight.data.copy_(torch.from_numpy(table))
        self.onward = nn.LSTM(width, state, batch_first=True)
        self.backward = nn.LSTM(width, state, batch_first=True)
        self.heed = nn.Linear(2 * state, 1)
        self.drop = nn.Dropout(drop)
        self.head = nn.Linear(6 * state, OUTPUTS)

    def forward(self, places: Tensor, lengths: Tensor) -> Tensor:
        """(n, tokens) places in the table and (n,) lengths -> (n, OUTPUTS); nothing beyond a length is read.

        Pooled are the states weighed by attention, their maximum and their mean.
        """
        spots = torch.arange(places.shape[1])[None]
        there = (spots < lengths[:, None])[..., None]
        turned = torch.where(there[..., 0], lengths[:, None] - 1 - spots, spots)[..., None]
        rows = self.table(places)
        if self.training and self.blind:
            rows = functional.dropout1d(rows.transpose(1, 2), self.blind).transpose(1, 2)
        onward, _ = self.onward(rows)
        backward, _ = self.backward(_turned(rows, turned))
        states = torch.cat([onward, _turned(backward, turned)], dim=2)
        away = torch.where(there, 0.0, -_FAR)
        shares = torch.softmax(self.heed(torch.tanh(states)) + away, dim=1)
        pooled = [
            (states * shares).sum(1),
            (states + away).amax(1),
            (states * there).sum(1) / lengths[:, None],
        ]
        scores: Tensor = self.head(self.drop(torch.cat(pooled, dim=1)))
        return scores


def _turned(rows: Tensor, order: Tensor) -> Tensor:
    return rows.gather(1, order.expand(-1, -1, rows.shape[2]))


def frequent_pieces(tokens: Iterable[Sequence[int]]) -> NDArray[np.int64]:
    """Ids of the pieces that reviews have often enough, rising."""
    counts = Counter(piece for ids in tokens for piece in ids)
    return np.array(sorted(piece for piece, count in counts.items() if count >= _LEAST), np.int64)


def start_table(path: Path, pieces: NDArray[np.int64], width: int = WIDTH) -> Vectors:
    """(1 + pieces, width) a text tower's table of pieces in its main directions; the first row is 0.

    Args:
        path: `text.onnx` as `export_text` wrote it.
        pieces: ids.
        width: directions that are kept, those in which the pieces differ most.

    Raises:
        BadFile: the file holds another net.
    """
    held = {each.name: each for each in onnx.load(path).graph.initializer}
    try:
        steps, scale = (numpy_helper.to_array(held[f"{_TABLE}/{part}"]) for part in ("int8", "scale"))
        rows = steps[pieces].astype(np.float32) * scale[pieces]
    except (KeyError, IndexError) as error:
        problem = f"{path} is no text tower of this tokenizer ({error})"
        raise BadFile(problem, remedy="Name the text.onnx of Duomo's own towers") from error
    rows -= rows.mean(axis=0)
    _, directions = np.linalg.eigh(rows.T @ rows)
    kept = rows @ directions[:, ::-1][:, :width]
    return np.concatenate([np.zeros((1, width), np.float32), kept / kept.std()]).astype(np.float32)
