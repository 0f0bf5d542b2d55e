"""Judgments from what shoppers did, with what they looked at taken into account.

People click what stands first because it stands first. The position-based model (Craswell et al., WSDM 2008;
Chuklin, Markov and de Rijke, Click Models for Web Search, 2015, ch. 3.3) says that a hit is clicked when its
place is examined and the hit attracts: P(click) = examination(place) * attraction(words, product). How much
a place is examined can only be learned from products that stood in several places for the same words (Agarwal
et al., WSDM 2019). Where there are too few of them, place n (from 1) is taken to be examined 1 / sqrt(n) as
often as the first (the form of Joachims, Swaminathan and Schnabel, WSDM 2017): the click-through rate of
places, which "clicks over expected clicks" takes (Zhang and Jones, WWW 2007), would count a good ranking as
position bias.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from duomo.measure.questions import Question

# What an action is worth, the best that was done to a product in one search; other actions are worth nothing.
WORTH: Final[Mapping[str, float]] = MappingProxyType({"click": 1.0, "cart": 2.0, "purchase": 4.0})
# The first place (from 0) of each group of places that are taken for equally examined; the last is open.
PLACES: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 50)
DEEPEST: Final = 100  # hits below are left out: nobody looks there
_GROUP: Final = tuple(sum(first <= place for first in PLACES) - 1 for place in range(DEEPEST))
MOST_GRADE: Final = 4
LEAST_EXAMINATION: Final = 0.02  # no sighting counts more than 50 times: one click far down proves little
STRENGTH: Final = 3.0  # examined sightings that the mean of all products counts for
ENOUGH: Final = 3.0  # examined sightings after which a product that nobody clicked is wrong
MOVED: Final = 200  # clicks on products that stood in several places, from which their places can be learned
_ROUNDS: Final = 500
_STILL: Final = 1e-5  # largest change of an examination at which the rounds end
_PRIOR: Final = 2.0  # sightings, or expected clicks, that means count for beside what was seen of a place

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class Search(Protocol):
    """One time that somebody searched; `duomo.catalog.events.read_events` gives such."""

    @property
    def text(self) -> str:
        """What was typed."""

    @property
    def shown(self) -> Sequence[str]:
        """Ids that were shown, first shown first, each once."""

    @property
    def actions(self) -> Mapping[str, Collection[str]]:
        """Id -> what was done to it: click, cart, purchase."""


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """What was shown and done, summed over all searches with the same words: (n,) cells."""

    texts: tuple[str, ...]
    products: tuple[str, ...]
    text: NDArray[np.int64]  # (n,) places in texts
    product: NDArray[np.int64]  # (n,) places in products
    place: Places  # (n,) groups of PLACES
    shown: Floats  # (n,) times
    clicked: Floats  # (n,) times that anything was done
    worth: Floats  # (n,) sums of WORTH
    gone: tuple[str, ...] = ()  # ids that were acted upon and have no product

    @property
    def pairs(self) -> NDArray[np.int64]:
        """(n,) which pair of words and product each cell is of, from 0."""
        keys = self.text * max(1, len(self.products)) + self.product
        return np.asarray(np.unique(keys, return_inverse=True)[1], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """How likely each group of places is looked at, against the one that is looked at most."""

    curve: Floats  # (len(PLACES),) above 0, at most 1
    moved: int  # clicks that it was learned from; 0: it is assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What shoppers think of a product for some words."""

    place: int  # of the words in `Sightings.texts`
    product_id: str
    shown: int  # searches that showed it
    examined: float  # of those, how many will have looked at it
    clicked: int
    worth: float  # of an examined sighting, at least 0; drawn to the mean of all where it was seen little
    grade: int | None  # 0 to 4; None: too few have looked at it


@dataclass(frozen=True, slots=True, kw_only=True)
class Implicit:
    """Judgments from clicks, and what they rest on."""

    questions: tuple[Question, ...]
    examination: Examination
    rare: int  # different questions left out, asked too few times
    unanswered: int  # left out, as nobody clicked anything that the shop has
    gone: tuple[str, ...]  # ids that were acted upon and that the shop does not have


