"""What shoppers are answered: hits with totals and facets, whole products, columns."""

from collections.abc import Sequence
from typing import Final, Self

from pydantic import BaseModel, Field

from duomo.hits import Hit, Hits, Why
from duomo.product import Attributes, Media, Price, Product, Review, Variant

PICTURE_ROUTE: Final = "/v1/pictures/"


class PriceOut(BaseModel):
    """A price."""

    amount: float = Field(description="in the main unit of the currency", examples=[1299.5])
    currency: str = Field(description="ISO 4217; empty where the catalog names none", examples=["CNY"])
    text: str = Field(description="as it may be shown", examples=["1299.50 CNY"])

    @classmethod
    def of(cls, price: Price | None) -> Self | None:
        """The price, or nothing where the catalog names none."""
        return None if price is None else cls(amount=price.major, currency=price.currency, text=str(price))


class PartOut(BaseModel):
    """What one way of looking gave to a score."""

    name: str = Field(description="'exact', 'keywords', 'text', 'picture' or one against the other")
    rank: int = Field(description="place in that way's own list over the whole shop, from 1")
    raw: float = Field(description="BM25 for keywords, cosine similarity for vectors, 1 for exact")
    share: float = Field(description="of the score; the shares of a hit add up to it")


class WhyOut(BaseModel):
    """What put a hit where it stands."""

    words: list[str] = Field(description="words of the question found in the variant, as stems")
    exact: str = Field(description="'id', 'gtin', 'mpn' or 'title' if the question is that very text")
    encoder: str = Field(description="which model the vector parts come from")
    picture: str = Field(
        description="of the pictures, the one nearest to what was asked: its address ends in this hash; "
        "empty if the hit was not found by a picture"
    )
    parts: list[PartOut]

    @classmethod
    def of(cls, why: Why) -> Self:
        """The reason as the API sends it."""
        parts = [
            PartOut(name=p.name, rank=p.rank, raw=round(p.raw, 4), share=round(p.share, 6)) for p in why.parts
        ]
        return cls(
            words=list(why.words), exact=why.exact, encoder=why.encoder, picture=why.picture, parts=parts
        )


class HitOut(BaseModel):
    """One product that was found, with the variant that fits best."""

    product_id: str = Field(examples=["MH01"])
    variant_id: str = Field(description="the SKU of the variant that fits best", examples=["MH01-M-Black"])
    title: str
    score: float = Field(description="comparable within one answer only")
    why: WhyOut
    brand: str
    category: list[str] = Field(description="the path from the root", examples=[["Apparel", "Topwear"]])
    price: PriceOut | None
    list_price: PriceOut | None = Field(description="the price before a reduction")
    availability: str = Field(description="'in_stock', 'out_of_stock', 'preorder', 'backorder', or not said")
    images: list[str] = Field(description="addresses of JPEGs, the variant's own first")
    variants: int = Field(description="how many variants the product has")
    attributes: dict[str, list[str]] = Field(description="of this variant, and what it has from its product")
    options: dict[str, list[str]] = Field(description="attributes in which the variants differ")
    widened: bool = Field(description="fills the page from outside the result set: in no count")

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """What a client may know about a hit."""
        product, variant = hit.product, hit.variant
        return cls(
            product_id=product.id,
            variant_id=variant.id,
            title=product.title,
            score=round(hit.score, 6),
            why=WhyOut.of(hit.why),
            brand=product.brand,
            category=list(product.category),
            price=PriceOut.of(variant.price),
            list_price=PriceOut.of(variant.list_price),
            availability=variant.availability,
            images=pictures_of(product.media_of(variant)),
            variants=len(product.variants),
            attributes=plain(product.attributes_of(variant)),
            options=options_of(product.variants),
            widened=hit.widened,
        )


class FacetValueOut(BaseModel):
    """One value and how many products choosing it gives."""

    value: str
    count: int


