"""What a learned order is trained by: the listwise softmax cross-entropy.

The whole loss is L + alpha * L_text + beta * L_vision, each term the same loss of another score: the blend
with all curves, with those of the text side alone, with those of the vision side alone. So each side has to
order well by itself, and a hit without a picture is not left to curves that count on the other side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Lists of candidates, one after the other."""

    count: int
    of: Tensor  # (n,) which list each candidate belongs to
    gains: Tensor  # (n,) at least 0, adding up to 1 in each list
    weights: Tensor  # (n,) logarithms of how much each counts in the sum that it is compared with

    @classmethod
    def of_sizes(cls, sizes: Sequence[int], gains: NDArray[np.float64], weights: NDArray[np.float64]) -> Self:
        """Lists of these sizes; weights above 0."""
        return cls(
            count=len(sizes),
            of=torch.repeat_interleave(torch.tensor(list(sizes))),
            gains=torch.tensor(gains),
            weights=torch.tensor(np.log(weights)),
        )


def listwise(scores: Tensor, lists: Segments) -> Tensor:
    """The mean over the lists of the cross-entropy between gains and the softmax of scores.

    This is ListNet with top-one probabilities (Cao et al., ICML 2007) whose targets are gains as shares, as
    Bruch et al. (ICTIR 2019) have it, who show that it bounds the loss in NDCG. It is convex in the scores.

    Args:
        scores: (n,) of all candidates.
        lists: which are compared with each other.

    >>> pair = Segments.of_sizes([2], np.array([1.0, 0.0]), np.ones(2))
    >>> round(listwise(torch.tensor([0.0, 0.0], dtype=torch.float64), pair).item(), 4)
    0.6931
    """
    weighed = scores + lists.weights
    largest = scores.new_full((lists.count,), -torch.inf)
    largest = largest.scatter_reduce(0, lists.of, weighed.detach(), "amax")
    sums = scores.new_zeros(lists.count).scatter_add(0, lists.of, (weighed - largest[lists.of]).exp())
    logs = sums.log() + largest
    return -(lists.gains * (scores - logs[lists.of])).sum() / lists.count
