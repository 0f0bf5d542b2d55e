"""Goods without a file: what a check is given."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from duomo.catalog.health.findings import Check
from duomo.catalog.health.goods import Goods
from duomo.product import Product, Variant


@pytest.fixture
def product() -> Callable[..., Product]:
    """A product with one variant: product("A", "Red mug", price=Price.of(5), brand="Acme")."""
    of_variants = {"price", "list_price", "stock", "availability", "gtin", "media_of"}

    def make(id: str, title: str = "Mug", **fields: Any) -> Product:
        own = {name: fields.pop(name) for name in of_variants & fields.keys()}
        return Product(id=id, title=title, **{"variants": (Variant(id=id, **own),), **fields})

    return make


@pytest.fixture
def told() -> Callable[[Check, Iterable[Product]], list[tuple[str, str]]]:
    """What a check says of products: [("price-zero", "A"), ...]."""

    def tell(check: Check, products: Iterable[Product]) -> list[tuple[str, str]]:
        found = check(Goods(tuple(products), body=None))
        return [(finding.kind.name, "+".join(finding.products)) for finding in found]

    return tell
