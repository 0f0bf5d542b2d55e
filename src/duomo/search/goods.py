"""Rows of a snapshot to products."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.errors import MissingProduct
from duomo.product import Product, Variant
from duomo.shelf.base import ID, TOKENS, Snapshot
from duomo.shelf.filters import Compare, OneOf, Or
from duomo.shelf.rows import PRODUCT_COLUMNS, product_of

PRODUCT: Final = "product_id"  # the column of the product that a row is a variant of


def goods_of(snapshot: Snapshot, product_ids: Sequence[str]) -> dict[int, tuple[Product, Variant, str]]:
    """Every row of the products with these ids: the product, the variant, its tokens joined by blanks."""
    if not product_ids:
        return {}
    rows = snapshot.search(filter=OneOf(PRODUCT, tuple(product_ids))).rows
    table = snapshot.take(rows, [PRODUCT, ID, TOKENS, *PRODUCT_COLUMNS])
    names, ids, tokens, *shown = (column.to_pylist() for column in table.columns)
    records: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for name, *values in zip(names, *shown, strict=True):
        records[name].append(dict(zip(PRODUCT_COLUMNS, values, strict=True)))
    products = {name: product_of(each) for name, each in records.items()}
    variants = {variant.id: variant for product in products.values() for variant in product.variants}
    return {
        row: (products[name], variants[id], said or "")
        for row, name, id, said in zip(rows.tolist(), names, ids, tokens, strict=True)
    }


def products_of(snapshot: Snapshot, product_ids: Sequence[str]) -> dict[str, Product]:
    """The products with these ids, all their variants included, by id."""
    return {product.id: product for product, _, _ in goods_of(snapshot, product_ids).values()}


def find_product(snapshot: Snapshot, name: str) -> tuple[Product, Variant, NDArray[np.int64]]:
    """The product of a product or variant id, the variant meant (else the first), and the row of the variant.

    Raises:
        MissingProduct: the shop has neither.
    """
    found = (
        snapshot.search(filter=Or((Compare(PRODUCT, "=", name), Compare(ID, "=", name)))).rows
        if len(snapshot)
        else np.zeros(0, np.int64)
    )
    if not found.size:
        remedy = "Search for it by its title, or look at the catalog"
        raise MissingProduct(f"the shop has no product or variant with the id '{name}'", remedy=remedy)
    held = snapshot.take(found, [ID, PRODUCT]).to_pylist()
    exact = next((row for row in held if row[ID] == name), None)
    product = products_of(snapshot, [(exact or held[0])["product_id"]]).popitem()[1]
    variant = next((v for v in product.variants if v.id == name), product.variants[0])
    return product, variant, snapshot.search(filter=Compare(ID, "=", variant.id)).rows
