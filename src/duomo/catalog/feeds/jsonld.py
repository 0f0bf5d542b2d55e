"""schema.org in JSON-LD: a Product, or a ProductGroup with its variants, for every product."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from duomo.catalog.feeds.feed import CURRENCY, Entry, Rating, availability_of, safe, teller
from duomo.catalog.text import one_line, plain_text
from duomo.errors import Problem
from duomo.product import Attributes, Media, Product, Variant, is_address

_NATIVE: Final = ("color", "size", "material", "pattern", "weight", "width", "height", "depth")
_VARIES: Final = ("color", "size", "material", "pattern")  # what variesBy may name (Google, product variants)
_AVAILABILITY: Final = {
    "in_stock": "InStock",
    "out_of_stock": "OutOfStock",
    "preorder": "PreOrder",
    "backorder": "BackOrder",
}
_CONDITIONS: Final = ("new", "used", "refurbished", "damaged")
_GENDERS: Final = ("male", "female", "unisex")
_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,4})?")
_VOCABULARY: Final = "https://schema.org"


class JsonLdFeed:
    """One document with all products in its ``@graph``, a product a line.

    Attributes that schema.org has no property for go as ``additionalProperty``. It can stand in a page as it
    is: no ``<`` is in it. Read back, the products are equal as far as those of `GoogleFeed` are.
    """

    begin = f'{{"@context":"{_VOCABULARY}","@graph":[\n'
    between = ",\n"
    end = "\n]}\n"

    def entry(self, product: Product, rating: Rating | None) -> Entry:
        """The product; what search engines ask for and it lacks is a warning."""
        node = node_of(product, rating)
        text = json.dumps(node, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        return Entry(text, 1, tuple(_lacks(product, rating)))


def node_of(product: Product, rating: Rating | None = None) -> dict[str, Any]:
    """A product as an object of schema.org.

    >>> node_of(Product(id="A", title="Red mug", variants=(Variant(id="A"),)))
    {'@type': 'Product', 'sku': 'A', 'name': 'Red mug'}
    """
    attributes = dict(product.attributes)
    alone = len(product.variants) == 1 and product.variants[0].id == product.id
    only = product.variants[0] if alone else None
    if only:
        attributes |= only.attributes
    node: dict[str, Any] = {
        "@type": "Product" if only else "ProductGroup",
        "sku" if only else "productGroupID": product.id,
        "name": safe(product.title, one_line),
        "description": safe(product.description, plain_text),
        "brand": {"@type": "Brand", "name": safe(product.brand, one_line)} if product.brand else None,
        "category": safe(" > ".join(product.category), one_line),
        "url": product.url or (only.url if only else ""),
        "image": _images(product.media_of(only) if only else product.media),
        "aggregateRating": _rated(attributes, rating),
        **_attributes(attributes),
    }
    if only:
        node |= _codes(only) | {"offers": _offer(only)}
    else:
        own = {name for variant in product.variants for name in variant.attributes}
        node["variesBy"] = [f"{_VOCABULARY}/{name}" for name in _VARIES if name in own]
        node["hasVariant"] = [_variant(variant) for variant in product.variants]
    return _without_blanks(node)


def _variant(variant: Variant) -> dict[str, Any]:
    """One form of a product; what it has from the product stands there."""
    node = {
        "@type": "Product",
        "sku": variant.id,
        "url": variant.url,
        "image": _images(variant.media),
        **_attributes(variant.attributes),
        **_codes(variant),
        "offers": _offer(variant),
    }
    return _without_blanks(node)


def _codes(variant: Variant) -> dict[str, Any]:
    return {"gtin14" if len(variant.gtin) == 14 else "gtin": variant.gtin, "mpn": variant.mpn}


def _images(media: Iterable[Media]) -> list[str]:
    return [each.source for each in media if each.kind == "picture"]


def _offer(variant: Variant) -> dict[str, Any] | None:
    """What is asked for a variant; None where the catalog says nothing of it."""
    price, before = variant.price, variant.list_price
    offer: dict[str, Any] = {}
    if price:
        offer |= {"price": f"{price}".split(" ")[0], "priceCurrency": price.currency}
    if price and before and before.currency == price.currency and before > price:
        offer["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": f"{_VOCABULARY}/StrikethroughPrice",
            "price": f"{before}".split(" ")[0],
            **({"priceCurrency": before.currency} if before.currency else {}),
        }
    if known := availability_of(variant):
        offer["availability"] = f"{_VOCABULARY}/{_AVAILABILITY[known]}"
    if variant.stock is not None:
        offer["inventoryLevel"] = {"@type": "QuantitativeValue", "value": variant.stock}
    return {"@type": "Offer", **_without_blanks(offer)} if offer else None


def _attributes(attributes: Attributes) -> dict[str, Any]:
    """Attributes as properties, the others as additionalProperty."""
    node: dict[str, Any] = {}
    others = []
    for name, values in attributes.items():
        if name in _NATIVE:
            node[name] = values[0] if len(values) == 1 else list(values)
        elif name == "condition" and len(values) == 1 and values[0] in _CONDITIONS:
            node["itemCondition"] = f"{_VOCABULARY}/{values[0].title()}Condition"
        elif name == "gender" and len(values) == 1 and values[0] in _GENDERS:
            node["audience"] = {"@type": "PeopleAudience", "suggestedGender": values[0]}
        else:
            value = values[0] if len(values) == 1 else list(values)
            others.append({"@type": "PropertyValue", "name": name, "value": value})
    return {**node, "additionalProperty": others}


def _rated(attributes: dict[str, tuple[str, ...]], rating: Rating | None) -> dict[str, Any] | None:
    """The average rating; one that the catalog names is taken out of the attributes."""
    said = [attributes.get(name, ("",)) for name in ("rating", "rating_count")]
    if rating is None and all(len(each) == 1 and _NUMBER.fullmatch(each[0]) for each in said):
        del attributes["rating"], attributes["rating_count"]
        return {"@type": "AggregateRating", "ratingValue": said[0][0], "reviewCount": said[1][0]}
    if rating is None:
        return None
    mean = round(rating.mean, 2)
    return {"@type": "AggregateRating", "ratingValue": mean, "bestRating": 5, "reviewCount": rating.count}


def _without_blanks(node: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if value not in ("", None, [], {})}


def _lacks(product: Product, rating: Rating | None) -> Iterator[Problem]:
    """What Google's merchant listings ask for (structured data for products, required properties)."""
    tell, fill = teller(product, "schema.org"), "Add it to the catalog and build again"
    if not product.title:
        yield tell("name", "is missing, and search engines ask for it", fill, fatal=False)
    for variant in product.variants:
        tell = teller(product, "schema.org", variant.id)
        pictures = [media for media in product.media_of(variant) if media.kind == "picture"]
        if variant.price is None:
            problem = "is missing, and search engines ask for it"
            yield tell("offers.price", problem, fill, fatal=False)
        elif not variant.price.currency:
            problem = "names no currency, and search engines ask for it"
            yield tell("offers.price", problem, CURRENCY, fatal=False)
        if not any(is_address(media.source) for media in pictures):
            problem = "is no http or https address" if pictures else "is missing"
            remedy = "Name pictures by their addresses in the catalog, or make them with --pictures"
            yield tell("image", problem, remedy, fatal=False)
