"""Reviews and ratings of schema.org."""

import re
from collections.abc import Iterator
from typing import Final

from duomo.catalog.formats.schema_org import Node
from duomo.catalog.rows import Notes
from duomo.catalog.text import one_line, plain_text, value_text
from duomo.product import Review

_NUMBER: Final = re.compile(r"\d{1,4}([.,]\d{1,6})?")
_BEST: Final = 5.0  # what a rating is of where it does not say (schema.org, bestRating)


def rating_of(node: Node) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The average rating of a product as attributes: name, path, values."""
    for rating in node.nodes("aggregateRating"):
        for name, keys in (("rating", ("ratingValue",)), ("rating_count", ("reviewCount", "ratingCount"))):
            path, text = rating.text(*keys)
            if text:
                yield name, path, (text,)


def review_of(node: Node, product_id: str, notes: Notes) -> Review | None:
    """The review that a node is; None where it says nothing, which is noted."""
    title, text = (
        one_line(node.text("name", "headline")[1]),
        plain_text(node.text("reviewBody", "description")[1]),
    )
    rating = next(
        (found for each in node.nodes("reviewRating") if (found := _rating(each, notes)) is not None), None
    )
    if not (title or text or rating is not None):
        remedy = "Fill in reviewBody or reviewRating"
        notes.often(
            node.line, "is a review that says nothing", remedy, column=node.path, product_id=product_id
        )
        return None
    return Review(
        product_id=product_id,
        text=text,
        title=title,
        rating=rating,
        user=value_text(node.text("author")[1]),
        time=value_text(node.text("datePublished", "dateCreated")[1]),
    )


def _rating(node: Node, notes: Notes) -> float | None:
    """The rating on a scale that ends at 5; None where it is no number, which is noted."""
    path, text = node.text("ratingValue")
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        notes.often(node.line, "is not a number", "Write it like 4.5", column=path, value=text)
        return None
    best = node.text("bestRating")[1]
    scale = float(best.replace(",", ".")) if _NUMBER.fullmatch(best) else _BEST
    rating = float(text.replace(",", "."))
    return rating if scale in (0.0, _BEST) else round(rating * _BEST / scale, 2)
