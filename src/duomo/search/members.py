"""Which variants a question finds, before any filter: its keyword matches and its near neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final, NamedTuple

from duomo.arrays import Vectors
from duomo.hits import Mode, PartName
from duomo.search.ways import Asked, Way
from duomo.shelf.base import Found, Snapshot
from duomo.shelf.filters import Filter, OneOf
from duomo.shelf.keywords import Word

NEIGHBOURS: Final = 1000  # most neighbours that one vector brings into the result set
LONGEST: Final = 6  # words: a longer question has the cut of one with six


class Chance(NamedTuple):
    """How similar a question of the shop's own and a product are that have nothing to do with each other."""

    middle: float  # cosine similarity of the median pair
    cut: float  # what nearly all such pairs lie below: from here on it is a neighbour


UNMEASURED: Final = Chance(0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query as the shelf understands it."""

    names: tuple[str, ...] = ()  # the words folded as a name would be, and squeezed as a code would be
    words: tuple[Word, ...] = ()  # distinct
    vectors: Mapping[Asked, Vectors]  # (dim,) each; absent where nothing was asked or no encoder reads it
    away: tuple[tuple[Way, Vectors], ...] = ()  # what is not wanted, and where to compare it
    ways: tuple[Way, ...] = ()
    chances: Mapping[str, Chance]  # `chance_name` -> what chance gives
    meant: tuple[Filter, ...] = ()  # values of the catalog that the words prefer: a color, a brand
    factors: Mapping[PartName, float] = field(default_factory=dict)  # what the shopper weighs a part by; 1
    mode: Mode = "hybrid"

    @property
    def empty(self) -> bool:
        """Nothing was asked that could find anything: every product is a member."""
        return not self.names and not self.vectors

    @property
    def by_words(self) -> bool:
        """Whether keywords are asked."""
        return bool(self.words) and self.mode != "vector" and self.factors.get("keywords", 1.0) > 0

    @property
    def by_vectors(self) -> tuple[tuple[Way, Vectors], ...]:
        """The ways that are gone, each with its vector."""
        if self.mode == "keywords":
            return ()
        gone = (way for way in self.ways if self.factors.get(way.name, 1.0) > 0)
        asked = ((way, self.vectors.get(way.asked)) for way in gone)
        return tuple((way, vector) for way, vector in asked if vector is not None and vector.any())

    def chance(self, way: Way) -> Chance:
        """What chance gives on this way, for a question of so many words."""
        return self.chances.get(chance_name(way, len(self.words) or LONGEST), UNMEASURED)


def chance_name(way: Way, words: int) -> str:
    """What a shop's manifest calls the chance of a way, for a question of so many words."""
    length = f":{min(max(words, 1), LONGEST)}" if way.asked in ("text", "words") else ""
    return f"{way.asked}:{way.column}{length}"


def look(
    snapshot: Snapshot, question: Question, *, filter: Filter | None = None, wide: bool = False
) -> dict[PartName, Found]:
    """The list of each part of the question, best first.

    Args:
        snapshot: of the variants table.
        question: what is asked; a mode other than hybrid leaves parts out.
        filter: only rows it lets through; None: the whole shop.
        wide: take neighbours however far, instead of those above the calibrated similarity alone.
    """
    lists: dict[PartName, Found] = {}
    if question.names and question.mode != "vector" and not wide:
        named = snapshot.search(filter=OneOf("names", question.names))
        if named.rows.size:
            lists["exact"] = named
    if question.by_words:
        lists["keywords"] = snapshot.search(keywords=question.words, filter=filter)
    for way, vector in question.by_vectors:
        cut = -inf if wide else question.chance(way).cut
        lists[way.name] = snapshot.search(
            vector=vector, column=way.column, filter=filter, k=NEIGHBOURS, least=cut
        )
    return lists
