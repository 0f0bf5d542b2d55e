"""What answers are worth, question by question."""

from collections.abc import Mapping, Sequence
from math import log2, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.measure.questions import Question, Shown, breaks
from duomo.measure.ranking import judged_share, ndcg, precision, recall, reciprocal_rank, success
from duomo.product import Product

# In the order of reports. All are means over the questions that they can be asked of.
METRICS: Final = (
    *("ndcg", "ndcg_judged", "judged", "mrr", "recall", "precision", "success", "zero", "broken"),
)
WORSE_IF_MORE: Final = frozenset({"zero", "broken"})
Values = Mapping[str, NDArray[np.float64]]  # metric -> (questions,); NaN: it has no meaning there


def figures(
    questions: Sequence[Question],
    answers: Sequence[Sequence[Shown] | None],
    goods: Mapping[str, Product],
    *,
    k: int,
) -> Values:
    """Every metric for every question.

    A hit that breaks a limit is not right, whatever its product. Of hits of one product the first counts.
    `ndcg` takes what nobody judged for wrong; `ndcg_judged` leaves it out (the condensed list of Sakai, SIGIR
    2007) and looks as deep as the answer goes; `judged` is the share of the first k that somebody judged:
    both are asked only of questions whose judgments are not complete. MRR looks as deep as the answer goes.

    Args:
        questions: (n,) what was asked.
        answers: (n,) hits, best first; None: this system cannot be asked so.
        goods: products by id, for limits.
        k: how many hits count.

    Returns:
        metric -> (n,); NaN where the question has nothing right (all but zero and broken), was not asked, or
        has no limits or hits (broken).

    Raises:
        ValueError: there are not as many answers as questions.
    """
    values = {metric: np.full(len(questions), nan) for metric in METRICS}
    for place, (question, answer) in enumerate(zip(questions, answers, strict=True)):
        if answer is not None:
            for metric, value in _of_one(question, answer, goods, k).items():
                values[metric][place] = value
    return values


def _of_one(
    question: Question, answer: Sequence[Shown], goods: Mapping[str, Product], k: int
) -> dict[str, float]:
    shown = list({hit.product_id: hit for hit in reversed(answer)}.values())[::-1]
    broken = [breaks(question, hit, goods) for hit in shown]
    found = {"zero": float(not shown)}
    if question.limits and shown:
        found["broken"] = sum(broken[:k]) / len(shown[:k])
    wanted = question.positives
    if not wanted:
        return found
    ids = [hit.product_id for hit in shown]
    # What breaks a limit stands there as a product that nobody wants: it takes a place.
    kept = ["" if bad else id for id, bad in zip(ids, broken, strict=True)]
    ideal = list(question.right.values())
    found |= {
        "ndcg": ndcg([question.right.get(id, 0) for id in kept], ideal, k),
        "mrr": reciprocal_rank(kept, wanted),
        "recall": recall(kept, wanted, k),
        "precision": precision(kept, wanted, k),
        "success": success(kept, wanted, k),
    }
    if not question.complete:
        condensed = [question.right[id] for id in kept if id in question.right]
        found["ndcg_judged"] = ndcg(condensed, ideal, k)
        found["judged"] = judged_share(ids, question.right, k)
    return found


def chance(question: Question, total: int, k: int) -> float:
    """NDCG@k that an order by chance of all products has on average; NaN where nothing is right.

    Args:
        question: what is asked; of its limits nothing is asked.
        total: products that can be shown, at least 1.
        k: how many hits count.

    >>> round(chance(Question(qid="q", right={"A": 1}), total=10, k=10), 3)
    0.454
    """
    ideal = sorted((2.0**grade - 1 for grade in question.right.values()), reverse=True)
    best = sum(gain / log2(rank + 1) for rank, gain in enumerate(ideal[:k], start=1))
    if not best:
        return nan
    each = sum(ideal) / max(total, len(ideal))
    return sum(each / log2(rank + 1) for rank in range(1, min(k, total) + 1)) / best
