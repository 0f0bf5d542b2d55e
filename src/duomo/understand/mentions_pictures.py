"""Which product of a shop the picture of a post shows: the nearest one, if near enough and before others.

A photo by a shopper shows a product in another place, light and cut than the shop's picture does. How sure
the link is was learned on goods photographed anew by a program, a half of which the shop does not sell
(`benchmarks/mentions_pictures.py`); it holds for the vectors of the encoder `pocket`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Final, NamedTuple

from duomo.understand.mentions import Mention

TOWER: Final = "pocket"  # whose vectors of pictures are compared
NEAR: Final = 20  # rows of a shop that are looked at
SURE: Final = 0.8  # probability that a link needs
WRONG: Final = 0.8  # and that of a picture of what was not sold: photos by shoppers deceive; from val
_NEAREST, _AHEAD, _BIAS = 5.70, 35.17, -6.76  # of the cosine, of what it is ahead, of neither; from val


class Near(NamedTuple):
    """A product whose picture is like that of a post."""

    product_id: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """The product that a picture shows."""

    product_id: str
    probability: float
    cosine: float

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract, as `Mention.as_dict` where it is the same."""
        return {
            "product_id": self.product_id,
            "via": "picture",
            "probability": round(self.probability, 4),
            "cosine": round(self.cosine, 4),
        }


def pictured(near: Sequence[Near], *, sure: float = SURE) -> Pictured | None:
    """The product that a picture shows; None where that would be a guess.

    Args:
        near: what the shop has that is like it, the nearest first, perhaps several rows a product.
        sure: probability that a link needs.
    """
    if not near:
        return None
    best = near[0]
    others = [each.cosine for each in near if each.product_id != best.product_id]
    share = probability(best.cosine, best.cosine - max(others, default=0.0))
    if share < sure:
        return None
    return Pictured(product_id=best.product_id, probability=share, cosine=best.cosine)


def probability(nearest: float, ahead: float) -> float:
    """That the nearest product is shown.

    Args:
        nearest: its cosine.
        ahead: how much nearer it is than the next product.
    """
    return 1 / (1 + exp(-(_NEAREST * nearest + _AHEAD * ahead + _BIAS)))


def mentioned(by_words: Sequence[Mention], shown: Pictured | None, brand: str) -> list[dict[str, object]]:
    """What a post speaks of, by its words and by its picture, each product once.

    Args:
        by_words: of `Mentions.find`.
        shown: what the picture shows.
        brand: of that product.
    """
    told: list[dict[str, object]] = []
    for each in by_words:
        line = {**each.as_dict(), "via": "words"}
        if shown and each.product_id == shown.product_id:
            line["pictured"] = round(shown.probability, 4)
            shown = None
        told.append(line)
    if shown is None:
        return told
    # A brand that was named alone is that of the product that is shown.
    told = [line for line in told if line["product_id"] or line["brand"] != brand]
    return [*told, {**shown.as_dict(), "brand": brand}]
