"""Teaches a shop an order of its own: from judged questions, or from what shoppers clicked.

The questions are split by what they ask, so that no question is on two sides. What suits the shop is chosen
by cross-validation on the larger part; then the learned order and the one in use answer the held-out
questions, once. An order that is not better for sure is refused, and the shop stays as it was.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np

from duomo.arrays import Pixels
from duomo.errors import BadSetting, WorseModel
from duomo.measure.clicks import Search, Sightings, judgments_of, sightings_of
from duomo.measure.compare import Interval, difference, interval
from duomo.measure.judgments import placed
from duomo.measure.questions import Question
from duomo.progress import Tick, silent
from duomo.search.features import FEATURES, SIDES
from duomo.search.rerank import LearnedOrder
from duomo.search.standing import KNOBS
from duomo.settings import Settings
from duomo.shelf.manifest import stamp_of
from duomo.stock.orders import publish_order
from duomo.stock.served import Served
from duomo.train.rank_curves import Recipe, fit
from duomo.train.rank_lists import HELD_OUT, Listed, clicks_of, listed, owners_of, part_of, with_clicks

LEAST: Final = 50  # questions that teach anything; an interval over fewer than 15 held out says nothing
KNOWN: Final = 15  # questions of a kind (words, a picture, both) from which on it is said to be learned
FALL: Final = 0.002  # NDCG among judged products that may be lost: less than what chance makes of it
FOLDS: Final = 3  # parts that what suits the shop is chosen on
CHOOSING: Final = 1500  # questions that it is chosen on, at most
STIFF: Final = (0.001, 0.01, 0.1, 1.0)
UNJUDGED: Final = (0.1, 1.0)
SIDES_ALONE: Final = ((0.3, 0.0), (0.0, 0.3), (0.3, 0.3), (1.0, 1.0))  # alpha and beta, beside 0 and 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """How the held-out questions are answered before and after: NDCG@10, 0 to 1."""

    questions: int
    before: float
    after: float
    gain: Interval
    judged_before: float  # over the judged products alone (Sakai, SIGIR 2007)
    judged_after: float
    judged_gain: Interval

    def as_dict(self) -> dict[str, object]:
        """For JSON, numbers rounded to four places."""
        return {
            "questions": self.questions,
            **{
                name: round(getattr(self, name), 4)
                for name in ("before", "after", "judged_before", "judged_after")
            },
            **{
                name: [round(number, 4) for number in getattr(self, name)] for name in ("gain", "judged_gain")
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What came of teaching a shop an order."""

    order: str  # its name, which the shop orders by now
    encoder: str
    base: str  # the order before it; "": the blend alone
    learned: int  # questions
    recipe: Recipe
    weights: Mapping[str, float]  # the most that the blend and each side give; together at most 1
    exam: Exam
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "order": self.order,
            "encoder": self.encoder,
            "base": self.base,
            "learned": self.learned,
            "recipe": self.recipe._asdict(),
            "weights": {name: round(weight, 4) for name, weight in self.weights.items()},
            "exam": self.exam.as_dict(),
            "seconds": round(self.seconds, 1),
        }


