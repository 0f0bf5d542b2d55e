"""A query as the shelf understands it: words, vectors, and how much each part counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.encode.base import Towers
from duomo.errors import BadQuery
from duomo.hits import AskedWith, Mode, PartName, Query
from duomo.search.goods import find_product
from duomo.search.members import Chance, Question
from duomo.search.reader import Wording
from duomo.search.ways import Asked, Way, ways
from duomo.shelf.base import Snapshot
from duomo.shelf.filters import Filter, fold, squeeze
from duomo.shelf.layout import vector_column
from duomo.shelf.vectors import directions_of

MOST_HITS: Final = 1000
MOST_TEXT: Final = 2000  # characters of a question
MOST_EXAMPLES: Final = 50  # products that are examples, wanted or not
SAME: Final = 0.98  # similarity from which on two pictures are one
# Beside a picture or an example words say what is to be different: "in red". Then a title that has them says
# less, and that other texts are like them nothing. Measured: benchmarks/search_own.py, questions "composed".
BESIDE: Final[Mapping[PartName, float]] = {"keywords": 0.5, "text": 0.0}
MOST_WEIGHT: Final = 100.0
LEAST_WEIGHT: Final = 1e-6  # but for 0
_ASKED_WITH: Final[tuple[AskedWith, ...]] = get_args(AskedWith)


def check_query(query: Query) -> None:
    """Raise BadQuery, with what to do, where a query has no answer whatever the shop holds."""
    if query.mode not in get_args(Mode):
        raise BadQuery(f"there is no mode '{query.mode}'", remedy=f"Modes: {', '.join(get_args(Mode))}")
    if not isinstance(query.k, int) or not 1 <= query.k <= MOST_HITS:
        raise BadQuery(f"k is {query.k}", remedy=f"Ask for 1 to {MOST_HITS} products a page")
    if not isinstance(query.skip, int) or query.skip < 0:
        raise BadQuery(f"skip is {query.skip}", remedy="Skip 0 products or more")
    for text in (said(query), query.unwanted):
        if len(text) > MOST_TEXT:
            raise BadQuery(f"the question has {len(text)} characters", remedy=f"Ask with at most {MOST_TEXT}")
    if query.picture is not None and query.clip is not None:
        raise BadQuery("a picture and a clip were both asked for", remedy="Ask with one of them")
    if (count := len(query.like) + len(query.unlike)) > MOST_EXAMPLES:
        raise BadQuery(f"{count} products are examples", remedy=f"Name at most {MOST_EXAMPLES}")
    if query.mode == "keywords" and (shows(query) or query.like or query.unlike) and not said(query):
        raise BadQuery(
            "keywords cannot find by a picture or an example", remedy="Use the mode hybrid or vector"
        )
    for name, weight in query.weights.items():
        if name not in _ASKED_WITH:
            raise BadQuery(f"there is no part '{name}' to weigh", remedy=f"Parts: {', '.join(_ASKED_WITH)}")
        if not isfinite(weight) or not (weight == 0 or LEAST_WEIGHT <= weight <= MOST_WEIGHT):
            problem = f"the weight of {name} is {weight}"
            raise BadQuery(problem, remedy=f"Weigh with a number from 0 to {MOST_WEIGHT:g}")


def shows(query: Query) -> bool:
    """Whether something was shown: a picture, or a clip in its place."""
    return query.picture is not None or query.clip is not None


def said(query: Query) -> str:
    """What was written and what was said, as one text."""
    return f"{query.text} {query.heard.text if query.heard else ''}".strip()


@dataclass(frozen=True, slots=True)
class Shown:
    """All that was asked but the words."""

    vectors: Mapping[Asked, Vectors]  # of a picture, and of what is like the examples
    away: tuple[tuple[Way, Vectors], ...]  # what is not wanted, and where to compare it
    examples: tuple[str, ...]  # ids of the products that are examples, wanted or not


def shown_by(query: Query, snapshot: Snapshot, towers: Towers) -> Shown:
    """What was shown with a query, as vectors.

    Raises:
        BadQuery: the encoder does not read pictures.
        MissingProduct: an example is not in the shop.
    """
    like, wanted = _mean(query.like, snapshot, towers)
    unlike, refused = _mean(query.unlike, snapshot, towers)
    vectors: dict[Asked, Vectors] = {way.asked: vector for way, vector in like}
    if shows(query):
        vectors["picture"] = _beside(vectors, "picture", _shown(query, snapshot, towers), query)
    return Shown(vectors, () if query.mode == "keywords" else unlike, (*wanted, *refused))


def _mean(
    names: Sequence[str], snapshot: Snapshot, towers: Towers
) -> tuple[tuple[tuple[Way, Vectors], ...], list[str]]:
    """What products have in common, on each way that an example goes; and the ids of these products."""
    found: dict[Way, list[Vectors]] = {}
    ids = []
    for name in names:
        product, _, row = find_product(snapshot, name)
        ids.append(product.id)
        for way, vector in _vectors_of(snapshot, row, towers).items():
            found.setdefault(way, []).append(vector)
    return tuple((way, unit(np.mean(each, axis=0))) for way, each in found.items()), ids


def _beside(shown: Mapping[Asked, Vectors], asked: Asked, vector: Vectors, query: Query) -> Vectors:
    """A vector that was asked, together with that of an example which goes the same way.

    Only where an encoder has no one vector for an example: else it goes a way of its own.
    """
    if (example := shown.get(asked)) is None:
        return vector
    own: AskedWith = "picture" if asked == "picture" else "words"
    return unit(query.weights.get(own, 1.0) * vector + query.weights.get("like", 1.0) * example)


def _shown(query: Query, snapshot: Snapshot, towers: Towers) -> Vectors:
    """The vector of a clip, of a part of a picture, or of a picture and what stands out in it."""
    if towers.picture is None:
        problem = f"the encoder '{towers.name}' does not read pictures"
        raise BadQuery(problem, remedy="Ask with words, or build the shop with an encoder that does")
    from duomo.encode.regions import cut, focused  # here, as few questions are pictures

    if query.picture is not None:
        seen = towers.picture.encode([cut(query.picture, query.box) if query.box else query.picture])
        # Measured with an encoder that knows things (benchmarks/regions.py), not with one of colors alone.
        if query.box is None and towers.shared and not _held(snapshot, towers, seen[0]):
            return focused(query.picture, towers.picture, seen[0])
    else:
        from duomo.encode.video import ClipEncoder

        seen = ClipEncoder(towers.picture).encode([query.clip] if query.clip else [])
    shown: Vectors = seen[0]
    return shown


def _held(snapshot: Snapshot, towers: Towers, vector: Vectors) -> bool:
    """Whether the shop has this very picture: then it is asked for as it is."""
    column = vector_column(towers.name, "picture")
    if not vector.any() or column not in snapshot.schema.names:
        return False
    return bool(snapshot.search(vector=vector, column=column, k=1, least=SAME).rows.size)


def question_of(
    query: Query,
    wording: Wording,
    shown: Shown,
    towers: Towers,
    chances: Mapping[str, Chance],
    meant: tuple[Filter, ...] = (),
) -> Question:
    """What is asked, in tokens and vectors.

    Args:
        query: what was asked.
        wording: its words, as they are searched.
        shown: everything else.
        towers: the encoder.
        chances: from the shop's manifest.
        meant: what the words prefer, as filters that can be asked of the shop.
    """
    vectors = dict(shown.vectors)
    if wording.text.strip() and towers.text:
        vectors["text"] = _beside(vectors, "text", towers.text.encode([wording.text])[0], query)
        if towers.asks_goods:
            vectors["words"] = towers.asks_goods.encode([wording.text])[0]
    return Question(
        names=_names(said(query)),
        words=wording.words,
        meant=meant,
        vectors=vectors,
        away=shown.away,
        ways=ways(towers),
        chances=chances,
        factors=_factors(query, towers),
        mode=query.mode,
    )


def _factors(query: Query, towers: Towers) -> dict[PartName, float]:
    """What the shopper weighs each part by; raises BadQuery where all that is asked weighs nothing."""
    asked: dict[AskedWith, tuple[PartName, ...]] = {}
    if said(query):
        asked["words"] = ("keywords", "meant", "text", "text to picture")
    if shows(query):
        asked["picture"] = ("picture", "picture to text")
    if query.like:
        asked["like"] = ("product",) if towers.shared else ("text", "picture")
    factors: dict[PartName, float] = {}
    for name, parts in asked.items():
        weight = query.weights.get(name, 1.0)
        factors |= {part: max(factors.get(part, 0.0), weight) for part in parts}
    if factors and not any(factors.values()):
        raise BadQuery("everything that is asked weighs 0", remedy="Leave at least one part its weight")
    if "words" in asked and len(asked) > 1 and towers.shared:
        factors |= {part: factor * factors[part] for part, factor in BESIDE.items()}
    return factors


def _names(text: str) -> tuple[str, ...]:
    """What a name would be looked up as, and a code: without what stands between its letters and digits."""
    squeezed = squeeze(text)
    names = (fold(text), squeezed if any(letter.isdigit() for letter in squeezed) else "")
    return tuple(dict.fromkeys(name for name in names if name))


def _vectors_of(snapshot: Snapshot, row: NDArray[np.int64], towers: Towers) -> dict[Way, Vectors]:
    """The vectors that a row has of its own: of all together, if there is one; of its pictures the first."""
    every = [way for way in ways(towers) if way.name == way.asked]
    own = [way for way in every if way.asked == "product"] or every
    table = snapshot.take(row, [way.column for way in own])
    held = {way: directions_of(table[way.column].combine_chunks()) for way in own}
    return {way: each.first()[0] for way, each in held.items() if each.present[0]}
