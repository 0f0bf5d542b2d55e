"""Judges an adapted model against the one in use, on questions that neither has learned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.encode.heads import HeadWeights
from duomo.errors import WorseModel
from duomo.measure.compare import Interval, difference
from duomo.measure.ranking import table
from duomo.train.align import Exam
from duomo.train.material import Domain

WORTH: Final = 0.005  # MRR; the vectors of every product are made anew for it
KNOWN: Final = 0.9  # MRR of titles from which on there is little left to gain
_MORE: Final = "More products with titles and pictures help"
FORGET: Final = 0.02  # MRR that the guard set may lose


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How two encoders answer the same held-out questions."""

    exam: str  # "shop" or "guard"
    products: int
    before: Mapping[str, float]  # titles to pictures: r1, r5, r10, mrr
    after: Mapping[str, float]
    gain: Interval  # of `by_title`, bootstrapped over titles: questions about one product are not independent

    @property
    def titles(self) -> str:
        """The MRR of titles before and after."""
        return f"{self.before['mrr']:.3f} before, {self.after['mrr']:.3f} after"

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "exam": self.exam,
            "products": self.products,
            "before": dict(self.before),
            "after": dict(self.after),
            "gain": [round(number, 4) for number in self.gain],
        }


def compare(
    name: str, asked: Domain, old: HeadWeights, new: HeadWeights, *, seen: Domain | None = None
) -> Compared:
    """Ask both for the pictures of titles and phrases, and the titles of pictures, of held-out pairs.

    Args:
        name: of the exam.
        asked: held-out pairs, as the old picture tower sees them.
        old: the heads in use.
        new: the heads that may replace them.
        seen: the same pairs as the picture tower of the new heads sees them; None: it is the same tower.
    """
    exam, now = Exam(asked), Exam(seen or asked)
    return Compared(
        exam=name,
        products=len(asked),
        before=table(exam.ranks_served(old)["titles"]),
        after=table(now.ranks_served(new)["titles"]),
        gain=difference(by_title(exam, old), by_title(now, new)),
    )


def served_score(exam: Exam, weights: HeadWeights) -> float:
    """The mean of `by_title`, 0 to 1."""
    return float(by_title(exam, weights).mean())


def by_title(exam: Exam, weights: HeadWeights) -> NDArray[np.float64]:
    """(titles,) the MRR of the questions about the products of each title, all kinds counted alike."""
    families = exam.families()
    size = 1 + max(int(about.max()) for about in families.values())
    kinds = []
    for kind, ranks in exam.ranks_served(weights).items():
        asked = np.bincount(families[kind], minlength=size)
        found = np.bincount(families[kind], weights=1 / ranks, minlength=size)
        kinds.append(np.divide(found, asked, out=np.full(size, np.nan), where=asked > 0))
    every = np.stack(kinds)
    mean: NDArray[np.float64] = np.nanmean(every[:, ~np.isnan(every).all(axis=0)], axis=0)
    return mean


def refuse_worse(shop: Compared, guard: Compared, forget: float = FORGET) -> None:
    """Raise WorseModel where too little was gained, or not for sure, or more was forgotten than allowed."""
    if shop.gain.low > 0 and shop.gain.mean < WORTH:
        problem = (
            f"the aligned model is refused: on {shop.products} held-out products of this shop its MRR rose "
            f"by {shop.gain}, less than the {WORTH:g} that new vectors are worth ({shop.titles})"
        )
        raise WorseModel(problem, remedy="Nothing was changed. The encoder knows these goods already")
    if shop.gain.low <= 0:
        problem = (
            f"the aligned model is refused: on {shop.products} held-out products of this shop its MRR "
            f"changed by {shop.gain}, which may be chance (titles alone: {shop.titles})"
        )
        helps = "The encoder knows these goods already" if shop.before["mrr"] > KNOWN else _MORE
        raise WorseModel(problem, remedy=f"Nothing was changed. {helps}")
    if guard.gain.mean < -forget:
        problem = (
            f"the aligned model is refused: on the guard set its MRR fell by {-guard.gain.mean:.3f}, "
            f"more than the {forget:g} allowed; on {shop.products} held-out products of this shop it "
            f"changed by {shop.gain}"
        )
        remedy = "Nothing was changed. Take fewer --steps, or allow more with --forget"
        raise WorseModel(problem, remedy=remedy)
