"""Goods that lie in the wrong category: those that a head, learned without them, would put elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from duomo.arrays import Pixels
from duomo.product import Product
from duomo.understand.category import Trained, evidence_of
from duomo.understand.classify import words_of
from duomo.understand.classify_fitting import Fitted
from duomo.understand.classify_goods import Opener
from duomo.understand.reading import Evidence
from duomo.understand.sight import Sight
from duomo.understand.taxonomy import label

SURE: Final = 0.8  # probability of the other category
UNLIKELY: Final = 0.05  # and of the one that it is filed under, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfiled:
    """A product that seems to lie in the wrong category."""

    product_id: str
    title: str
    filed: str
    filed_probability: float
    better: str
    probability: float
    evidence: tuple[Evidence, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        return {
            "product_id": self.product_id,
            "title": self.title,
            "filed": self.filed,
            "filed_probability": round(self.filed_probability, 4),
            "better": self.better,
            "probability": round(self.probability, 4),
            "evidence": [piece.as_dict() for piece in self.evidence],
        }


def suspects(fitted: Fitted, *, sure: float = SURE, unlikely: float = UNLIKELY) -> list[int]:
    """Rows of `Fitted.rows` that are filed wrongly, the surest first.

    Each was judged by a head that had not seen it (confident learning: Northcutt et al., JAIR 2021). Where
    one category lies within the other, the shop has filed it more or less finely, not wrongly.
    """
    rows = np.arange(len(fitted.right))
    best = fitted.unseen.argmax(axis=1)
    own, other = fitted.unseen[rows, fitted.right], fitted.unseen[rows, best]
    found = np.flatnonzero((best != fitted.right) & (other >= sure) & (own <= unlikely))
    classes = fitted.head.card.classes
    apart = [
        int(row)
        for row in found
        if not _within(classes[best[row]], classes[fitted.right[row]])
        and not _within(classes[fitted.right[row]], classes[best[row]])
    ]
    return sorted(apart, key=lambda row: (own[row] - other[row], row))


def misfiled(
    fitted: Fitted,
    products: Sequence[Product],
    opener: Opener,
    sight: Sight,
    *,
    sure: float = SURE,
    unlikely: float = UNLIKELY,
    most: int = 100,
) -> list[Misfiled]:
    """The goods of a shop that seem to lie in the wrong category, the surest first, with evidence.

    Args:
        fitted: learned from these goods.
        products: those with a label, in the order in which `fit_head` was given them.
        opener: of their pictures.
        sight: what sees them.
        sure: probability that another category needs.
        unlikely: probability that the given one may have.
        most: how many are told.
    """
    reader, classes = Trained(fitted.head, sight), fitted.head.card.classes
    found = []
    for row in suspects(fitted, sure=sure, unlikely=unlikely)[:most]:
        product = products[fitted.rows[row]]
        best, own = int(fitted.unseen[row].argmax()), int(fitted.right[row])
        (pixels,) = opener.open([product])
        text = words_of(product, without=fitted.head.card.label)
        found.append(
            Misfiled(
                product_id=product.id,
                title=product.title,
                filed=label(classes[own]),
                filed_probability=float(fitted.unseen[row, own]),
                better=label(classes[best]),
                probability=float(fitted.unseen[row, best]),
                evidence=_why(reader, text, pixels, best),
            )
        )
    return found


def _why(reader: Trained, text: str, pixels: Pixels | None, class_: int) -> tuple[Evidence, ...]:
    return evidence_of(reader, text, pixels, reader.probabilities([text], [pixels])[0], class_=class_)


def _within(node: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return node[: len(other)] == other
