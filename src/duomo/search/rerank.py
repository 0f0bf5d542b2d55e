"""A learned order: a small scorer that looks at the best products of a result set once more.

It is a generalised additive model (Hastie and Tibshirani 1986): one curve for each feature, a line with a few
bends, and what the curves give is added up. So each side (text, vision, attributes, behaviour) can be told
what it gave to a hit, and a person can read every curve in the model's card. The score stays a convex
combination: the blend keeps a weight, the curves share the rest, and no score leaves 0 to 1.

`duomo.train.rank` makes the numbers; serving them takes NumPy alone.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.errors import BadFile, MissingFile
from duomo.files import hash_bytes
from duomo.hits import PartName
from duomo.search.features import FEATURES, NAMES, SIDES, Asked, Side, features_of
from duomo.search.members import Question
from duomo.search.order import PARTIAL, WEIGHTS, Scored
from duomo.search.page import Ranked, best_rows

DEPTH: Final = 200  # products that are looked at; always as many, so that pages do not depend on their size
CARD: Final = "card.json"
MADE_FOR: Final = "made_for"  # in a card: `fingerprint`
LEARNED: Final[Mapping[Side, PartName]] = {
    "text": "learned text",
    "vision": "learned vision",
    "attributes": "learned attributes",
    "behaviour": "learned behaviour",
}

log = logging.getLogger(__name__)
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """What one feature gives: straight lines between points, level beyond them."""

    at: tuple[float, ...]  # (k,) of the feature, ascending
    gives: tuple[float, ...]  # (k,) not negative
    missing: float  # where nothing is known, or nothing was asked

    def __call__(self, values: NDArray[np.floating[Any]]) -> Values:
        """(n,) what it gives to each value; NaN is missing.

        >>> Curve((0.0, 1.0), (0.0, 0.2), 0.05)(np.array([0.5, 2.0, np.nan])).tolist()
        [0.1, 0.2, 0.05]
        """
        known = np.nan_to_num(values.astype(np.float64))
        return np.where(np.isnan(values), self.missing, np.interp(known, self.at, self.gives))

    @property
    def most(self) -> float:
        """The largest that it gives."""
        return max(*self.gives, self.missing)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The best products of a result set, each with its best row, best first."""

    rows: NDArray[np.int64]  # (n,)
    products: tuple[str, ...]  # (n,) ids
    features: NDArray[np.float32]  # (n, features)
    blend: Values  # (n,) what the parts of the question give together, without an exact name
    exact: NDArray[np.bool_]  # (n,) asked for by name: in front, whatever is learned
    kind: str  # what the question is made of: see `kind_of`


class Scorer(Protocol):
    """Gives what a hit's features are worth. `duomo.train` listens in with one that gives nothing."""

    def clicked(self, products: Sequence[str]) -> Values:
        """(n,) the feature of that name; NaN: nothing is known."""

    def gives(self, candidates: Candidates) -> "Given | None":
        """What each side gives; None: the blend's order stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a scorer makes of candidates."""

    blend: float  # weight that the blend keeps, 0 to 1
    sides: Mapping[Side, Values]  # (n,) not negative; together at most 1 less that weight


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedOrder:
    """A scorer that was trained for one shop and one of its encoders."""

    name: str
    encoder: str
    asked: frozenset[str]  # kinds of questions that it has learned from: see `kind_of`
    blend: float  # weight that the blend keeps
    curves: Mapping[str, Curve]  # by feature; those that are not here give nothing
    clicks: Mapping[str, float] = field(default_factory=dict)  # product id -> feature "clicked"

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The learned order in a folder `models/NAME` of a shop.

        Raises:
            MissingFile: there is none.
            BadFile: its card is damaged.
        """
        path = folder / CARD
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
            if card[MADE_FOR] != fingerprint():
                raise BadFile(f"another Duomo made the learned order in {folder}", remedy=_AGAIN)
            curves = {
                str(name): Curve(
                    tuple(map(float, one["at"])), tuple(map(float, one["gives"])), float(one["missing"])
                )
                for name, one in card["curves"].items()
            }
            order = cls(
                name=str(card["name"]),
                encoder=str(card["encoder"]),
                asked=frozenset(map(str, card["asked"])),
                blend=float(card["blend"]),
                curves=curves,
                clicks={str(id): float(value) for id, value in card.get("clicks", {}).items()},
            )
        except FileNotFoundError as error:
            raise MissingFile(f"there is no {path}", remedy=_AGAIN) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadFile(f"{path} holds no learned order ({error})", remedy=_AGAIN) from error
        if problem := order.problem():
            raise BadFile(f"{path}: {problem}", remedy=_AGAIN)
        return order

    def as_dict(self) -> dict[str, object]:
        """For the card, numbers rounded to six places."""
        curves = {
            name: {
                "at": [round(number, 6) for number in curve.at],
                "gives": [round(number, 6) for number in curve.gives],
                "missing": round(curve.missing, 6),
            }
            for name, curve in self.curves.items()
        }
        return {
            "name": self.name,
            MADE_FOR: fingerprint(),
            "encoder": self.encoder,
            "asked": sorted(self.asked),
            "blend": round(self.blend, 6),
            "curves": curves,
            "clicks": {id: round(value, 4) for id, value in self.clicks.items()},
        }

    def problem(self) -> str:
        """What is wrong with its numbers; "": nothing."""
        if unknown := sorted(self.curves.keys() - set(NAMES)):
            return f"there is no feature '{unknown[0]}'"
        for name, curve in self.curves.items():
            numbers = (*curve.at, *curve.gives, curve.missing)
            ascending = all(one < other for one, other in zip(curve.at, curve.at[1:], strict=False))
            if len(curve.at) != len(curve.gives) or not curve.at or not np.isfinite(numbers).all():
                return f"the curve of '{name}' is not whole"
            if not ascending or min(*curve.gives, curve.missing) < 0:
                return f"the curve of '{name}' falls back or gives less than nothing"
        if not np.isfinite(list(self.clicks.values())).all():
            return "the clicks of a product are no number"
        most = self.blend + sum(curve.most for curve in self.curves.values())
        return "" if self.blend > 0 and most <= 1 + 1e-3 else f"its weights add up to {most:.3f}, not to 1"

    def clicked(self, products: Sequence[str]) -> Values:
        """See `Scorer.clicked`."""
        return np.array([self.clicks.get(id, np.nan) for id in products], np.float64)

    def gives(self, candidates: Candidates) -> Given | None:
        """See `Scorer.gives`; a kind of question that it has not learned from keeps the blend's order."""
        if candidates.kind not in self.asked:
            return None
        sides = {side: np.zeros(candidates.rows.size) for side in SIDES}
        for place, (name, side, _) in enumerate(FEATURES):
            if curve := self.curves.get(name):
                sides[side] += curve(candidates.features[:, place])
        return Given(self.blend, sides)