def learn_order(
    folder: Path,
    questions: Sequence[Question] = (),
    *,
    searches: Sequence[Search] = (),
    settings: Settings,
    sources: Mapping[str, str] | None = None,
    encoder: str = "",
    pixels_of: Callable[[Question], Pixels | None] = lambda _: None,
    seed: int = 7,
    tick: Tick = silent,
) -> Ordered:
    """Teach a shop an order, and let it order by it.

    Args:
        folder: of the shop.
        questions: with the grades that people gave to products or variants; none: what `measure.clicks`
            makes of the searches, with position bias corrected.
        searches: what shoppers asked, were shown and did; what a product's clicks say is learned, too.
        settings: of the shop; what the merchant boosts is left out of what is learned.
        sources: file -> content hash, for the card.
        encoder: which of the shop's encoders; "": its first.
        pixels_of: the picture of a question; None: it has none.
        seed: of the split.
        tick: told about the stages "asking", "choosing" and "learning".

    Raises:
        BadSetting: there are no questions, or too few that teach anything.
        WorseModel: the learned order is not better than the one in use for sure.
        MissingShop, UnknownEncoder, BadSetup: the shop cannot be asked.
        ShopBusy: another process is writing to this shop.
    """
    started = monotonic()
    served = Served.load(folder, settings.changed(dict.fromkeys(KNOBS, 0.0)), stamp_of(folder))
    name = encoder or served.manifest.encoders[0]
    owner_of = owners_of(served.snapshot).get
    seen = sightings_of(searches, owner_of=owner_of) if searches else None
    if questions:
        questions, _ = placed(questions, owner_of)
    else:
        questions = judgments_of(searches, owner_of=owner_of).questions
    lists = listed(questions, served.searched(name), pixels_of, tick=tick)
    if len(lists) < LEAST:
        problem = (
            f"there is too little to learn an order from: {len(lists)} of {len(questions)} questions find "
            f"both a right product and a worse one, and {LEAST} are needed"
        )
        raise BadSetting(problem, remedy="Judge more questions, or wait for more events")
    before = served.order if served.order and served.order.encoder == name else None
    recipe, order, asked = learned(lists, seen, name, seed=seed, tick=tick)
    exam = examine(asked, order, before)
    refuse_worse(exam)
    card = {
        "training": {"questions": len(lists) - exam.questions, **recipe._asdict()},
        "data": dict(sources or {}),
        "exam": exam.as_dict(),
    }
    clicks = clicks_of(seen) if seen else {}
    published = publish_order(folder, replace(order, clicks=clicks), card)
    return Ordered(
        order=published,
        encoder=name,
        base=served.manifest.order,
        learned=len(lists) - exam.questions,
        recipe=recipe,
        weights=weights_of(order),
        exam=exam,
        seconds=monotonic() - started,
    )


def learned(
    lists: Sequence[Listed],
    seen: Sightings | None,
    encoder: str,
    *,
    seed: int = 7,
    tick: Tick = silent,
) -> tuple[Recipe, LearnedOrder, list[Listed]]:
    """An order that was learned from 70 % of the questions, how it was, and the questions held out.

    A product's clicks are counted without those of the questions that they help to answer: a part of the
    questions sees the clicks of the other parts alone.

    Args:
        lists: judged questions with their candidates.
        seen: what shoppers were shown and clicked; None: nothing is known.
        encoder: that the candidates were found with.
        seed: of the split.
        tick: told about the stages "choosing" and "learning".
    """
    shares = [HELD_OUT, *[(1 - HELD_OUT) / FOLDS] * FOLDS]

    def place(key: str) -> int:
        return part_of(key, shares, seed)

    parts: list[list[Listed]] = [
        [one for one in lists if place(one.key) == part] for part in range(1 + FOLDS)
    ]
    if seen:
        for part, each in enumerate(parts):
            hidden = {0, part}  # what is held out teaches nobody
            parts[part] = with_clicks(each, clicks_of(seen, without=_within(hidden, place)))
    held_out, *folds = parts
    recipe = _chosen(folds, encoder, seed, tick)
    whole = [one for fold in folds for one in fold]
    tick("learning", 0, 1)
    order = _order(whole, recipe, encoder)
    tick("learning", 1, 1)
    return recipe, order, held_out


def examine(asked: Sequence[Listed], order: LearnedOrder, before: LearnedOrder | None = None) -> Exam:
    """Let an order and the one in use answer questions that neither has learned from.

    Args:
        asked: at least one.
        order: the learned one.
        before: the one in use; None: the blend.
    """
    old, old_judged = np.array([one.ndcg(scores(one, before)) for one in asked]).T
    new, new_judged = np.array([one.ndcg(scores(one, order)) for one in asked]).T
    return Exam(
        questions=len(asked),
        before=interval(old).mean,
        after=interval(new).mean,
        gain=difference(old, new),
        judged_before=interval(old_judged).mean,
        judged_after=interval(new_judged).mean,
        judged_gain=difference(old_judged, new_judged),
    )


