"""What alignment is trained by: contrastive losses with several right answers, graded or hard."""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

LARGEST_SCALE: Final = 100.0  # a learned temperature below 1/100 makes training unstable (CLIP, section 2.5)


def info_nce(
    pictures: Tensor, texts: Tensor, relevance: Tensor, scale: Tensor | float, *, hardness: float = 0.0
) -> Tensor:
    """Symmetric InfoNCE of pictures and texts, where a picture may have several right texts, and back.

    Each row of similarities is a guess at which columns are right; the loss is the cross-entropy against the
    row's relevance as shares. With relevance 0 or 1 equal texts count as right (supervised contrastive
    learning, Khosla et al. 2020, eq. 2 outside the log); with grades, a purchase may weigh more than a click.
    Columns that are right for nobody are further negatives: hard ones may simply be appended.

    Args:
        pictures: (n, d) rows of length 1.
        texts: (m, d) rows of length 1.
        relevance: (n, m) at least 0; a row or column without any is a negative to all and asks nothing.
        scale: one over the temperature; a tensor may be learned; held to at most 100.
        hardness: 0: all negatives weigh the same; above, near ones weigh exp(hardness * similarity) times
            more (Robinson et al. 2021, eq. 4, with the mean of all weights kept at 1).

    Returns:
        The mean of both directions, a scalar; 0 where nothing is relevant to anything.

    >>> same = torch.eye(3)
    >>> abs(round(info_nce(same, same, torch.eye(3), 100.0).item(), 4))
    0.0
    """
    similarity = pictures @ texts.T
    scale = scale.clamp(max=LARGEST_SCALE) if isinstance(scale, Tensor) else min(scale, LARGEST_SCALE)
    to_texts = _cross_entropy(similarity, relevance, scale, hardness)
    to_pictures = _cross_entropy(similarity.T, relevance.T, scale, hardness)
    return (to_texts + to_pictures) / 2


def nt_xent(first: Tensor, second: Tensor, scale: Tensor | float) -> Tensor:
    """Normalised temperature-scaled cross-entropy of two views of the same things (Chen et al. 2020, eq. 1).

    Args:
        first: (n, d) rows of length 1, one view of each thing.
        second: (n, d) the other view, in the same order.
        scale: one over the temperature.

    Returns:
        The mean over all 2n rows, each of which must find its twin among the other 2n - 1.
    """
    both = torch.cat([first, second])
    similarity = both @ both.T * scale
    itself = torch.eye(len(both), dtype=torch.bool, device=both.device)
    twin = torch.arange(len(both), device=both.device).roll(len(first))
    return functional.cross_entropy(similarity.masked_fill(itself, -torch.inf), twin)


def relevance_of(picture_groups: Tensor, text_groups: Tensor) -> Tensor:
    """(n, m) 1 where picture and text are of one group (equal texts are one group), else 0.

    >>> relevance_of(torch.tensor([1, 2]), torch.tensor([2, 1, 2])).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    return (picture_groups[:, None] == text_groups[None, :]).float()


def _cross_entropy(similarity: Tensor, relevance: Tensor, scale: Tensor | float, hardness: float) -> Tensor:
    """Mean cross-entropy of the rows that ask for anything."""
    logits = similarity * scale
    if hardness > 0:
        wrong = relevance == 0
        pull = torch.where(wrong, hardness * similarity.detach(), -torch.inf)
        count = wrong.sum(dim=1, keepdim=True).clamp(min=1)
        weight = functional.log_softmax(pull, dim=1) + count.log()  # mean weight of the negatives: 1
        logits = torch.where(wrong, logits + weight, logits)
    sums = relevance.sum(dim=1, keepdim=True)
    asked = sums[:, 0] > 0
    if not bool(asked.any()):
        return similarity.sum() * 0
    shares = relevance[asked] / sums[asked]
    return -(shares * functional.log_softmax(logits[asked], dim=1)).sum(dim=1).mean()
