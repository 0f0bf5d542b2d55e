"""Shape checks, unit length, cosine and top-k on NumPy arrays."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (n, dim), rows of length 1, or all zero where there was nothing to encode
Pixels = NDArray[np.uint8]  # (height, width, 3), RGB


def unit(rows: NDArray[np.floating]) -> Vectors:
    """Rows scaled to Euclidean length 1; rows of zeros stay zero.

    Args:
        rows: (n, dim) or (dim,) finite numbers.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def top_k(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """Positions of the k largest scores, best first; equal scores keep the order of their positions.

    Args:
        scores: (n,) finite numbers; -inf marks what must never be returned.
        k: how many, at least 0.

    >>> top_k(np.array([0.1, 0.9, 0.9, -np.inf]), 3).tolist()
    [1, 2, 0]
    """
    eligible = np.flatnonzero(scores > -np.inf)
    if k < eligible.size:
        found = scores[eligible]
        edge = np.partition(found, eligible.size - k)[eligible.size - k] if k else np.inf
        eligible = eligible[found >= edge]  # keeps every tie at the edge, so that the stable sort decides
    order = np.argsort(-scores[eligible], kind="stable")[:k]
    return eligible[order].astype(np.int64)


def check_vectors(vectors: NDArray[np.floating], *, count: int, dim: int, made_by: str) -> Vectors:
    """The vectors as float32 if they have shape (count, dim) and are finite; ValueError otherwise."""
    if vectors.shape != (count, dim):
        raise ValueError(f"{made_by} gave vectors of shape {vectors.shape}, expected {(count, dim)}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"{made_by} gave vectors that are not finite")
    return np.asarray(vectors, dtype=np.float32)
