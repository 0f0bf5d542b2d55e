"""Questions that the catalog suggests beside its own values: shoes, nike shoes, 红色连衣裙."""

from collections import Counter, defaultdict
from functools import cache
from typing import Final

import numpy as np

from duomo.lexicon import concepts
from duomo.search.vocabulary import Phrase, Said, Vocabulary
from duomo.shelf.filters import fold
from duomo.shelf.han import has_han

LEAST: Final = 2  # products of a pair: what one alone is has a title
MOST: Final = 20_000  # pairs, the most frequent ones
_SHARE: Final = 0.3  # of a column's rows whose value the lexicon knows as a type, or as said of one
_SAID_OF: Final = frozenset({"color", "pattern", "material", "style", "person", "season", "occasion"})
_MOST_COLUMNS: Final = 6
_EMPTY: Final = frozenset(  # words that say nothing by themselves
    {
        "and",
        "any",
        "are",
        "but",
        "for",
        "from",
        "has",
        "have",
        "its",
        "not",
        "off",
        "one",
        "our",
        "out",
        "per",
    }
    | {"per", "plus", "set", "she", "the", "their", "they", "this", "two", "with", "without", "you", "your"}
    | {"可以", "适用", "适合", "以及", "一个", "我们"}
)
_LEADS: Final = 5  # rows whose titles begin with a word: that is a brand, or as good as one
_FOLLOWS: Final = 0.8  # of them have the same second word: it belongs to the first


def pairs_of(vocabulary: Vocabulary) -> list[Phrase]:
    """Pairs of a brand, color, material or the like with a type, that at least two products have together.

    What a column holds is told by its name (brand, category) or by the lexicon: a column is one of types if
    the lexicon knows three in ten of its rows as types. Where no column has brands, the beginnings of titles
    stand for them: most merchants begin with the brand. Most frequent first, then by text.
    """
    types, said_of = [], []
    for said in vocabulary.said:
        if said.kind == "category" or _share(said, frozenset({"type"})) >= _SHARE:
            types.append(said)
        elif said.kind == "brand" or (said.kind == "attribute" and _share(said, _SAID_OF) >= _SHARE):
            said_of.append(said)
    found: dict[str, Phrase] = {}
    leads = _leads(vocabulary)
    for phrase in [
        *vocabulary.counted(leads),
        *(
            p
            for first in [leads, *said_of[:_MOST_COLUMNS]]
            for second in types[:_MOST_COLUMNS]
            for p in _together(first, second, vocabulary)
        ),
    ]:
        known = found.setdefault(fold(phrase.text), phrase)
        if known.count < phrase.count:
            found[fold(phrase.text)] = phrase
    return sorted(found.values(), key=lambda phrase: (-phrase.count, phrase.text))[:MOST]


def frequent_words(vocabulary: Vocabulary) -> list[Phrase]:
    """Single words that at least five rows have, with their products: what a shopper types first.

    Numbers, words of one or two letters and words that say nothing by themselves are left out.
    """
    found = []
    for word, count in vocabulary.words.items():
        long_enough = len(word) > (1 if has_han(word) else 2)
        if count < _LEADS or not long_enough or not word.isalpha() or word in _EMPTY:
            continue
        products = int(np.unique(vocabulary.products[vocabulary.rows_of(word)]).size)
        found.append(Phrase(text=word, kind="search", column="", count=products))
    return found


def _leads(vocabulary: Vocabulary) -> Said:
    """The words that many titles begin with, two where the second nearly always follows: Peter England."""
    titles = next((said for said in vocabulary.said if said.kind == "product"), None)
    nothing = np.zeros(0, np.int64)
    if titles is None or any(said.kind == "brand" and said.values.size for said in vocabulary.said):
        return Said("title", "search", (), nothing, nothing, nothing)
    begun = [tuple(fold(word) for word in text.split()[:2]) for text in titles.texts]
    counts = np.bincount(titles.values, minlength=len(begun)).tolist()
    ones: Counter[str] = Counter()
    twos: Counter[tuple[str, ...]] = Counter()
    for words, count in zip(begun, counts, strict=True):
        ones[words[0]] += count
        twos[words] += count
    place: dict[str, int] = {}
    texts: list[str] = []
    lead_of = np.full(len(begun), -1)
    for number, (words, text) in enumerate(zip(begun, titles.texts, strict=True)):
        size = 2 if len(words) > 1 and twos[words] >= _FOLLOWS * ones[words[0]] else 1
        lead = " ".join(text.split()[:size])
        if ones[words[0]] >= _LEADS and any(map(str.isalpha, lead)) and not has_han(lead):
            if fold(lead) not in place:
                place[fold(lead)] = len(texts)
                texts.append(lead)
            lead_of[number] = place[fold(lead)]
    leads = lead_of[titles.values]
    there = leads >= 0
    return Said("title", "search", tuple(texts), np.arange(len(texts)), titles.rows[there], leads[there])


def _share(said: Said, kinds: frozenset[str]) -> float:
    """The share of a column's rows whose value is a word of one of these kinds."""
    if not said.values.size:
        return 0.0
    known = _words_of_kinds()
    fits = np.array([bool(known[text.casefold()] & kinds) for text in said.texts], np.bool_)
    return float(fits[said.values].mean())


@cache
def _words_of_kinds() -> defaultdict[str, set[str]]:
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for concept in concepts():
        for word in (*concept.en, *concept.zh):
            kinds[word.casefold()].add(concept.kind)
    return kinds


def _together(first: Said, second: Said, vocabulary: Vocabulary) -> list[Phrase]:
    """Every value of one column with every value of the other, counted over the rows that have both."""
    starts = np.searchsorted(second.rows, first.rows)
    counts = np.searchsorted(second.rows, first.rows, side="right") - starts
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    there = np.repeat(starts, counts) + offsets
    width = max(len(second.texts), 1)
    pair = np.repeat(first.alike[first.values], counts) * width + second.alike[second.values[there]]
    products = vocabulary.products[second.rows[there]]
    order = np.lexsort((products, pair))
    pair, products = pair[order], products[order]
    new = np.ones(pair.size, np.bool_)
    new[1:] = (pair[1:] != pair[:-1]) | (products[1:] != products[:-1])
    found = Counter(pair[new].tolist())
    phrases = []
    for number, count in found.items():
        one, other = first.texts[number // width], second.texts[number % width]
        if count >= LEAST and fold(one) not in fold(other) and fold(other) not in fold(one):
            blank = "" if has_han(one[-1:]) and has_han(other[:1]) else " "
            phrases.append(Phrase(text=f"{one}{blank}{other}", kind="search", column="", count=count))
    return phrases
