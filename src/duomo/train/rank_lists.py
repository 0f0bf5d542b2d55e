"""What a learned order is trained and judged on: judged questions, each with the best of its search."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.errors import BadQuery
from duomo.files import hash_bytes
from duomo.hits import Query
from duomo.measure.clicks import Sightings, examination_of
from duomo.measure.questions import Question
from duomo.measure.ranking import ndcg
from duomo.progress import Tick, silent
from duomo.search.features import NAMES
from duomo.search.find import Searched, find
from duomo.search.goods import PRODUCT
from duomo.search.rerank import Candidates, Given
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.keywords import tokens

AT: Final = 10  # hits that count
STEADY: Final = 3.0  # clicks that a product of which nothing is known counts for
HELD_OUT: Final = 0.3  # share of the questions that judge

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A judged question, and the candidates that its search gives."""

    key: str  # what questions have in common that must not be parted
    candidates: Candidates
    grades: Values  # (n,) of the candidates; NaN: nobody judged it
    ideal: tuple[float, ...]  # every grade of the judgments, found or not
    complete: bool  # what nobody judged is known to be wrong

    @property
    def teaches(self) -> bool:
        """Whether one candidate is better than another, as far as is known."""
        best = np.nanmax(self.grades, initial=0)
        return bool(best > 0 and (np.nan_to_num(self.grades) < best).any())

    def ndcg(self, scores: Values) -> tuple[float, float]:
        """NDCG@10 over all that was found, and over what was judged alone, when the candidates score so.

        Exact names stay in front; equal scores stand in order of id.
        """
        keys = (np.array(self.candidates.products), -scores.round(12), ~self.candidates.exact)
        grades = self.grades[np.lexsort(keys)]
        judged = grades[~np.isnan(grades)]
        return tuple(ndcg(each[:AT].tolist(), self.ideal, AT) for each in (np.nan_to_num(grades), judged))  # type: ignore[return-value]  # of two


class _Listening:
    """A scorer that keeps what it is shown and changes nothing."""

    def __init__(self) -> None:
        self.heard: list[Candidates] = []

    def clicked(self, products: Sequence[str]) -> Values:
        return np.full(len(products), np.nan)

    def gives(self, candidates: Candidates) -> Given | None:
        self.heard.append(candidates)
        return None


def listed(
    questions: Sequence[Question],
    searched: Searched,
    pixels_of: Callable[[Question], Pixels | None],
    *,
    tick: Tick = silent,
) -> list[Listed]:
    """Ask a shop every question, and keep the candidates of those that teach anything.

    Args:
        questions: with the grades of products.
        searched: the shop.
        pixels_of: the picture of a question; None: it has none.
        tick: told about the stage "asking".
    """
    found: list[Listed] = []
    for done, question in enumerate(questions, start=1):
        listening = _Listening()
        pixels = pixels_of(question)
        try:
            find(Query(text=question.text, picture=pixels, k=1), replace(searched, scorer=listening))
        except BadQuery:  # longer than a question may be, or a picture that the encoder does not read
            continue
        finally:
            tick("asking", done, len(questions))
        # Of several the last: a limit that was read out of the words and left nothing has been dropped.
        for candidates in listening.heard[-1:]:
            right = question.right
            one = Listed(
                key=key_of(question),
                candidates=candidates,
                grades=np.array([right.get(id, np.nan) for id in candidates.products], np.float64),
                ideal=tuple(right.values()),
                complete=question.complete,
            )
            if one.teaches and candidates.kind:
                found.append(one)
    return found


def owners_of(snapshot: Snapshot) -> dict[str, str]:
    """Id of a variant or product -> id of the product."""
    table = snapshot.take(snapshot.search().rows, [ID, PRODUCT])
    products = table[PRODUCT].to_pylist()
    return dict(zip(table[ID].to_pylist(), products, strict=True)) | {id: id for id in products}


def key_of(question: Question) -> str:
    """What two questions share that are the same to a searcher: their words in any order, and their picture.

    >>> key_of(Question(qid="1", text="Red mugs")) == key_of(Question(qid="2", text="mug, RED"))
    True
    """
    return "\x1f".join([" ".join(sorted(set(tokens(question.text)))), question.picture, question.image])


def part_of(key: str, parts: Sequence[float], seed: int) -> int:
    """Which part a key falls into by its hash, on every machine; parts are shares that add up to 1."""
    drawn = int(hash_bytes(key.encode(), str(seed).encode())[:12], 16) / 16**12
    return int(np.searchsorted(np.cumsum(parts)[:-1], drawn, side="right"))


def with_clicks(lists: Sequence[Listed], clicks: Mapping[str, float]) -> list[Listed]:
    """The lists with the feature "clicked" of their candidates."""
    place = NAMES.index("clicked")
    found = []
    for one in lists:
        features = one.candidates.features.copy()
        features[:, place] = [clicks.get(id, np.nan) for id in one.candidates.products]
        found.append(replace(one, candidates=replace(one.candidates, features=features)))
    return found


def clicks_of(seen: Sightings, *, without: Callable[[str], bool] = lambda key: False) -> dict[str, float]:
    """Product -> log2 of its clicks over those that its places give, both with 3 of an unknown product added.

    Clicks over expected clicks (Zhang and Jones, WWW 2007), where what is expected is how often each place
    is looked at times the rate of all that is looked at; -3 to 3 by the feature's own bounds.

    Args:
        seen: what was shown and clicked.
        without: key of a question -> whether its sightings are left out: whoever learns to answer a question
            must not see its own clicks.
    """
    kept = np.array([not without(key_of(Question(qid="", text=text))) for text in seen.texts], np.bool_)
    use = kept[seen.text] if seen.text.size else np.zeros(0, np.bool_)
    looked = seen.shown[use] * examination_of(seen).curve[seen.place[use]]
    clicked = seen.clicked[use]
    rate = clicked.sum() / max(float(looked.sum()), 1e-12)
    size = len(seen.products)
    expected = np.bincount(seen.product[use], looked * rate, size)
    happened = np.bincount(seen.product[use], clicked, size)
    values = np.log2((happened + STEADY) / (expected + STEADY))
    return {id: round(float(value), 4) for id, value in zip(seen.products, values, strict=True) if value}