_AGAIN: Final = "Train it again: duomo train rank; or go back: duomo train rollback --of rank"


def fingerprint() -> str:
    """Changes with what features mean and with the blend: what was learned before that is void."""
    blend = f"{sorted(WEIGHTS.items())} {PARTIAL}"
    return hash_bytes(*(f"{one}".encode() for one in FEATURES), blend.encode())[:12]


def rerank(scorer: Scorer, asked: Asked, found: Ranked, *, left: float = 1.0) -> tuple[Scored, Ranked]:
    """The rows with what a scorer gives to the best products among them.

    The parts of the question are worth less by what the learned order takes over, an exact name and what the
    merchant wants are not. Products that the scorer does not look at get nothing, so that they stay behind
    those that it looks at.

    Args:
        scorer: that was learned.
        asked: the question and its result set, before any filter.
        found: (n,) rows that keep to the limits.
        left: what the parts keep of their weight beside what the merchant wants, 0 to 1.

    Returns:
        All rows with their shares, and (n,) those found with their scores.
    """
    places = best_rows(asked.snapshot, found, DEPTH)
    rows = found.rows[places]
    products = tuple(found.names.take(pa.array(found.products[places])).to_pylist())
    scored = asked.scored
    at = np.searchsorted(scored.rows, rows)
    parts = [name for name in scored.shares if name in WEIGHTS]
    exact = scored.shares.get("exact", np.zeros(scored.rows.size))[at] > 0
    given = scorer.gives(
        Candidates(
            rows=rows,
            products=products,
            features=features_of(asked, rows, scorer.clicked(products)),
            blend=sum((scored.shares[name][at] for name in parts), np.zeros(rows.size)) / left,
            exact=exact,
            kind=kind_of(asked.question),
        )
    )
    if given is None:
        return scored, found
    raws, shares = dict(scored.raws), dict(scored.shares)
    shares |= {name: given.blend * shares[name] for name in parts}
    for side, values in given.sides.items():
        if values.any():
            name = LEARNED[side]
            shares[name] = np.zeros(scored.rows.size)
            shares[name][at] = left * values
            raws[name] = np.zeros(scored.rows.size, np.float32)
            raws[name][at] = values
    scored = Scored(scored.rows, raws, shares)
    scores = scored.scores[np.searchsorted(scored.rows, found.rows)]
    return scored, Ranked(found.rows, scores, found.products, found.names, found.alike)


def kind_of(question: Question) -> str:
    """What a question is made of: "words", "picture", "picture and words", "like"; "": weighed anew.

    A learned order knows what it has learned from: questions in words say nothing of photos.
    """
    if question.mode != "hybrid" or any(factor != 1 for factor in question.factors.values()):
        return ""
    words = bool(question.words) or "text" in question.vectors
    there = {"picture": "picture" in question.vectors, "words": words, "like": "product" in question.vectors}
    return " and ".join(name for name, asked in there.items() if asked)
