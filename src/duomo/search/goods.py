"""Rows of a snapshot to products."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from duomo.errors import MissingProduct
from duomo.product import Product, Variant
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.filters import Compare, OneOf, Or
from duomo.shelf.rows import PRODUCT_COLUMNS, product_of


def products_of(snapshot: Snapshot, product_ids: Sequence[str]) -> dict[str, Product]:
    """The products with these ids, all their variants included, by id."""
    if not product_ids:
        return {}
    found = snapshot.search(filter=OneOf("product_id", tuple(product_ids))).rows
    table = snapshot.take(found, ["product_id", *PRODUCT_COLUMNS])
    rows: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for product_id, *values in zip(*(column.to_pylist() for column in table.columns), strict=True):
        rows[product_id].append(dict(zip(PRODUCT_COLUMNS, values, strict=True)))
    return {product_id: product_of(each) for product_id, each in rows.items()}


def find_product(snapshot: Snapshot, name: str) -> tuple[Product, Variant, NDArray[np.int64]]:
    """The product of a product or variant id, the variant meant (else the first), and the row of the variant.

    Raises:
        MissingProduct: the shop has neither.
    """
    found = (
        snapshot.search(filter=Or((Compare("product_id", "=", name), Compare(ID, "=", name)))).rows
        if len(snapshot)
        else np.zeros(0, np.int64)
    )
    if not found.size:
        remedy = "Search for it by its title, or look at the catalog"
        raise MissingProduct(f"the shop has no product or variant with the id '{name}'", remedy=remedy)
    held = snapshot.take(found, [ID, "product_id"]).to_pylist()
    exact = next((row for row in held if row[ID] == name), None)
    product = products_of(snapshot, [(exact or held[0])["product_id"]]).popitem()[1]
    variant = next((v for v in product.variants if v.id == name), product.variants[0])
    return product, variant, snapshot.search(filter=Compare(ID, "=", variant.id)).rows
