"""What a learned order looks at: numbers of a question and a row that mean the same in every shop.

All come from what search has at hand. NaN: it was not asked, or is not known of this row. No number grows
with the size of a shop, its prices or its encoder: scores are taken on the scale of `order.Scale`, prices by
the middle of the result set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.hits import PartName
from duomo.search.members import Question
from duomo.search.order import Scale, Scored
from duomo.shelf.base import TOKENS, Found, Snapshot
from duomo.shelf.han import has_han
from duomo.shelf.keywords import BREAK, Word

Side = Literal["text", "vision", "attributes", "behaviour"]


class Feature(NamedTuple):
    """One number, and which side of a learned order it belongs to."""

    name: str
    side: Side
    says: str


_RANK: Final = "1 over the place in that list; 0: it is not in it"
FEATURES: Final[tuple[Feature, ...]] = (
    Feature("keywords", "text", "BM25 over the best of the shop, 0 to 1"),
    Feature("keywords rank", "text", _RANK),
    Feature("held", "text", "share of the question's words that the row holds anywhere"),
    Feature("in title", "text", "share of the question's words that the title holds"),
    Feature("in names", "text", "share of them that brand, category and codes hold"),
    Feature("side by side", "text", "share of neighbouring words that stand so in the title, in this order"),
    Feature("first", "text", "1: the title begins with one of the words"),
    Feature("title named", "text", "share of the title's tokens that the question names"),
    Feature("title length", "text", "log2 of the title's tokens over 8"),
    Feature("text", "text", "words against words: 0 is a median pair of chance, 1 the nearest of the shop"),
    Feature("text rank", "text", _RANK),
    Feature("text to picture", "vision", "words against pictures, likewise"),
    Feature("text to picture rank", "vision", _RANK),
    Feature("picture", "vision", "a picture against pictures, likewise"),
    Feature("picture rank", "vision", _RANK),
    Feature("picture to text", "vision", "a picture against words, likewise"),
    Feature("picture to text rank", "vision", _RANK),
    Feature("product", "vision", "an example against what goods say and show, likewise"),
    Feature("product rank", "vision", _RANK),
    Feature("meant", "attributes", "share of the values that the words mean which the row has"),
    Feature("price", "attributes", "log2 of the price over the median of the result set, -3 to 3"),
    Feature("clicked", "behaviour", "log2 of the product's clicks over those that its places give, -3 to 3"),
)
NAMES: Final = tuple(feature.name for feature in FEATURES)
SIDES: Final[tuple[Side, ...]] = ("text", "vision", "attributes", "behaviour")
PARTS: Final[tuple[PartName, ...]] = (
    "keywords",
    "text",
    "text to picture",
    "picture",
    "picture to text",
    "product",
)
WIDEST: Final = 3.0  # doublings, up or down, beyond which prices and clicks are all alike

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question with all that was found for it."""

    snapshot: Snapshot
    question: Question
    lists: Mapping[PartName, Found]
    scale: Scale
    scored: Scored


def features_of(asked: Asked, rows: NDArray[np.int64], clicked: Values) -> NDArray[np.float32]:
    """The features of some rows of a result set.

    Args:
        asked: the question, and the result set before any filter.
        rows: (n,) of the result set.
        clicked: (n,) the feature of that name; NaN: nothing is known.

    Returns:
        (n, features) in the order of `FEATURES`.
    """
    places = np.searchsorted(asked.scored.rows, rows)
    found: dict[str, Values] = {"clicked": np.clip(clicked, -WIDEST, WIDEST)}
    for name in PARTS:
        if name in asked.scale.ends and name in asked.scored.raws:
            low, high = asked.scale.ends[name]
            raw = asked.scored.raws[name][places].astype(np.float64)
            raw = np.where(np.isfinite(raw), raw, np.nan)
            found[name] = np.clip((raw - low) / (high - low), -1, 1)
            found[f"{name} rank"] = _ranks(asked.lists.get(name), rows)
    if "meant" in asked.scored.raws:
        found["meant"] = asked.scored.raws["meant"][places].astype(np.float64)
    if asked.question.words:
        found |= _words(asked.snapshot, rows, asked.question.words)
    found["price"] = _prices(asked.snapshot, asked.scored.rows)[places]
    missing = np.full(rows.size, np.nan)
    return np.stack([found.get(name, missing) for name in NAMES], axis=1).astype(np.float32)


