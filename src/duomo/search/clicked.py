"""Candidates for synonyms: what shoppers ask for, and the word of the goods that they choose then."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Final

from rapidfuzz.distance import OSA

from duomo.catalog.events import Search
from duomo.search.mined import may_be_the_same
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.keywords import Word, question

LEAST: Final = 5  # searches with a word that chose goods without it
SHARE: Final = 0.5  # of these that chose goods with the other word
_Z: Final = 1.96  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Chosen:
    """A word that shoppers ask with, and one of the goods they choose, which do not have the first."""

    asked: str
    meant: str
    searches: int  # with the first word that chose goods without it
    share: float  # of these that chose goods with the second word
    known: bool  # whether the shop has the first word, too

    @property
    def line(self) -> str:
        """As a line of the synonyms file: one way where the shop does not have the word that is asked."""
        return f"{self.asked}, {self.meant}" if self.known else f"{self.asked} => {self.meant}"


def clicked(
    searches: Iterable[Search],
    titles: Mapping[str, str],
    vocabulary: Vocabulary,
    *,
    least: int = LEAST,
    most: int = 50,
) -> list[Chosen]:
    """For each word asked the word that the goods chosen have in its place, the surest first.

    Sure is what the lower end of a Wilson interval of its share has above the share of all choices that have
    the word. Left out are words of one product alone, forms and misspellings, and what `mined` leaves out.
    Shoppers choose what is offered: a person must judge each line.

    Args:
        searches: with what was done to the goods shown.
        titles: id of a product or variant -> its title.
        vocabulary: of the shop.
        least: searches with a word that chose goods without it; fewer say little, and may tell who asked.
        most: how many pairs.
    """
    words = cache(question)
    asked: Counter[str] = Counter()  # word -> searches that chose goods without it
    met: defaultdict[str, Counter[str]] = defaultdict(Counter)  # word -> words of these goods
    goods: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # both words -> titles
    usual: Counter[str] = Counter()  # word -> choices of goods that have it
    choices = 0
    for search in searches:
        chosen = {titles[id] for id in search.actions if id in titles}
        if not chosen:
            continue
        said = [word for word in words(search.text) if _a_word(word)]
        for title in chosen:
            choices += 1
            usual.update(word.said for word in words(title))
        for word in said:
            without = [title for title in chosen if not _holds(words(title), word)]
            asked[word.said] += bool(without)
            others = {other.said for title in without for other in words(title) if _a_word(other)}
            met[word.said].update(others - {one.said for one in said})
            for title in without:
                for one in words(title):
                    goods[word.said, one.said].add(title)
    found = []
    for name, times in asked.items():
        if times < least:
            continue
        sure = {
            other: _lower(count, times) - usual[other] / choices
            for other, count in met[name].items()
            if count >= SHARE * times
            and len(goods[name, other]) > 1
            and 2 * OSA.distance(name, other) >= max(len(name), len(other))  # nearer, it is a misspelling
            and may_be_the_same(name, other, vocabulary)
        }
        script = name.isascii()  # of equals the one that is written like the word asked
        other = max(sure, key=lambda each: (sure[each], each.isascii() == script, each), default="")
        if other and sure[other] > 0:
            share = round(met[name][other] / times, 3)
            found.append((sure[other], Chosen(name, other, times, share, name in vocabulary.words)))
    return [each for _, each in sorted(found, key=lambda pair: (-pair[0], pair[1].asked))[:most]]


def _a_word(word: Word) -> bool:
    return len(word.said) > 1 and not any(letter.isdigit() for letter in word.said)


def _holds(title: tuple[Word, ...], word: Word) -> bool:
    there = {token for each in title for spelling in each.spellings for token in spelling.tokens}
    return any(there.issuperset(spelling.tokens) for spelling in word.spellings)


def _lower(count: int, times: int) -> float:
    """The lower end of the Wilson interval of a share (Wilson, JASA 1927)."""
    share, square = count / times, _Z**2
    spread = _Z * sqrt(share * (1 - share) / times + square / (4 * times**2))
    return (share + square / (2 * times) - spread) / (1 + square / times)
