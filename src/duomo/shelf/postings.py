"""Which rows hold which token, and how well they answer a question (BM25)."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.shelf.keywords import needed

K1: Final = 1.2  # how soon further mentions of a token stop counting
B: Final = 0.75  # how much a long text is held against a row


def weights(
    mentions: NDArray[np.integer],
    lengths: NDArray[np.integer],
    *,
    rows_with: NDArray[np.integer] | int,
    rows: int,
    mean_length: float,
) -> NDArray[np.float64]:
    """BM25 of tokens in rows: ln(1 + (N - df + .5) / (df + .5)) * tf / (tf + k1 (1 - b + b len / mean len)).

    Source: Robertson and Zaragoza 2009, as Lucene computes it (without the constant factor k1 + 1).

    Args:
        mentions: (n,) how often the token stands in the row (tf).
        lengths: (n,) how many tokens the row has.
        rows_with: (n,) or one number: in how many rows the token stands (df).
        rows: how many rows there are (N).
        mean_length: tokens a row, on average.
    """
    rarity = np.log1p((rows - rows_with + 0.5) / (np.asarray(rows_with) + 0.5))
    return np.asarray(rarity * mentions / (mentions + K1 * (1 - B + B * lengths / mean_length)))


def score(
    tokens: pa.Array, rows_with: Mapping[str, int], *, rows: int, mean_length: float
) -> NDArray[np.float32]:
    """BM25 of a few rows at hand, by statistics of all rows; the same numbers as `Postings` gives.

    Args:
        tokens: (n,) the rows' tokens, joined by single blanks.
        rows_with: for every distinct token of the question, in how many of all rows it stands.
        rows: how many rows there are in all.
        mean_length: tokens a row, over all rows.
    """
    lists = pc.split_pattern(tokens, " ")
    parents, words = pc.list_parent_indices(lists).to_numpy(), lists.flatten()
    lengths = np.bincount(parents, minlength=len(tokens))
    scores = np.zeros(len(tokens), dtype=np.float64)
    for token, count in rows_with.items():
        hits = pc.equal(words, token).to_numpy(zero_copy_only=False)
        mentions = np.bincount(parents[hits], minlength=len(tokens))
        scores += weights(mentions, lengths, rows_with=count, rows=rows, mean_length=mean_length)
    return scores.astype(np.float32)


def mean_length(tokens: pa.ChunkedArray) -> float:
    """Tokens a row; 1 where there are none at all."""
    counts = pc.add(pc.count_substring(tokens, " "), pc.cast(pc.not_equal(tokens, ""), pa.int32()))
    total = pc.sum(counts).as_py()
    return float(total / len(tokens)) if total else 1.0


class Postings:
    """An inverted index over a column of tokens, in memory."""

    def __init__(self, tokens: pa.Array) -> None:
        """Index (rows,) strings of tokens joined by single blanks; null is a row without any."""
        self._rows = len(tokens)
        lists = pc.split_pattern(tokens.cast(pa.string()), " ")
        parents = pc.list_parent_indices(lists).to_numpy()
        coded = lists.flatten().dictionary_encode()
        words, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)
        if "" in words:  # an empty string splits into one empty token
            real = codes != words.index("")
            parents, codes = parents[real], codes[real]
        lengths = np.bincount(parents, minlength=self._rows)
        # One number a token and row, so that one sort groups by token and counts mentions.
        pairs, mentions = np.unique(codes * max(self._rows, 1) + parents, return_counts=True)
        codes, self._row = np.divmod(pairs, max(self._rows, 1))
        rows_with = np.bincount(codes, minlength=len(words))
        self._ends = np.concatenate(([0], np.cumsum(rows_with)))
        self._code = {word: code for code, word in enumerate(words)}
        self._weight = weights(
            mentions,
            lengths[self._row],
            rows_with=rows_with[codes],
            rows=self._rows,
            mean_length=float(lengths.mean()) if codes.size else 1.0,
        )

    def search(self, question: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows that hold enough of the question's distinct tokens, in order, and their BM25."""
        asked = tuple(dict.fromkeys(question))
        held = np.zeros(self._rows, dtype=np.int16)
        scores = np.zeros(self._rows, dtype=np.float64)
        for token in asked:
            code = self._code.get(token)
            if code is not None:
                span = slice(self._ends[code], self._ends[code + 1])
                held[self._row[span]] += 1
                scores[self._row[span]] += self._weight[span]
        found = np.flatnonzero(held >= max(needed(len(asked)), 1))
        return found, scores[found].astype(np.float32)
