"""What came out of asking: figures by kind and system, who beats whom, and where it went wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.measure.compare import Duel, Interval, duel, interval
from duomo.measure.figures import METRICS, Values, chance, figures
from duomo.measure.made import KINDS
from duomo.measure.questions import Question, Shown
from duomo.product import Product

HEAD: Final = "ndcg"  # the metric that systems are compared by
WORST: Final = 12  # losses that are listed
OVERALL: Final = "all"  # every kind counts the same
_BARE: Final = 10  # questions that are named where there are many


class Loss(NamedTuple):
    """One question that the first system answered worse than another, or badly."""

    question: Question
    value: float  # NDCG of the first system
    other: float | None  # of the other; None: it is not compared
    shown: tuple[Shown, ...]  # of the first system, as many as k
    other_shown: tuple[Shown, ...]


class Outcome:
    """Every answer of every system, and what it is worth. The first system is the one that is measured."""

    def __init__(
        self,
        questions: Sequence[Question],
        answers: Mapping[str, Sequence[Sequence[Shown] | None]],
        goods: Mapping[str, Product],
        *,
        k: int = 10,
        left_out: Mapping[str, str] | None = None,
        unknown: Sequence[str] = (),
        unasked: int = 0,
    ) -> None:
        """Work out the figures.

        Args:
            questions: (n,) at least one.
            answers: system -> (n,) hits, best first; None: the system cannot be asked so.
            goods: the products of the shop by id.
            k: how many hits count.
            left_out: kind -> why nothing was asked of it.
            unknown: ids in judgments that no product has.
            unasked: questions that were left when it was stopped.
        """
        self.questions, self.answers, self.goods, self.k = tuple(questions), answers, goods, k
        self.left_out, self.unknown, self.unasked = dict(left_out or {}), tuple(unknown), unasked
        self.total, self.systems = max(1, len(goods)), tuple(answers)
        # system -> metric -> (n,)
        self.values: Mapping[str, Values] = {
            name: figures(self.questions, each, goods, k=k) for name, each in answers.items()
        }
        places: dict[str, list[int]] = {}
        for place, question in enumerate(self.questions):
            places.setdefault(question.kind, []).append(place)
        known = [kind for kind in KINDS if kind in places]
        order = [*known, *(kind for kind in places if kind not in KINDS)]
        # kind -> places of its questions
        self.kinds: Mapping[str, NDArray[np.int64]] = {kind: np.array(places[kind]) for kind in order}
        self.chances = np.array([chance(question, self.total, k) for question in self.questions])
        # They count for empty and broken answers alone.
        self.without_right = tuple(one.qid for one in self.questions if not one.positives)

    def mean(self, system: str, metric: str, kind: str) -> Interval | None:
        """Mean over the questions of a kind, with its interval; None where none has a value."""
        values = self.values[system][metric][self.kinds[kind]]
        there = values[~np.isnan(values)]
        return interval(there) if there.size else None

    def overall(self, system: str, metric: str) -> float | None:
        """Mean of the means of the kinds that every system was asked; None: there is none."""
        each = [
            float(np.nanmean(self.values[system][metric][places]))
            for kind, places in self.kinds.items()
            if self._asked_of_all(kind, metric)
        ]
        return float(np.mean(each)) if each else None

    def chance(self, kind: str) -> float | None:
        """Mean NDCG of an order by chance over the questions of a kind."""
        values = self.chances[self.kinds[kind]]
        return None if np.isnan(values).all() else float(np.nanmean(values))

    def duel(self, other: str, kind: str) -> Duel | None:
        """The first system against another over a kind, or over all; None: nothing was asked of both."""
        one, two = (self.values[name][HEAD] for name in (self.systems[0], other))
        places = np.arange(len(self.questions)) if kind == OVERALL else self.kinds[kind]
        return duel(one[places], two[places])

    def losses(self, other: str) -> tuple[Loss, ...]:
        """The questions at which the first system loses most to another, at most three of a kind."""
        one, two = (self.values[name][HEAD] for name in (self.systems[0], other))
        apart = np.nan_to_num(one - two)
        order = sorted(np.flatnonzero(apart < 0).tolist(), key=lambda place: (apart[place].round(12), place))
        return tuple(self._loss(place, other) for place in self._few(order, most=3))

    def misses(self) -> tuple[Loss, ...]:
        """The questions that the first system answers worst, at most one of a kind."""
        values = self.values[self.systems[0]][HEAD]
        order = [int(place) for place in np.argsort(values, kind="stable") if values[place] < 0.5]
        return tuple(self._loss(place, "") for place in self._few(order, most=1))

    def _loss(self, place: int, other: str) -> Loss:
        first = self.systems[0]
        answers = [self.answers[name][place] if name else None for name in (first, other)]
        shown, other_shown = (tuple((answer or ())[: self.k]) for answer in answers)
        return Loss(
            self.questions[place],
            float(self.values[first][HEAD][place]),
            float(self.values[other][HEAD][place]) if other else None,
            shown,
            other_shown,
        )

    def _few(self, order: Sequence[int], most: int) -> list[int]:
        """The first WORST places of an order, not more than most of a kind: no kind may hide the rest."""
        if len(self.kinds) == 1:
            return list(order[:WORST])
        counts: Counter[str] = Counter()
        kept: list[int] = []
        for place in order:
            kind = self.questions[place].kind
            if counts[kind] < most and len(kept) < WORST:
                counts[kind] += 1
                kept.append(place)
        return kept

    def _asked_of_all(self, kind: str, metric: str) -> bool:
        places = self.kinds[kind]
        return all(not np.isnan(self.values[name][metric][places]).all() for name in self.systems)


def as_document(outcome: Outcome) -> dict[str, object]:
    """The outcome with the field names of the machine contract, numbers rounded to four places."""
    kinds = [_kind(outcome, kind, places) for kind, places in outcome.kinds.items()]
    rivals = outcome.systems[1:]
    return {
        "products": outcome.total,
        "questions": len(outcome.questions),
        "unasked": outcome.unasked,
        "k": outcome.k,
        "systems": list(outcome.systems),
        "kinds": kinds,
        "overall": {
            name: {metric: _rounded(outcome.overall(name, metric)) for metric in METRICS}
            for name in outcome.systems
        },
        "against": {rival: _duel(outcome.duel(rival, OVERALL)) for rival in rivals},
        "losses": {rival: [_lost(loss) for loss in outcome.losses(rival)] for rival in rivals},
        "left_out": dict(outcome.left_out),
        "without_right": list(outcome.without_right),
        "unknown_products": list(outcome.unknown),
    }


def some(names: Sequence[str]) -> str:
    """The first names of many, for a sentence.

    >>> some(["a", "b"])
    'a, b'
    """
    more = f" and {len(names) - _BARE} more" if len(names) > _BARE else ""
    return ", ".join(names[:_BARE]) + more


def _kind(outcome: Outcome, kind: str, places: NDArray[np.int64]) -> dict[str, object]:
    systems: dict[str, object] = {}
    for name in outcome.systems:
        means = {metric: outcome.mean(name, metric, kind) for metric in METRICS}
        systems[name] = {
            metric: {"mean": _rounded(m.mean), "low": _rounded(m.low), "high": _rounded(m.high), "n": n}
            if m is not None
            else None
            for metric, m in means.items()
            for n in [int((~np.isnan(outcome.values[name][metric][places])).sum())]
        }
    rivals = outcome.systems[1:]
    return {
        "kind": kind,
        "n": int(places.size),
        "chance_ndcg": _rounded(outcome.chance(kind)),
        "systems": systems,
        "against": {rival: _duel(outcome.duel(rival, kind)) for rival in rivals},
    }


def _duel(found: Duel | None) -> dict[str, object] | None:
    if found is None:
        return None
    gain = [_rounded(number) for number in found.gain]
    return {"wins": found.wins, "losses": found.losses, "ties": found.ties, "gain": gain}


def _lost(loss: Loss) -> dict[str, object]:
    question = loss.question
    return {
        "qid": question.qid,
        "kind": question.kind,
        "text": question.text,
        "ndcg": _rounded(loss.value),
        "other_ndcg": _rounded(loss.other),
        "shown": [hit.product_id for hit in loss.shown],
        "other_shown": [hit.product_id for hit in loss.other_shown],
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