def _ranks(found: Found | None, rows: NDArray[np.int64]) -> Values:
    """(n,) one over the place of each row in a list; 0 where it is not there."""
    ranks = np.zeros(rows.size)
    if found is None or not rows.size:
        return ranks
    order = np.argsort(rows)
    at = np.searchsorted(rows, found.rows, sorter=order)
    at = order[np.minimum(at, rows.size - 1)]
    there = np.flatnonzero(rows[at] == found.rows)
    ranks[at[there]] = 1 / (1 + there)
    return ranks


def _prices(snapshot: Snapshot, rows: NDArray[np.int64]) -> Values:
    """(n,) how many times dearer each row is than the middle one, in doublings."""
    if "price" not in snapshot.schema.names:
        return np.full(rows.size, np.nan)
    prices = snapshot.take(rows, ["price"])["price"].cast(pa.float64()).to_numpy().astype(np.float64)
    prices = np.where(prices > 0, prices, np.nan)
    if np.isnan(prices).all():
        return prices
    return np.asarray(np.clip(np.log2(prices / np.nanmedian(prices)), -WIDEST, WIDEST))


def _words(snapshot: Snapshot, rows: NDArray[np.int64], words: Sequence[Word]) -> dict[str, Values]:
    """What the tokens of the rows say to the words of the question.

    A row is one string of tokens; a token is looked for between blanks. Python's own search in strings is
    several times as fast as Arrow's.
    """
    whole = [f" {text or ''} " for text in snapshot.take(rows, [TOKENS])[TOKENS].to_pylist()]
    fields = [text.split(BREAK, 2) for text in whole]
    title, named = [each[0] for each in fields], [each[1] if each[1:] else "" for each in fields]
    tokens = {f" {token} " for word in words for spelling in word.spellings for token in spelling.tokens}
    length = np.array([max(text.count(" ") - 1, 1) for text in title], np.float64)
    hits = sum((np.array([text.count(token) for text in title]) for token in tokens), np.zeros(rows.size))
    begins = tuple(tokens)
    found = {
        "held": _share(whole, words),
        "in title": _share(title, words),
        "in names": _share(named, words),
        "first": np.array([text.startswith(begins) for text in title], np.float64),
        "title named": np.minimum(hits / length, 1),
        "title length": np.log2(length / 8),
    }
    pairs = [joins for one, other in pairwise(words) if (joins := _joined(one, other))]
    if pairs:
        there = [np.any([_has(title, join) for join in joins], axis=0) for joins in pairs]
        found["side by side"] = np.mean(there, axis=0)
    return found


def _joined(one: Word, other: Word) -> list[str]:
    """What a row of tokens holds where one word stands right before the other.

    Chinese words leave the pair of characters at which they meet; others stand beside each other.

    >>> from duomo.shelf.keywords import question
    >>> _joined(*question("red mug")), _joined(*question("红色 连衣裙"))
    ([' red mug '], [' 色连 '])
    """
    if has_han(one.said[-1]) and has_han(other.said[0]):
        return [f" {one.said[-1]}{other.said[0]} "]
    return [
        f" {first.tokens[-1]} {second.tokens[0]} "
        for first in one.spellings
        for second in other.spellings
        if not has_han(first.tokens[-1])
    ]


def _share(texts: Sequence[str], words: Sequence[Word]) -> Values:
    """(n,) the share of the words of which each text holds a spelling."""
    held = np.zeros(len(texts))
    for word in words:
        spellings = [
            np.all([_has(texts, f" {token} ") for token in spelling.tokens], axis=0)
            for spelling in word.spellings
        ]
        held += np.any(spellings, axis=0)
    return held / len(words)


def _has(texts: Sequence[str], said: str) -> NDArray[np.bool_]:
    return np.array([said in text for text in texts], np.bool_)
