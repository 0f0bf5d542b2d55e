"""The text tower: a small bilingual transformer, and the folder that keeps it.

A folder holds `model.safetensors`, `config.json` (the `TextShape`) and `tokenizer.json`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from duomo.arrays import Vectors
from duomo.errors import BadFile, MissingFile
from duomo.files import write_atomic
from duomo.train.starts.bert import padded

WEIGHTS: Final = "model.safetensors"
SHAPE: Final = "config.json"
WORDS: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShape:
    """How large a text tower is."""

    pieces: int
    narrow: int = 160  # width of the piece embeddings, which are most of the weights
    width: int = 256
    layers: int = 3
    heads: int = 4
    inner: int = 1024  # width inside the feed-forward blocks
    tokens: int = 64  # positions; longer texts are cut
    e5: int = 384  # width of the projections into the spaces of the two teachers
    minilm: int = 384


class TextSpaces(NamedTuple):
    """One batch of texts as the tower sees them."""

    hidden: Tensor  # (n, width), as pooled
    e5: Tensor  # (n, 384) rows of length 1
    minilm: Tensor  # (n, 384) rows of length 1


class TextLayer(nn.Module):
    """Attention and two dense layers, each normalised before (pre-norm, Xiong et al. 2020)."""

    def __init__(self, shape: TextShape, drop: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before = nn.LayerNorm(shape.width)
        self.all_three = nn.Linear(shape.width, 3 * shape.width)
        self.mixed = nn.Linear(shape.width, shape.width)
        self.between = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.width)
        self.drop = nn.Dropout(drop)

    def forward(self, rows: Tensor, mask: Tensor) -> Tensor:
        """(n, tokens, width) and a boolean mask (n, 1, 1, tokens) -> (n, tokens, width)."""
        count, tokens, width = rows.shape
        three = self.all_three(self.before(rows)).view(count, tokens, 3, self.heads, width // self.heads)
        query, key, value = three.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        rows = rows + self.drop(self.mixed(mixed.transpose(1, 2).reshape(count, tokens, width)))
        dense: Tensor = self.drop(self.narrow(functional.gelu(self.widen(self.between(rows)))))
        return rows + dense


class TextTower(nn.Module):
    """Token ids to one vector a text, and to its places in the spaces of the teachers."""

    def __init__(self, shape: TextShape, *, drop: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.pieces = nn.Embedding(shape.pieces, shape.narrow)
        self.positions = nn.Embedding(shape.tokens, shape.width)
        self.raise_up = nn.Linear(shape.narrow, shape.width, bias=False)
        self.layers = nn.ModuleList(TextLayer(shape, drop) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.to_e5 = nn.Linear(shape.width, shape.e5)
        self.to_minilm = nn.Linear(shape.width, shape.minilm)
        with torch.no_grad():
            self.positions.weight.copy_(_waves(shape.tokens, shape.width) * 0.1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(n, tokens) ids and mask of 0 and 1 -> (n, width): the mean over the tokens the mask keeps."""
        rows = self.raise_up(self.pieces(input_ids)) + self.positions.weight[: input_ids.shape[1]]
        keep = attention_mask.bool()[:, None, None, :]
        for layer in self.layers:
            rows = layer(rows, keep)
        shares = attention_mask.to(rows.dtype)[..., None]
        pooled: Tensor = (self.norm(rows) * shares).sum(1) / shares.sum(1).clamp(min=1)
        return pooled

    def spaces(self, input_ids: Tensor, attention_mask: Tensor) -> TextSpaces:
        """The pooled vectors and both projections of them."""
        hidden = self(input_ids, attention_mask)
        return TextSpaces(
            hidden,
            functional.normalize(self.to_e5(hidden), dim=-1),
            functional.normalize(self.to_minilm(hidden), dim=-1),
        )


@dataclass(frozen=True, slots=True)
class TextVectors:
    """Texts in the tower's three spaces."""

    hidden: Vectors  # (n, width), as pooled: not of length 1
    e5: Vectors  # (n, 384) rows of length 1, comparable with centred vectors of multilingual-e5-small
    minilm: Vectors  # (n, 384) rows of length 1, comparable with centred vectors of all-MiniLM-L6-v2


def save_tower(tower: TextTower, tokenizer: Tokenizer, folder: Path) -> None:
    """Put a tower into its folder, made if it is not there; the weights are written last."""
    write_atomic(folder / SHAPE, json.dumps(asdict(tower.shape), indent=1) + "\n")
    write_atomic(folder / WORDS, tokenizer.to_str())
    weights = {name: value.detach().contiguous() for name, value in tower.state_dict().items()}
    write_atomic(folder / WEIGHTS, save(weights))


def load_tower(folder: Path, *, drop: float = 0.0) -> tuple[TextTower, Tokenizer]:
    """A tower and its tokenizer, which cuts at the tower's length and does not fill up.

    Args:
        folder: what `save_tower` made.
        drop: share of values dropped when it is trained further.

    Raises:
        MissingFile: a file is not there.
        BadFile: a file is damaged, or belongs to another tower.
    """
    for name in (SHAPE, WORDS, WEIGHTS):
        if not (folder / name).is_file():
            raise MissingFile(f"there is no {folder / name}", remedy="Name the folder of a text tower")
    try:
        shape = TextShape(**json.loads((folder / SHAPE).read_text(encoding="utf-8")))
        tower = TextTower(shape, drop=drop)
        tower.load_state_dict(load_file(folder / WEIGHTS))
    except (ValueError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise BadFile(f"{folder} holds no text tower ({reason})", remedy="Train or copy it again") from error
    try:
        tokenizer = Tokenizer.from_file(str(folder / WORDS))
    except Exception as error:  # the package raises Exception itself, nothing narrower
        problem = f"{folder / WORDS} is no tokenizer ({error})"
        raise BadFile(problem, remedy="Train or copy it again") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(shape.tokens)
    return tower.eval(), tokenizer


def encode_texts(folder: Path, texts: Sequence[str], *, batch: int = 64) -> TextVectors:
    """Texts through the tower of a folder; a row depends on its text alone, up to rounding.

    Args:
        folder: what `save_tower` made.
        texts: any; an empty one gives what the marks of beginning and end give.
        batch: how many run at once.

    Raises:
        MissingFile, BadFile: as `load_tower`.
    """
    tower, tokenizer = load_tower(folder)
    tokens = [found.ids for found in tokenizer.encode_batch([*texts])]
    order = sorted(range(len(texts)), key=lambda number: len(tokens[number]))
    widths = (tower.shape.width, tower.shape.e5, tower.shape.minilm)
    rows = [np.zeros((len(texts), width), dtype=np.float32) for width in widths]
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            found = tower.spaces(*padded([tokens[number] for number in chosen]))
            for space, vectors in zip(rows, found, strict=True):
                space[chosen] = vectors.numpy()
    return TextVectors(*rows)


def _waves(tokens: int, width: int) -> Tensor:
    """Positions as sines and cosines, (tokens, width) (Vaswani et al. 2017, section 3.5)."""
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(tokens)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(tokens, width)