class SearchOut(BaseModel):
    """One page of products, best first, with what is true of the whole result set."""

    hits: list[HitOut]
    total: int = Field(description="products in the result set, all pages")
    facets: dict[str, list[FacetValueOut]] = Field(description="column -> its values, most frequent first")
    understood: dict[str, object] = Field(description="words, filter and encoder as they were used")
    took_ms: float

    @classmethod
    def of(cls, hits: Hits) -> Self:
        """The answer as the API sends it."""
        return cls(
            hits=[HitOut.of(hit) for hit in hits],
            total=hits.total,
            facets={
                name: [FacetValueOut(value=v.value, count=v.count) for v in facet.values]
                for name, facet in hits.facets.items()
            },
            understood=dict(hits.understood),
            took_ms=hits.took_ms,
        )


class VariantOut(BaseModel):
    """One buyable form of a product."""

    id: str = Field(description="the SKU")
    attributes: dict[str, list[str]] = Field(description="only its own", examples=[{"size": ["M"]}])
    price: PriceOut | None
    list_price: PriceOut | None
    stock: int | None
    availability: str
    gtin: str
    mpn: str
    url: str
    images: list[str] = Field(description="only its own")

    @classmethod
    def of(cls, variant: Variant) -> Self:
        """What a client may know about a variant."""
        return cls(
            id=variant.id,
            attributes=plain(variant.attributes),
            price=PriceOut.of(variant.price),
            list_price=PriceOut.of(variant.list_price),
            stock=variant.stock,
            availability=variant.availability,
            gtin=variant.gtin,
            mpn=variant.mpn,
            url=variant.url,
            images=pictures_of(variant.media),
        )


class ReviewOut(BaseModel):
    """What one shopper said; who it was stays with the shop."""

    text: str
    title: str
    rating: float | None
    time: str = Field(description="ISO 8601; empty where it is not known")


class ProductOut(BaseModel):
    """One product with every form it is sold in."""

    product_id: str
    title: str
    description: str
    brand: str
    category: list[str]
    attributes: dict[str, list[str]]
    images: list[str] = Field(description="of the product as a whole; variants have their own")
    url: str
    options: dict[str, list[str]] = Field(description="attributes in which the variants differ")
    variants: list[VariantOut]
    reviews: list[ReviewOut]

    @classmethod
    def of(cls, product: Product, reviews: Sequence[Review]) -> Self:
        """What a client may know about a product."""
        return cls(
            product_id=product.id,
            title=product.title,
            description=product.description,
            brand=product.brand,
            category=list(product.category),
            attributes=plain(product.attributes),
            images=pictures_of(product.media),
            url=product.url,
            options=options_of(product.variants),
            variants=[VariantOut.of(variant) for variant in product.variants],
            reviews=[ReviewOut(text=r.text, title=r.title, rating=r.rating, time=r.time) for r in reviews],
        )


class ColumnOut(BaseModel):
    """A column that can be filtered and counted."""

    name: str = Field(examples=["color"])
    kind: str = Field(description="'text', 'texts' (several values), 'path' (categories) or 'number'")
    facet: bool = Field(description="few enough values, on enough products, to be offered as a facet")


class ColumnsOut(BaseModel):
    """The columns of the shop."""

    columns: list[ColumnOut]


def pictures_of(media: Sequence[Media]) -> list[str]:
    """Addresses of the pictures that the shop could open, each once."""
    found = [m.hash for m in media if m.kind == "picture" and m.hash]
    return [PICTURE_ROUTE + hash for hash in dict.fromkeys(found)]


def options_of(variants: Sequence[Variant]) -> dict[str, list[str]]:
    """The attributes in which variants differ: name -> values in the order of the variants.

    >>> red, blue = ({"color": (name,), "size": ("M",)} for name in ("red", "blue"))
    >>> options_of([Variant(id="1", attributes=red), Variant(id="2", attributes=blue)])
    {'color': ['red', 'blue']}
    """
    seen: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, values in variant.attributes.items():
            seen.setdefault(name, {}).update(dict.fromkeys(values))
    return {name: list(values) for name, values in seen.items() if len(values) > 1}


def plain(attributes: Attributes) -> dict[str, list[str]]:
    """Attributes as JSON has them."""
    return {name: list(values) for name, values in attributes.items()}