def judgments_of(
    searches: Iterable[Search],
    *,
    owner_of: Callable[[str], str | None] = lambda id: id,
    least: int = 5,
) -> Implicit:
    """Judged questions from searches and clicks.

    The worth of a product for some words is what was done to it (`WORTH`) over how often it will have been
    looked at. Its grade is that over the best for these words, times 4, rounded (Karmaker Santu, Sondhi and
    Zhai, SIGIR 2017, grade online stores' products by rates in this way). Who was shown often enough and left
    alone gets 0; who was hardly looked at gets no grade.

    Args:
        searches: any number of them; questions differ where more than case, width and blanks do.
        owner_of: id that was shown -> id of its product; None: the shop does not have it.
        least: times a question must have been asked; what few people ask is theirs alone, and says little.

    Raises:
        ValueError: least is below 1.

    >>> from duomo.catalog.events import Search
    >>> seen = [Search(text="mug", shown=("A", "B"), actions={"B": frozenset({"click"})}) for _ in range(9)]
    >>> [dict(question.right) for question in judgments_of(seen).questions]
    [{'A': 0, 'B': 4}]
    """
    if least < 1:
        raise ValueError("least must be at least 1")
    every = list(searches)
    asked = Counter(_key(search.text) for search in every)
    seen = sightings_of((one for one in every if asked[_key(one.text)] >= least), owner_of=owner_of)
    examination = examination_of(seen)
    right: dict[int, dict[str, int]] = {}
    for one in estimates_of(seen, examination):
        if one.grade is not None:
            right.setdefault(one.place, {})[one.product_id] = one.grade
    kept = [place for place, grades in right.items() if max(grades.values()) > 0]
    texts = seen.texts
    return Implicit(
        questions=tuple(
            Question(qid=texts[place], text=texts[place], right=right[place], complete=False)
            for place in kept
        ),
        examination=examination,
        rare=len(asked) - len(texts),
        unanswered=len(texts) - len(kept),
        gone=seen.gone,
    )


def sightings_of(
    searches: Iterable[Search], *, owner_of: Callable[[str], str | None] = lambda id: id
) -> Sightings:
    """What was shown where and what was done, summed; of variants of one product the first place counts."""
    wordings: dict[str, Counter[str]] = {}
    texts: dict[str, int] = {}
    products: dict[str, int] = {}
    gone: dict[str, None] = {}
    cells: dict[tuple[int, int, int], list[float]] = {}
    for search in searches:
        key = _key(search.text)
        text = texts.setdefault(key, len(texts))
        wordings.setdefault(key, Counter())[search.text] += 1
        met: dict[str, list[float]] = {}
        for rank, id in enumerate(search.shown[:DEEPEST]):
            worth = max((WORTH.get(action, 0.0) for action in search.actions.get(id, ())), default=0.0)
            owner = owner_of(id)
            if owner is None:
                if worth:
                    gone[id] = None
                continue
            first = met.setdefault(owner, [rank, 0.0])
            first[1] = max(first[1], worth)
        for owner, (place, worth) in met.items():
            product = products.setdefault(owner, len(products))
            cell = cells.setdefault((text, product, _GROUP[int(place)]), [0.0, 0.0, 0.0])
            cell[0] += 1
            cell[1] += worth > 0
            cell[2] += worth
    keys = np.array(list(cells), np.int64).reshape(-1, 3)
    sums = np.array(list(cells.values()), np.float64).reshape(-1, 3)
    return Sightings(
        texts=tuple(said.most_common(1)[0][0] for said in wordings.values()),
        products=tuple(products),
        text=keys[:, 0],
        product=keys[:, 1],
        place=keys[:, 2],
        shown=sums[:, 0],
        clicked=sums[:, 1],
        worth=sums[:, 2],
        gone=tuple(gone),
    )


