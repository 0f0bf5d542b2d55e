"""Attributes of goods, read from words and picture together: one value a facet, how sure, and from what.

What the words name is looked for by name (`spotted`, `amounts`), what the picture shows is seen by heads
(`seen`). Where both speak of a facet and agree, the answer is surer; where the picture is sure of something
else, there is no answer: both values are told, each with what says so.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from duomo.arrays import Pixels
from duomo.product import Product
from duomo.understand.amounts import Amount, amounts_in
from duomo.understand.attributes_merged import Said, Shown, Trust, log_odds, merged, shipped_trust
from duomo.understand.category import unread
from duomo.understand.facets import FACETS, Facet
from duomo.understand.reading import Choice, Doubt, Evidence, Reading
from duomo.understand.seen import Eyes, Looked
from duomo.understand.spotted import Spotter, of_goods
from duomo.understand.spotted_names import fold
from duomo.understand.spotted_worn import Place, place_of

SURE: Final = 0.6  # probability that an answer needs, where nothing else is asked for
_MARKUP: Final = re.compile(r"<[^<>]{1,500}>|&[a-zA-Z]{2,8};|&#\d{1,6};")
# Said in a description, these may be of anything: the goods beside them, the model in the picture.
_TITLE_ONLY: Final = frozenset({"brand", "size", "quantity", "gender"})
# Goods on whose pictures a facet is not looked for: a mug has no season.
_NOT_ON: Final[Mapping[Facet, tuple[Place, ...]]] = {
    "sleeve": ("worn", "other", ""),
    "gender": ("other", ""),
    "season": ("other", ""),
    "usage": ("other", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What is read of one product."""

    title: str
    description: str = ""
    brand: str = ""
    category: str = ""
    picture: Pixels | None = None  # (height, width, 3) uint8 RGB

    @classmethod
    def of(cls, product: Product, picture: Pixels | None = None) -> Self:
        """The words of a product with a picture of it, if there is one."""
        return cls(
            title=product.title,
            description=product.description,
            brand=product.brand,
            category=" ".join(product.category),
            picture=picture,
        )

    @property
    def text(self) -> str:
        """What the places of evidence count in: the title, and in a line of its own the description."""
        return f"{self.title}\n{self.description}" if self.description else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What was read of one product."""

    readings: Mapping[Facet, Reading] = field(default_factory=dict)  # of the facets that something speaks of
    amount: Amount | None = None  # what the reading of the quantity says
    doubt: Doubt | None = None  # why there is no reading at all

    def as_dict(self, *, evidence: bool = True) -> dict[str, object]:
        """With the field names of the machine contract."""
        told: dict[str, object] = {}
        for facet, reading in self.readings.items():
            said = (reading if evidence else replace(reading, evidence=())).as_dict()
            if facet == "quantity" and self.amount:
                said["amount"] = self.amount.as_dict()
            told[facet] = said
        return {"attributes": told, **({"doubt": self.doubt} if self.doubt else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeReader:
    """Reads facets of goods; one serves any number of them."""

    spotter: Spotter
    eyes: Eyes = field(default_factory=Eyes)
    facets: tuple[Facet, ...] = FACETS
    sure: float = SURE  # an answer that is less probable is "don't know"
    trust: Mapping[Facet, Trust] = field(default_factory=shipped_trust)

    @classmethod
    def shipped(
        cls, brands: Iterable[str] = (), *, facets: Sequence[Facet] = FACETS, sure: float = SURE
    ) -> Self:
        """One with the heads that Duomo brings along, which knows these brands.

        >>> reader = AttributeReader.shipped(facets=("color", "sleeve", "quantity"))
        >>> found = reader.read([Goods(title="男士短袖T恤 藏青色 纯棉 2件装")])[0].readings
        >>> [(facet, reading.label) for facet, reading in found.items()]
        [('color', 'navy blue'), ('sleeve', 'short-sleeved'), ('quantity', '2 piece')]
        """
        return cls(spotter=Spotter.of(brands), eyes=Eyes.of(facets=facets), facets=tuple(facets), sure=sure)

    @classmethod
    def of_shop(cls, shop: Path, encoders: Sequence[str], brands: Iterable[str] = ()) -> Self:
        """One for the goods of a shop: with its own heads, and without others if it takes cleared data alone.

        Args:
            shop: its folder.
            encoders: what it is built with.
            brands: of its goods.
        """
        return cls(spotter=Spotter.of(brands), eyes=Eyes.of(shop, encoders))

    def read(self, goods: Sequence[Goods]) -> list[Attributes]:
        """What each of the goods says and shows; of goods that nothing is found of, why."""
        looked = self.eyes.look([each.picture for each in goods], [each.title for each in goods])
        return [self._read(each, looked, row) for row, each in enumerate(goods)]

    def _read(self, goods: Goods, looked: Looked, row: int) -> Attributes:
        text = _MARKUP.sub(lambda markup: " " * len(markup[0]), goods.text)  # places stay as they are
        title = text[: len(goods.title)]
        spots = self.spotter.spots(text, goods.brand)
        amount = next((each for each in amounts_in(title) if each.total > 1), None)
        place = place_of(fold(f"{title} {goods.category}"))
        readings: dict[Facet, Reading] = {}
        for facet in self.facets:
            trust = self.trust.get(facet, Trust())
            if facet == "quantity":
                found = _quantity(amount, text, trust.alone, self.sure) if amount else None
            else:
                end = len(title) if facet in _TITLE_ONLY else len(text)
                own = of_goods([spot for spot in spots if spot.end <= end], facet)
                shown = None if place in _NOT_ON.get(facet, ()) else _shown(facet, looked, row)
                said = Said(spots=own, text=text, title=len(title))
                found = merged(facet, said, shown, trust, self.sure)
            if found is not None:
                readings[facet] = found
        doubt = None if readings else _doubt(text, looked.boxes[row] is not None)
        return Attributes(readings=readings, amount=amount if "quantity" in readings else None, doubt=doubt)


def _shown(facet: Facet, looked: Looked, row: int) -> Shown | None:
    """What the picture of one of the goods says of a facet."""
    shares, box = looked.said.get(facet), looked.boxes[row]
    if shares is None or box is None:
        return None
    told = dict(zip(shares.labels, shares.probabilities[row].tolist(), strict=True))
    return Shown(shares=told, usual=dict(zip(shares.labels, shares.usual.tolist(), strict=True)), box=box)


def _quantity(amount: Amount, text: str, probability: float, sure: float) -> Reading:
    """The amount that a title names, as a reading."""
    piece = text[amount.start : amount.end]
    known = probability >= sure
    evidence = Evidence(
        part="words",
        weight=log_odds(probability) - log_odds(0),
        text=piece,
        start=amount.start,
        end=amount.end,
    )
    return Reading(
        label=amount.label if known else None,
        probability=probability,
        alternatives=() if known else (Choice(amount.label, probability),),
        evidence=(evidence,),
        doubt=None if known else "unsure",
    )


def _doubt(text: str, shown: bool) -> Doubt:
    """Why nothing was found: nothing to read, a script that is not read, or nothing that is known."""
    if not text.strip() and not shown:
        return "empty"
    return unread(text) or "unknown"
