"""Offers of schema.org: what is asked for a product, and whether it can be had."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from duomo.catalog.columns import normal
from duomo.catalog.formats.schema_org import Node, term

_LIST_PRICES: Final = frozenset({"ListPrice", "StrikethroughPrice", "MSRP", "SRP", "RegularPrice"})
_NO_PRICES: Final = frozenset({"InvoicePrice", "MinimumAdvertisedPrice"})  # not what a shopper pays
_CHARGES: Final = frozenset({"DeliveryChargeSpecification", "PaymentChargeSpecification"})
# ItemAvailability -> what a shopper can do.
_AVAILABILITY: Final = {
    **dict.fromkeys(("InStock", "LimitedAvailability", "OnlineOnly", "InStoreOnly"), "in_stock"),
    **dict.fromkeys(("OutOfStock", "SoldOut", "Discontinued", "Reserved"), "out_of_stock"),
    **dict.fromkeys(("PreOrder", "PreSale"), "preorder"),
    **dict.fromkeys(("BackOrder", "MadeToOrder"), "backorder"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """One offer: field of a row, or "condition" -> path and text."""

    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    sku: str = ""  # of what is offered, where the offer names it


def terms_of(node: Node) -> list[Terms]:
    """The offers of a product: those with a price first, of these the ones in stock; else as in the file.

    Of an AggregateOffer its single offers, or the lowest price where it names none.
    """
    found = [terms for offer in node.nodes("offers") for terms in _offers(offer)]
    return sorted(found, key=_rank)


def _rank(terms: Terms) -> tuple[bool, bool]:
    is_priced = "price" in terms.fields or "sale_price" in terms.fields
    return not is_priced, normal(terms.fields.get("availability", ("", ""))[1]) != "in_stock"


def _offers(offer: Node) -> Iterator[Terms]:
    inner = list(offer.nodes("offers")) if "AggregateOffer" in offer.types else []
    if inner:
        for each in inner:
            yield _terms(each, offer)
    else:
        yield _terms(offer, offer)


def _terms(offer: Node, around: Node) -> Terms:
    found: dict[str, tuple[str, str]] = {}

    def keep(name: str, path: str, text: str) -> None:
        if text:
            found.setdefault(name, (path, text))

    keep("price", *offer.text("price"))
    for specification in offer.nodes("priceSpecification"):
        _specified(specification, found)
    keep("price", *offer.text("lowPrice"))
    keep("currency", *offer.text("priceCurrency"))
    keep("currency", *around.text("priceCurrency"))
    path, named = offer.text("availability")
    keep("availability", path, _AVAILABILITY.get(term(named), term(named)))
    for level in offer.nodes("inventoryLevel"):
        keep("stock", *level.text("value"))
    keep("stock", *offer.text("inventoryLevel"))
    for name, keys in (("gtin", ("gtin14", "gtin13", "gtin12", "gtin8", "gtin")), ("mpn", ("mpn",))):
        keep(name, *offer.text(*keys))
    keep("url", *offer.text("url"))
    keep("condition", *offer.text("itemCondition"))
    return Terms(found, sku=offer.text("sku")[1])


def _specified(specification: Node, found: dict[str, tuple[str, str]]) -> None:
    """Take the price that a specification names: the one that is asked, or the one before a reduction."""
    path, text = specification.text("price")
    kinds = {term(text) for _, text in specification.texts("priceType")}
    for_members = "validForMemberTier" in specification.value
    by_measure = "referenceQuantity" in specification.value and "price" in found
    if not text or kinds & _NO_PRICES or specification.types & _CHARGES or for_members or by_measure:
        return
    found.setdefault("list_price" if kinds & _LIST_PRICES else "price", (path, text))
    if currency := specification.text("priceCurrency")[1]:
        found.setdefault("currency", (f"{specification.path}.priceCurrency", currency))