def refuse_worse(exam: Exam) -> None:
    """Raise WorseModel where an order is not better for sure, or has learned which products were judged."""
    said = f"on {exam.questions} held-out questions NDCG@10 went from {exam.before:.3f} to {exam.after:.3f}"
    if exam.gain.low <= 0:
        problem = f"the learned order is refused: {said}, by {exam.gain}, which may be chance"
        remedy = "Nothing was changed. Judgments of thousands of pairs, or more events, help"
        raise WorseModel(problem, remedy=remedy)
    if exam.judged_gain.mean < -FALL:
        problem = (
            f"the learned order is refused: {said}, but among the products that were judged it fell from "
            f"{exam.judged_before:.3f} to {exam.judged_after:.3f}: it learned what was judged, not what fits"
        )
        raise WorseModel(problem, remedy="Nothing was changed. Judge what the search shows as well")


def scores(one: Listed, order: LearnedOrder | None) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(n,) of the candidates of a question, as the search would score them; None: by the blend."""
    blend = one.candidates.blend
    given = order.gives(one.candidates) if order else None
    return blend if given is None else given.blend * blend + sum(given.sides.values())


def weights_of(order: LearnedOrder) -> dict[str, float]:
    """The most that the blend and each side give."""
    side_of = {feature.name: feature.side for feature in FEATURES}
    most: dict[str, float] = {"blend": order.blend, **dict.fromkeys(SIDES, 0.0)}
    for name, curve in order.curves.items():
        most[side_of[name]] += curve.most
    return most


def _within(parts: Collection[int], place: Callable[[str], int]) -> Callable[[str], bool]:
    """Whether a key falls into one of the parts."""
    return lambda key: place(key) in parts


def _order(lists: Sequence[Listed], recipe: Recipe, encoder: str) -> LearnedOrder:
    blend, curves = fit(lists, recipe)
    kinds = Counter(one.candidates.kind for one in lists)
    asked = frozenset(kind for kind, count in kinds.items() if count >= KNOWN)
    return LearnedOrder(name="", encoder=encoder, asked=asked, blend=blend, curves=curves)


def _chosen(folds: Sequence[Sequence[Listed]], encoder: str, seed: int, tick: Tick) -> Recipe:
    """The recipe that answers each fold best when it has learned from the others."""
    folds = [fold[:: 1 + len(fold) * FOLDS // CHOOSING] for fold in folds]
    whole = [one for fold in folds for one in fold]
    unjudged = UNJUDGED if any(not one.complete for one in whole) else UNJUDGED[-1:]
    first = [Recipe(stiff, weight, seed=seed) for stiff in STIFF for weight in unjudged]
    vision = [place for place, feature in enumerate(FEATURES) if feature.side == "vision"]
    seen = any(not np.isnan(one.candidates.features[:, vision]).all() for one in whole)
    alone = SIDES_ALONE if seen else ()
    total, tried = len(first) + len(alone), 0
    best, best_score = Recipe(), -np.inf

    def value(recipe: Recipe) -> float:
        found = [
            one.ndcg(scores(one, order))
            for number, fold in enumerate(folds)
            for order in [_order([o for n, f in enumerate(folds) if n != number for o in f], recipe, encoder)]
            for one in fold
        ]
        return float(np.mean(found))  # of both kinds of NDCG: a pool must not decide alone

    for recipe in first:
        if (score := value(recipe)) > best_score:
            best, best_score = recipe, score
        tick("choosing", tried := tried + 1, total)
    for alpha, beta in alone:
        recipe = best._replace(alpha=alpha, beta=beta)
        if (score := value(recipe)) > best_score:
            best, best_score = recipe, score
        tick("choosing", tried := tried + 1, total)
    return best
