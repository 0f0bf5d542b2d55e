"""What is missing, broken or doubtful in a catalog that could be read."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from duomo.catalog.gtin import gtin14
from duomo.catalog.read import Catalog
from duomo.catalog.rows import Severity
from duomo.errors import DuomoError, Problem
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.product import Origin, Product, Variant, is_address

Check = Callable[[Catalog], Iterable[Problem]]

_ABSURD: Final = 1000  # times the median of its currency: a lost decimal point, most likely
_GLANCE: Final = 32  # pixels: a picture is opened, and not looked at closely
_SHOWN: Final = 5  # how many ids a sentence names


def check(catalog: Catalog, checks: Sequence[Check] | None = None) -> list[Problem]:
    """What the checks find, errors first, then in the order of the files.

    What could not be read at all stands in ``catalog.problems``; this looks at what was read. Where no
    product has a thing (a catalog without prices), that is one problem, not one a product.

    Args:
        catalog: what `read_catalog` returned.
        checks: which checks to make; None: all of `CHECKS`.
    """
    found = (problem for one in (CHECKS if checks is None else checks) for problem in one(catalog))
    return ranked(found)


def ranked(problems: Iterable[Problem]) -> list[Problem]:
    """Errors before warnings, then by file and line."""
    return sorted(
        problems, key=lambda problem: (problem.severity != "error", problem.file, problem.line or 0)
    )


def titles(catalog: Catalog) -> Iterator[Problem]:
    """Products without a title."""
    missing = [product for product in catalog.products if not product.title]
    yield from _lacking(catalog, missing, "title", "is missing", "Shoppers find products by it: fill it in")


def prices(catalog: Catalog) -> Iterator[Problem]:
    """Variants without a price, for nothing, or far dearer than the rest."""
    missing = [p for p in catalog.products if any(variant.price is None for variant in p.variants)]
    yield from _lacking(
        catalog, missing, "price", "is missing", "Fill it in, or name its column with --map price=COLUMN"
    )
    amounts: defaultdict[str, list[int]] = defaultdict(list)
    for _, variant in _variants(catalog):
        if variant.price is not None:
            amounts[variant.price.currency].append(variant.price.minor)
    usual = {currency: median(values) for currency, values in amounts.items()}
    for product, variant in _variants(catalog):
        price = variant.price
        if price is not None and price.minor == 0:
            yield _of(
                product,
                "is zero",
                "Fill in what it costs, unless it is free",
                origin=variant.origin,
                column="price",
                value=str(price),
            )
        elif price is not None and price.minor > _ABSURD * usual[price.currency] > 0:
            problem = f"is more than {_ABSURD} times what is usual in this catalog"
            yield _of(
                product,
                problem,
                "Look for a lost decimal point",
                origin=variant.origin,
                column="price",
                value=str(price),
            )


def pictures(catalog: Catalog) -> Iterator[Problem]:
    """Products without a picture, and picture files that are not there or cannot be opened."""
    bare = [p for p in catalog.products if not p.media and not any(variant.media for variant in p.variants)]
    yield from _lacking(catalog, bare, "image", "is missing", "Name one: it is then found by pictures, too")
    files: dict[str, tuple[Product, Origin]] = {}
    for product in catalog.products:
        placed = [(media, product.origin) for media in product.media]
        placed += [(media, variant.origin) for variant in product.variants for media in variant.media]
        for media, origin in placed:
            if not is_address(media.source):
                files.setdefault(media.source, (product, origin))
    gone = [source for source in files if not os.path.isfile(source)]  # noqa: PTH113 (a Path costs five times the look)
    remedy = "Put the file there, correct the name, or say where pictures lie with --images"
    if len(gone) == len(files) > 1:
        product, origin = files[gone[0]]
        problem = f"and the other {len(gone) - 1} picture files are not there, none of them"
        yield _of(product, problem, remedy, origin=origin, column="image", value=gone[0])
        return
    missing = set(gone)
    for source in gone:
        product, origin = files[source]
        yield _of(product, "is not there", remedy, origin=origin, column="image", value=source)
    for source in (source for source in files if source not in missing):
        try:
            open_picture(picture_bytes(Path(source)), side=_GLANCE)
        except DuomoError as error:
            product, origin = files[source]
            problem = f"cannot be used: {error.args[0]}"
            yield _of(product, problem, error.remedy, origin=origin, column="image", value=source)


def doubles(catalog: Catalog) -> Iterator[Problem]:
    """Products with the same title."""
    groups: defaultdict[str, list[Product]] = defaultdict(list)
    for product in catalog.products:
        if product.title:
            groups[product.title.casefold()].append(product)
    for group in groups.values():
        if len(group) > 1:
            problem = f"is the title of {len(group)} products ({_named([product.id for product in group])})"
            yield _of(
                group[0],
                problem,
                "Say what sets them apart, or group them as variants",
                column="title",
                value=group[0].title,
            )


def variants(catalog: Catalog) -> Iterator[Problem]:
    """Products with variants that no attribute tells apart."""
    for product in catalog.products:
        if len(product.variants) > 1:
            groups: defaultdict[frozenset[tuple[str, tuple[str, ...]]], list[str]] = defaultdict(list)
            for variant in product.variants:
                groups[frozenset(product.attributes_of(variant).items())].append(variant.id)
            for group in groups.values():
                if len(group) > 1:
                    problem = f"has {len(group)} variants that no attribute tells apart ({_named(group)})"
                    yield _of(
                        product, problem, "Give each its own size, color or the like", value=product.title
                    )


def gtins(catalog: Catalog) -> Iterator[Problem]:
    """Trade item numbers that cannot be right."""
    for product, variant in _variants(catalog):
        if variant.gtin:
            try:
                gtin14(variant.gtin)
            except ValueError as error:
                remedy = "Copy it from the package once more, or leave it blank"
                yield _of(
                    product, str(error), remedy, origin=variant.origin, column="gtin", value=variant.gtin
                )


CHECKS: Final[tuple[Check, ...]] = (titles, prices, pictures, doubles, variants, gtins)


def _variants(catalog: Catalog) -> Iterator[tuple[Product, Variant]]:
    return ((product, variant) for product in catalog.products for variant in product.variants)


def _lacking(
    catalog: Catalog, products: Sequence[Product], column: str, problem: str, remedy: str
) -> Iterator[Problem]:
    """One problem a product; one for all of them where every product of several lacks the thing."""
    if len(products) == len(catalog.products) > 1:
        problem = f"{problem} for all {len(products)} products"
        file = products[0].origin.file
        yield Problem(file=file, column=column, problem=problem, remedy=remedy, severity="warning")
        return
    for product in products:
        yield _of(product, problem, remedy, column=column, value=product.title)


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more


def _of(
    product: Product,
    problem: str,
    remedy: str,
    *,
    severity: Severity = "warning",
    origin: Origin | None = None,
    column: str = "",
    value: str = "",
) -> Problem:
    at = origin or product.origin
    return Problem(
        file=at.file,
        line=at.line,
        column=column,
        value=value,
        problem=problem,
        remedy=remedy,
        severity=severity,
        product_id=product.id,
    )
