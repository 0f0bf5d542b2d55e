"""The network that both text teachers are: BERT (Devlin et al. 2019), mean-pooled into one vector a text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from duomo.arrays import Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class BertShape:
    """How large a BERT is."""

    width: int
    layers: int
    heads: int
    inner: int  # width inside the feed-forward blocks
    pieces: int
    positions: int
    kinds: int = 2  # segment embeddings; only the first is ever used here
    epsilon: float = 1e-12


class BertLayer(nn.Module):
    """Attention, then two dense layers, each normalised after its shortcut."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mixed = nn.Linear(width, width)
        self.mixed_norm = nn.LayerNorm(width, shape.epsilon)
        self.widen = nn.Linear(width, shape.inner)
        self.narrow = nn.Linear(shape.inner, width)
        self.norm = nn.LayerNorm(width, shape.epsilon)

    def forward(self, rows: Tensor, mask: Tensor) -> Tensor:
        """(n, tokens, width) and a boolean mask (n, 1, 1, tokens) -> (n, tokens, width)."""
        count, tokens, width = rows.shape

        def split(projection: nn.Linear) -> Tensor:
            heads: Tensor = projection(rows).view(count, tokens, self.heads, width // self.heads)
            return heads.transpose(1, 2)

        query, key, value = split(self.query), split(self.key), split(self.value)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        rows = self.mixed_norm(rows + self.mixed(mixed.transpose(1, 2).reshape(count, tokens, width)))
        normal: Tensor = self.norm(rows + self.narrow(functional.gelu(self.widen(rows))))
        return normal


class Bert(nn.Module):
    """Token ids to one vector a text: the mean over the tokens that the mask keeps, of length 1."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.pieces = nn.Embedding(shape.pieces, shape.width)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.kinds = nn.Embedding(shape.kinds, shape.width)
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.layers = nn.ModuleList(BertLayer(shape) for _ in range(shape.layers))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(n, tokens) ids and mask of 0 and 1 -> (n, width) rows of length 1."""
        spots = self.positions.weight[: input_ids.shape[1]]
        rows = self.norm(self.pieces(input_ids) + spots + self.kinds.weight[0])
        keep = attention_mask.bool()[:, None, None, :]
        for layer in self.layers:
            rows = layer(rows, keep)
        shares = attention_mask.to(rows.dtype)[..., None]
        return functional.normalize((rows * shares).sum(1) / shares.sum(1).clamp(min=1), dim=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    """A text encoder to learn from, and what it wants done to a text first."""

    name: str
    network: Bert
    tokenizer: Tokenizer
    prepare: Callable[[str], str]  # from a plain text to what the tokenizer is given

    def encode(self, texts: Sequence[str], *, max_tokens: int = 40, batch_tokens: int = 512) -> Vectors:
        """(n,) texts -> (n, width) float32 rows of length 1; no texts -> (0, width).

        Texts of like length run together, so a row depends on its text alone up to rounding.

        Args:
            texts: any; what goes beyond `max_tokens` is not read.
            max_tokens: including the marks of beginning and end.
            batch_tokens: about how many tokens run at once; what fits a processor's cache is quickest.
        """
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()
        tokens = [found.ids for found in self.tokenizer.encode_batch([*map(self.prepare, texts)])]
        rows = np.zeros((len(texts), self.network.pieces.embedding_dim), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(tokens[number]))
        start = 0
        with torch.inference_mode():
            while start < len(order):
                longest = len(tokens[order[min(start + 63, len(order) - 1)]])
                chosen = order[start : start + max(1, batch_tokens // longest)]
                start += len(chosen)
                ids, mask = padded([tokens[number] for number in chosen])
                rows[chosen] = self.network(ids, mask).numpy()
        return rows


def padded(tokens: Sequence[Sequence[int]], fill: int = 0) -> tuple[Tensor, Tensor]:
    """Rows of token ids filled up to the longest, and the mask that says which are real.

    >>> ids, mask = padded([[5, 6], [7]])
    >>> ids.tolist(), mask.tolist()
    ([[5, 6], [7, 0]], [[1, 1], [1, 0]])
    """
    longest = max(map(len, tokens), default=0)
    ids = torch.full((len(tokens), longest), fill, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, found in enumerate(tokens):
        ids[row, : len(found)] = torch.tensor(found)
        mask[row, : len(found)] = 1
    return ids, mask
