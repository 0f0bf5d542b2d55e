"""Pairs of pictures and words from a shop's own shelf."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from duomo.errors import BadSetting, DuomoError, Problem
from duomo.guard.fetch import Rules
from duomo.guard.fetched import FetchCache
from duomo.guard.pictures import read_picture
from duomo.product import Product, is_address
from duomo.progress import Tick, silent
from duomo.search.goods import PRODUCT, products_of
from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from duomo.stock.work import Bench
from duomo.train.pairs import Pair, pairs_of, split_families

SHOP: Final = "shop"  # the domain of these pairs
LEAST: Final = 60  # products: with fewer nothing that was measured would mean anything
LEAST_HELD_OUT: Final = 6  # of them in each of the held-out parts
VAL: Final = 0.15  # share of the families of products that says when to stop
TEST: Final = 0.2  # share that says what was gained, asked once
SEED: Final = 7  # never another: what one alignment held out, the next must not learn from
_GLANCE: Final = 32  # pixels: large enough to see that a picture can be opened


class Shelved(NamedTuple):
    """What a shop offers to learn from."""

    pairs: list[Pair]  # split, no family of products in two parts
    problems: tuple[Problem, ...]  # pictures that could not be opened


def pairs_on_shelf(folder: Path, settings: Settings, *, tick: Tick = silent) -> Shelved:
    """Every product on the shelf that has a title and a picture, split by families.

    Args:
        folder: of the shop.
        settings: limits on pictures, and on fetching those at addresses.
        tick: told of every product, as stage "reading".

    Raises:
        BadSetting: there are too few, and of what.
    """
    snapshot = LanceShelf(folder / VARIANTS).snapshot()
    rows = snapshot.search().rows if len(snapshot) else np.zeros(0, np.int64)
    ids = snapshot.take(rows, [PRODUCT])[PRODUCT].to_pylist() if rows.size else []
    products = list(products_of(snapshot, list(dict.fromkeys(ids))).values())
    cache = FetchCache(Bench.of(folder, (), settings).fetched, Rules.of(settings))
    shown: list[Product] = []
    problems: list[Problem] = []
    for number, product in enumerate(products):
        try:
            shown += _with_file(product, cache, settings)
        except DuomoError as error:
            problems.append(_unusable(product, error))
        tick("reading", number + 1, len(products))
    pairs = split_families(pairs_of(shown, domain=SHOP), val=VAL, test=TEST, seed=SEED)
    _check(products, shown, pairs)
    return Shelved(pairs, tuple(problems))


def _with_file(product: Product, cache: FetchCache, settings: Settings) -> list[Product]:
    """The product with its first picture that can be opened, as a file; none where it has no picture."""
    first, failed = product.variants[0], None
    for media in product.media_of(first):
        if media.kind != "picture":
            continue
        try:
            path = cache.path(media.source) if is_address(media.source) else Path(media.source)
            read_picture(
                path,
                side=_GLANCE,
                megapixels=settings.picture_megapixels,
                picture_mb=settings.picture_mb,
            )
        except DuomoError as error:
            failed = failed or error
            continue
        file = (replace(media, source=str(path)),)
        own = media in first.media  # a picture of one variant is of that variant's color
        variant = replace(first, media=file if own else ())
        return [replace(product, variants=(variant,), media=() if own else file)]
    if failed:
        raise failed
    return []


def _check(products: Sequence[Product], shown: Sequence[Product], pairs: Sequence[Pair]) -> None:
    """Refuse a shop that offers too little, and say what it lacks."""
    if not products:
        raise BadSetting("there are no products on the shelf", remedy="Build the shop first")
    if not any(product.title for product in products):
        problem = f"none of the {len(products)} products on the shelf has a title"
        raise BadSetting(
            problem, remedy="An encoder learns from pictures and titles: give the products titles"
        )
    if not shown:
        problem = f"none of the {len(products)} products on the shelf has a picture that can be opened"
        raise BadSetting(
            problem, remedy="An encoder learns from pictures and titles: give the products pictures"
        )
    held_out = min(sum(pair.split == part for pair in pairs) for part in ("val", "test"))
    if len(pairs) < LEAST or held_out < LEAST_HELD_OUT:
        families = len({pair.title for pair in pairs})
        problem = (
            f"{len(pairs)} products with a title and a picture, of {families} different titles, are too few "
            "to learn from and to check what was learned"
        )
        remedy = f"Build the shop with {LEAST} or more, most of them with titles of their own"
        raise BadSetting(problem, remedy=remedy)


def _unusable(product: Product, error: DuomoError) -> Problem:
    return Problem(
        file=product.origin.file,
        line=product.origin.line,
        column="image",
        problem=f"cannot be used: {error.args[0]}",
        remedy=error.remedy,
        severity="warning",
        product_id=product.id,
    )
