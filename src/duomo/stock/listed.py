"""The goods of a shop, one after another, without holding all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.compute as pc

from duomo.catalog.feeds.feed import Rating
from duomo.errors import MissingShop
from duomo.product import Product
from duomo.search.goods import PRODUCT
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import OneOf, check, resolve
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import PICTURES, TABLES, VARIANTS, Manifest
from duomo.shelf.rows import PRODUCT_COLUMNS, product_of
from duomo.shelf.tables import Tables

_PAGE: Final = 2000  # rows that are held


def listed(folder: Path, where: str = "") -> Iterator[Product]:
    """Every product that a shop serves, in the order of its first variant's id.

    Only the ids of all rows are held, and the rows of a page of products.

    Args:
        folder: of the shop.
        where: a filter: only the variants that it lets through, and the products that have some.

    Raises:
        MissingShop: there is none, or no build of it has ended yet.
        BadFilter: the filter cannot be meant.
    """
    manifest = Manifest.load(folder)
    if not manifest.served:
        problem = f"no build of the shop in {folder} has ended yet"
        raise MissingShop(problem, remedy=f"Run: duomo build CATALOG --shop {folder}")
    snapshot = LanceShelf(folder / VARIANTS).snapshot(version=manifest.served)
    if not len(snapshot):
        return
    filter = resolve(check(parse(where), snapshot.schema), snapshot) if where.strip() else None
    rows = snapshot.search(filter=filter).rows
    of: defaultdict[str, list[int]] = defaultdict(list)  # product -> its rows
    for row, name in zip(rows.tolist(), snapshot.take(rows, [PRODUCT])[PRODUCT].to_pylist(), strict=True):
        of[name].append(row)
    page: list[list[int]] = []
    held = 0
    for each in of.values():
        page.append(each)
        held += len(each)
        if held >= _PAGE:
            yield from _products(snapshot, page)
            page, held = [], 0
    yield from _products(snapshot, page)


def _products(snapshot: Snapshot, page: list[list[int]]) -> Iterator[Product]:
    rows = np.array([row for each in page for row in each], np.int64)
    if not rows.size:
        return
    records = snapshot.take(rows, PRODUCT_COLUMNS).to_pylist()
    at = 0
    for each in page:
        yield product_of(records[at : at + len(each)])
        at += len(each)


def pictures_in(folder: Path) -> Callable[[Sequence[str]], dict[str, bytes]]:
    """A function from content hashes to the small pictures that a shop keeps; what it lacks is left out."""
    snapshot = LanceShelf(folder / PICTURES).snapshot(latest=True)

    def bodies(hashes: Sequence[str]) -> dict[str, bytes]:
        if not hashes or not len(snapshot):
            return {}
        rows = snapshot.search(filter=OneOf(ID, tuple(hashes))).rows
        table = snapshot.take(rows, [ID, "body"])
        return dict(zip(table[ID].to_pylist(), table["body"].to_pylist(), strict=True))

    return bodies


def ratings(folder: Path) -> dict[str, Rating]:
    """The average rating of each product that was rated, from the reviews that the shop keeps."""
    reviews = Tables(folder / TABLES).scan("reviews")
    if not {"product_id", "rating"} <= set(reviews.schema.names) or not len(reviews):
        return {}
    rated = reviews.filter(pc.is_valid(reviews["rating"]))
    each = rated.group_by("product_id").aggregate([("rating", "mean"), ("rating", "count")]).to_pylist()
    return {e["product_id"]: Rating(float(e["rating_mean"]), int(e["rating_count"])) for e in each}
