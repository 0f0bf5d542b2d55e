"""What every feed has in common: it is written product by product, and what it cannot carry is told."""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

from duomo.errors import Problem
from duomo.files import replacing
from duomo.product import Availability, Media, Product, Variant, is_address


@dataclass(frozen=True, slots=True)
class Rating:
    """What shoppers think of a product on the average: 0 to 5, and how many they are."""

    mean: float
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one product, and what is wrong with it."""

    text: str  # "" where nothing of it can be said
    rows: int
    problems: tuple[Problem, ...] = ()


# What helps against prices of no currency.
CURRENCY: Final = "Name it in the catalog, or set currency in duomo.toml, and build again"


class Feed(Protocol):
    """A format of feeds."""

    @property
    def begin(self) -> str:
        """What stands before the products."""

    @property
    def between(self) -> str:
        """What stands between two products."""

    @property
    def end(self) -> str:
        """What stands after them."""

    def entry(self, product: Product, rating: Rating | None) -> Entry:
        """What stands for a product."""


@dataclass(slots=True)
class Written:
    """How a feed came out."""

    products: int = 0  # that it says something of
    rows: int = 0  # variants, or products where the format has one row for all
    left_out: int = 0  # products that it says nothing of
    errors: int = 0  # problems that cost a row
    warnings: int = 0
    problems: list[Problem] = field(default_factory=list)  # the first MOST


MOST: Final = 10_000


def write_feed(
    products: Iterable[Product],
    feed: Feed,
    path: Path | None,
    *,
    ratings: Mapping[str, Rating] | None = None,
) -> Written:
    """Write a feed as a stream, and put it in its place in one step when all of it is written.

    Args:
        products: what to write; one at a time is held.
        feed: the format.
        path: the file; None: nothing is written, only looked whether it could be.
        ratings: product -> its rating, for formats that carry one.
    """
    written = Written()
    if path is None:
        for _ in _texts(products, feed, ratings or {}, written):
            pass
        return written
    with replacing(path) as file:
        file.write(feed.begin)
        for place, text in enumerate(_texts(products, feed, ratings or {}, written)):
            file.write(feed.between + text if place else text)
        file.write(feed.end)
    return written


def _texts(
    products: Iterable[Product], feed: Feed, ratings: Mapping[str, Rating], written: Written
) -> Iterable[str]:
    for product in products:
        entry = feed.entry(product, ratings.get(product.id))
        for problem in entry.problems:
            written.errors += problem.severity == "error"
            written.warnings += problem.severity == "warning"
            if len(written.problems) < MOST:
                written.problems.append(problem)
        if entry.text:
            written.products += 1
            written.rows += entry.rows
            yield entry.text
        else:
            written.left_out += 1


def addressed(product: Product, *, link: str = "", pictures: str = "") -> Product:
    """The product with addresses made by templates where it has none of its own.

    Args:
        product: as the shop has it.
        link: the page of a product or variant: {id} is the variant, {product_id} the product.
        pictures: a picture that is a file: {name} is its name without folders.

    >>> from duomo.product import Variant
    >>> mug = Product(id="A", title="Mug", variants=(Variant(id="A 1"),))
    >>> addressed(mug, link="https://x.cn/{product_id}?v={id}").variants[0].url
    'https://x.cn/A?v=A%201'
    """

    def media(each: tuple[Media, ...]) -> tuple[Media, ...]:
        return tuple(
            replace(m, source=pictures.replace("{name}", quote(re.split(r"[\\/]", m.source)[-1])))
            if pictures and not is_address(m.source)
            else m
            for m in each
        )

    def page(variant: str) -> str:
        return link.replace("{id}", quote(variant, safe="")).replace(
            "{product_id}", quote(product.id, safe="")
        )

    variants = tuple(
        replace(v, url=v.url or (page(v.id) if not product.url else ""), media=media(v.media))
        for v in product.variants
    )
    return replace(product, variants=variants, media=media(product.media))


def availability_of(variant: Variant) -> Availability:
    """Whether a variant can be bought, as its catalog says, or else as its stock does; "": neither says it.

    >>> availability_of(Variant(id="A", stock=0)), availability_of(Variant(id="A", stock=3))
    ('out_of_stock', 'in_stock')
    """
    if variant.availability or variant.stock is None:
        return variant.availability
    return "in_stock" if variant.stock > 0 else "out_of_stock"


def safe(text: str, read: Callable[[str], str]) -> str:
    """The text so that it reads back as it is: what looks like HTML in it is escaped."""
    return text if read(text) == text else html.escape(text, quote=False)


class Tell(Protocol):
    """Makes a problem of a field: what is wrong, and what to do."""

    def __call__(
        self, column: str, problem: str, remedy: str, *, value: str = "", fatal: bool = True
    ) -> Problem:
        """A problem; fatal: the row is left out for it."""


def teller(product: Product, feed: str, variant_id: str = "") -> Tell:
    """What makes the problems of a product, or of one of its variants, in a feed of this name."""
    of = f"product '{product.id}'" if variant_id in ("", product.id) else f"variant '{variant_id}'"

    def tell(column: str, problem: str, remedy: str, *, value: str = "", fatal: bool = True) -> Problem:
        return Problem(
            file=f"{feed} feed, {of}",
            column=column,
            value=value,
            problem=problem,
            remedy=remedy,
            severity="error" if fatal else "warning",
            product_id=product.id,
        )

    return tell
