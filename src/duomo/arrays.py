"""Shape checks and unit length of NumPy arrays."""

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


def check_vectors(vectors: NDArray[np.floating], *, count: int, dim: int, made_by: str) -> Vectors:
    """The vectors as float32 if they have shape (count, dim) and are finite; ValueError otherwise."""
    if vectors.shape != (count, dim):
        raise ValueError(f"{made_by} gave vectors of shape {vectors.shape}, expected {(count, dim)}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"{made_by} gave vectors that are not finite")
    return np.asarray(vectors, dtype=np.float32)
