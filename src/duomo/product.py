"""What the shop sells: Product, Variant, Media, Price; and what is said about it: Review, Link."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType
from typing import Final, Literal

Attributes = Mapping[str, tuple[str, ...]]  # "color" -> ("Black", "Blue"): one name, several values
Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder", ""]  # "": not said
MediaKind = Literal["picture", "clip", "sound"]
Role = Literal["main", "alt"]

# What attributes begin with that Duomo has read itself: "inferred.color". They are shown and can be filtered;
# no catalog gives them, and no search goes by them unless it names them (decision 24).
INFERRED: Final = "inferred."

# Decimal places of a currency where they are not two (ISO 4217).
PLACES: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(re.findall("...", "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXVNDVUVXAFXOFXPF"), 0)
    | dict.fromkeys(re.findall("...", "BHDIQDJODKWDLYDOMRTND"), 3)
)


@dataclass(frozen=True, slots=True, order=True)
class Price:
    """An amount in the smallest unit of its currency.

    >>> print(Price.of("1299.5", "CNY"), Price.of(1200, "JPY").minor)
    1299.50 CNY 1200
    """

    minor: int
    currency: str = ""  # ISO 4217; "" where the catalog names none

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str = "") -> "Price":
        """A price from an amount in the currency's main unit; a finer amount is rounded half to even."""
        scaled = Decimal(amount).scaleb(PLACES.get(currency, 2))
        return cls(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)), currency)

    @property
    def major(self) -> float:
        """The amount in the currency's main unit, as the float nearest to it."""
        return float(self.minor / 10 ** PLACES.get(self.currency, 2))

    def __str__(self) -> str:
        places = PLACES.get(self.currency, 2)
        return f"{Decimal(self.minor).scaleb(-places):.{places}f} {self.currency}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture, clip or sound of a product or of one of its variants."""

    source: str  # an absolute path, or an http(s) address
    kind: MediaKind = "picture"
    role: Role = "main"
    hash: str = field(default="", compare=False)  # of the content, once a shop has opened it; "" before


def is_address(source: str) -> bool:
    """Whether the source of a picture is on the web, not a path.

    >>> is_address("HTTPS://example.com/a.jpg"), is_address("/goods/a.jpg")
    (True, False)
    """
    return source[:8].lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a catalog says so: file and line, for reports."""

    file: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One buyable form of a product; its id is the SKU. What it leaves empty it has from its product."""

    id: str
    attributes: Attributes = field(default_factory=dict)  # only its own: "size" -> ("M",)
    price: Price | None = None  # None: the catalog names no price; 0: it is free
    list_price: Price | None = None  # the price before a reduction
    stock: int | None = None
    availability: Availability = ""
    gtin: str = ""
    mpn: str = ""
    url: str = ""
    media: tuple[Media, ...] = ()  # only its own pictures
    origin: Origin = field(default=Origin(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing the shop sells, as its catalog describes it, with every form it is sold in.

    A product without variants of its own has exactly one, with the product's id.
    """

    id: str
    title: str
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()  # the path from the root: ("Apparel", "Topwear")
    attributes: Attributes = field(default_factory=dict)  # of all variants together
    variants: tuple[Variant, ...]
    media: tuple[Media, ...] = ()
    url: str = ""
    origin: Origin = field(default=Origin(), compare=False)

    def media_of(self, variant: Variant) -> tuple[Media, ...]:
        """The variant's own pictures, then those of the product; each source once."""
        return tuple({media.source: media for media in (*variant.media, *self.media)}.values())

    def attributes_of(self, variant: Variant) -> dict[str, tuple[str, ...]]:
        """The product's attributes with the variant's own in their place."""
        return {**self.attributes, **variant.attributes}


def found_by(own: Sequence[Sequence[str]], shared: Sequence[str]) -> list[tuple[str, ...]]:
    """The pictures that each variant of one product is found by, the best first, each once.

    A variant's own pictures show it, those of the product may show another one: so they stand for the
    variants that have none of their own, and besides for the first variant where all have some, that none
    of them is lost.

    Args:
        own: the pictures of each variant, those that cannot be opened left out.
        shared: the pictures of the product, likewise.

    >>> found_by([["red.jpg"], []], ["box.jpg"]), found_by([["red.jpg"], ["blue.jpg"]], ["box.jpg"])
    ([('red.jpg',), ('box.jpg',)], [('red.jpg', 'box.jpg'), ('blue.jpg',)])
    """
    orphaned = all(own)
    return [
        tuple(dict.fromkeys((*each, *(shared if not each or (orphaned and place == 0) else ()))))
        for place, each in enumerate(own)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What one shopper said of a product."""

    product_id: str
    text: str
    title: str = ""
    rating: float | None = None
    user: str = ""
    time: str = ""  # ISO 8601, "" where it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One product that the merchant placed beside another."""

    product_id: str
    linked_id: str
    type: str  # "related", "upsell", "crosssell"