def examination_of(seen: Sightings) -> Examination:
    """How likely each place is looked at: learned from products that moved, or else assumed."""
    pairs = seen.pairs
    counts = np.bincount(pairs, minlength=1)
    moved = counts[pairs] > 1  # a pair has one cell for each group of places that it stood in
    clicks = int(seen.clicked[moved].sum())
    if clicks < MOVED:
        return Examination(1 / np.sqrt(np.array(PLACES, np.float64) + 1), 0)
    _, own = np.unique(pairs[moved], return_inverse=True)
    curve = position_model(own, seen.place[moved], seen.shown[moved], seen.clicked[moved])
    return Examination(np.maximum(curve, LEAST_EXAMINATION), clicks)


def position_model(pair: NDArray[np.int64], place: Places, shown: Floats, clicked: Floats) -> Floats:
    """Examination of each group of places, as the position-based model explains the clicks.

    Clicks have the mean shown * attraction * examination, whose factors are fitted in turn (iterative
    proportional fitting). That is the Poisson likelihood with an effect of its own for every pair, which
    finds the examinations however few clicks a pair has (Hausman, Hall and Griliches, Econometrica 1984); a
    pair that stood in one place alone says nothing.

    Args:
        pair: (n,) words and product, from 0, each there at least once.
        place: (n,) groups of PLACES, from 0.
        shown: (n,) times, above 0.
        clicked: (n,) times, at most as often as shown.

    Returns:
        (len(PLACES),) examinations, 0 to 1, the largest 1; the click-through rate of places counts for two
        expected clicks beside what was seen.
    """
    start = examined = _rates(place, shown, clicked)
    of_pair = np.bincount(pair, clicked)
    of_place = np.bincount(place, clicked, len(PLACES))
    for _ in range(_ROUNDS):
        attraction = of_pair / np.bincount(pair, shown * examined[place])
        expected = np.bincount(place, shown * attraction[pair], len(PLACES))
        after = (of_place + _PRIOR * start) / (expected + _PRIOR)
        after /= after.max()
        change = float(np.abs(after - examined).max())
        examined = np.asarray(after, np.float64)
        if change < _STILL:
            break
    return examined


def estimates_of(seen: Sightings, examination: Examination) -> list[Estimate]:
    """Worth and grade of every product that was shown for some words, in the order in which they were met."""
    pairs = seen.pairs
    total = int(pairs.max(initial=-1)) + 1
    weights = examination.curve[seen.place] if seen.place.size else np.zeros(0)
    shown, clicked = np.bincount(pairs, seen.shown, total), np.bincount(pairs, seen.clicked, total)
    examined, done = np.bincount(pairs, seen.shown * weights, total), np.bincount(pairs, seen.worth, total)
    mean = float(done.sum()) / max(float(examined.sum()), 1e-12)
    worth = (done + STRENGTH * mean) / (examined + STRENGTH)
    first = np.unique(pairs, return_index=True)[1]
    text, product = seen.text[first], seen.product[first]
    best = np.zeros(len(seen.texts))
    np.maximum.at(best, text, np.where(clicked > 0, worth, 0.0))
    found = []
    for place in range(total):
        grade: int | None = None
        if clicked[place]:
            grade = int(MOST_GRADE * worth[place] / best[text[place]] + 0.5)
        elif examined[place] >= ENOUGH:
            grade = 0
        found.append(
            Estimate(
                place=int(text[place]),
                product_id=seen.products[product[place]],
                shown=int(shown[place]),
                examined=float(examined[place]),
                clicked=int(clicked[place]),
                worth=float(worth[place]),
                grade=grade,
            )
        )
    return found


@lru_cache(maxsize=100_000)
def _key(text: str) -> str:
    """What two ways of typing the same question share."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _rates(place: Places, shown: Floats, clicked: Floats) -> Floats:
    """Click-through rate of each group of places, the highest as 1; where nothing was shown, as before it."""
    size = len(PLACES)
    overall = (float(clicked.sum()) + 1.0) / (float(shown.sum()) + 2.0)
    of_place = np.bincount(place, shown, size)
    rates = (np.bincount(place, clicked, size) + _PRIOR * overall) / (of_place + _PRIOR)
    for group in range(1, size):
        if not of_place[group]:
            rates[group] = rates[group - 1]
    return np.asarray(rates / rates.max(), np.float64)
