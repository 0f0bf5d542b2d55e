"""Candidates for synonyms: words of the shop that an encoder takes for the same. For a person to judge."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from rapidfuzz.distance import OSA

from duomo.encode.base import Encoder
from duomo.lexicon import concepts
from duomo.search.pairs import frequent_words
from duomo.search.synonyms import key_of
from duomo.search.vocabulary import Vocabulary

MOST_WORDS: Final = 3000  # of the shop, the most frequent ones
_APART: Final = 3  # slips between two words at least: what is nearer is a form or a misspelling
_TOGETHER: Final = 0.2  # of the rarer word's rows may have the other one too: synonyms replace each other


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two words that may mean the same."""

    first: str
    second: str
    similarity: float  # cosine of their vectors

    @property
    def line(self) -> str:
        """As a line of the synonyms file."""
        return f"{self.first}, {self.second}"


def mined(
    vocabulary: Vocabulary, encoder: Encoder[str], *, least: float = 0.7, most: int = 50
) -> list[Candidate]:
    """Pairs of words that are each other's nearest by an encoder of texts, the most alike first.

    Left out are forms and misspellings of one word, words that stand in one row often (brown boots: neither
    means the other), what the lexicon has already, and two words of one kind of which it knows that they
    differ (red and blue, S and M). Vectors put opposites side by side as readily as synonyms: a person must
    judge each line.

    Args:
        vocabulary: of the shop.
        encoder: of its texts.
        least: cosine similarity, at least.
        most: how many pairs.
    """
    phrases = sorted(frequent_words(vocabulary), key=lambda phrase: (-phrase.count, phrase.text))
    names = [phrase.text for phrase in phrases[:MOST_WORDS]]
    if len(names) < 2:
        return []
    vectors = encoder.encode(names)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1.0)
    nearest = alike.argmax(axis=1)
    pairs = [
        (one, other)
        for one, other in enumerate(nearest.tolist())
        if one < other and nearest[other] == one and alike[one, other] >= least
    ]
    found = [
        Candidate(names[one], names[other], round(float(alike[one, other]), 3))
        for one, other in pairs
        if OSA.distance(names[one], names[other]) >= min(_APART, len(names[one]), len(names[other]))
        and may_be_the_same(names[one], names[other], vocabulary)
    ]
    return sorted(found, key=lambda each: (-each.similarity, each.first))[:most]


def may_be_the_same(one: str, other: str, vocabulary: Vocabulary) -> bool:
    """Whether nothing speaks against two words meaning the same; see `mined`."""
    meanings = _meanings()
    if key_of(one) == key_of(other):
        return False
    if one.startswith(other) or other.startswith(one):  # a compound is another thing
        return False
    known, beside = meanings.get(key_of(one), set()), meanings.get(key_of(other), set())
    if known & beside or {kind for kind, _ in known} & {kind for kind, _ in beside}:
        return False
    rarer = min(vocabulary.words.get(word, 0) for word in (one, other))
    return not rarer or vocabulary.meet(one, other) <= _TOGETHER * rarer


@cache
def _meanings() -> dict[str, set[tuple[str, int]]]:
    """Name -> the concepts that it names, as kind and number."""
    found: dict[str, set[tuple[str, int]]] = {}
    for number, concept in enumerate(concepts()):
        for name in (*concept.en, *concept.zh):
            found.setdefault(key_of(name), set()).add((concept.kind, number))
    return found
