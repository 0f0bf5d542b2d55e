"""Words that the shop does not know, and the words of the shop they may have been meant as."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, prod
from typing import Final, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from duomo.once import once
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.han import fold_traditional, has_han, pinyin
from duomo.shelf.keywords import tokens, words

SHORTEST: Final = 4  # letters of a word that may be repaired: a shorter one is one slip from too many
TWO_SLIPS: Final = 7  # letters of a word in which two slips are thought of
MOST: Final = 5  # alternatives of a word, itself apart
MOST_WORDS: Final = 40  # of a question; further ones stay as they are
RARE: Final = 200  # times as frequent is the word next to a known one that may be a slip of it
# What a hypothesis costs, in natural logarithms of chance. Chosen on words of titles in the train split of
# fashion_products (benchmarks/typo_repair.py --train), where half or twice as much changes little.
SLIP: Final = 6.0
FREQUENT: Final = 0.6  # how much a word gains by being frequent in the shop
DOUBLED: Final = 0.5  # of a slip: colar for collar, addidas for adidas
FIRST_LETTER: Final = 0.5  # the first letter is seldom the wrong one
COMPANY: Final = 0.5  # how much it gains by standing in rows with its neighbours in the question
_LEAST: Final = 0.05  # of the best alternative's likelihood: below that it is left out
_TWICE: Final = re.compile(r"(.)\1+")
JOINTS: Final = re.compile(r"[-_./'’&+]")  # what holds the parts of a word together


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to read words of a question."""

    text: str  # words of the shop, folded; a phrase of several is searched as all of them
    weight: float  # 0 to 1: what it counts beside the others


_Key = TypeVar("_Key")
_Likely = list[tuple[float, Alternative]]  # with the logarithms of how likely each was meant


@dataclass(frozen=True, slots=True)
class Group:
    """Words of the question that stand side by side, and what may be searched for them: any of these.

    What was asked is always among the alternatives: first, unless the shop knows nothing by that name and
    something else is likely; then last.
    """

    said: str  # the words as they were asked, folded
    alternatives: tuple[Alternative, ...]
    glued: bool = False  # no blank stands before it: a piece of a Chinese sentence

    @property
    def best(self) -> str:
        """What it is read as."""
        return self.alternatives[0].text


class Speller:
    """Reads questions by the words of one version of a shop.

    >>> import pyarrow as pa
    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> row = {"id": "1", "product_id": "1", "title": "Yellow windbreaker 连衣裙"}
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist([row], schema=pa.schema(FIXED)))
    >>> speller = Speller(Vocabulary.of(shelf.snapshot()))
    >>> [group.best for group in speller.repair("yelow wind breaker")]
    ['yellow', 'windbreaker']
    >>> [group.best for group in speller.repair("連衣裙 连衣群 lianyiqun")]
    ['连衣裙', '连衣裙', '连衣裙']
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Of a vocabulary; what it takes to look words up is made when it is first needed."""
        self.vocabulary = vocabulary
        self._known: dict[str, tuple[Alternative, ...]] = {}  # of words of the shop, as they are asked

    def repair(self, text: str) -> tuple[Group, ...]:
        """The question as groups of alternatives, in the order of its words.

        A word that the shop knows stands alone; so do words of up to three letters, and whatever has a
        digit in it. Never raises, whatever the text.
        """
        groups: list[Group] = []
        for run in text.split():
            found = words(fold_traditional(run))
            start = len(groups)
            for word in found:
                as_it_is = len(groups) >= MOST_WORDS or has_han(word)  # Chinese: together with its neighbours
                groups.append(_alone(word) if as_it_is else Group(word, self.alternatives(word)))
            groups[start + 1 :] = [replace(group, glued=True) for group in groups[start + 1 :]]
        return tuple(self._han(self._in_company(self._joined(groups))))

    def alternatives(self, word: str) -> tuple[Alternative, ...]:
        """What one Latin word may have been meant as; the word itself is always among them."""
        if (known := self._known.get(word)) is not None:
            return known
        own = Alternative(word, 1.0)
        if not _may_be_wrong(word):
            return (own,)
        if self.vocabulary.knows(word):
            known = (own, *self._far_more_frequent(word))
            return self._known.setdefault(word, known) if word in self.vocabulary.words else known
        near = self._near(word, self._by_length, 1 if len(word) < TWO_SLIPS else 2)
        found = [*near, *self._split(word), *self._read_aloud(word)]
        return (*_weighed(word, found), own)

    # Latin words

    def _in_company(self, groups: Sequence[Group]) -> list[Group]:
        """The groups, each repaired word as what stands in one row with its neighbours: red shrit."""
        found = list(groups)
        for place, group in enumerate(groups):
            if group.best == group.said or len(group.alternatives) < 3 or has_han(group.said):
                continue
            beside = (g for g in groups[max(place - 2, 0) : place + 3] if g is not group)
            near = [g.best for g in beside if g.best == g.said]
            *others, own = group.alternatives
            fits = [prod((1 + self.vocabulary.meet(o.text, n)) ** COMPANY for n in near) for o in others]
            rated = [replace(o, weight=o.weight * f / max(fits)) for o, f in zip(others, fits, strict=True)]
            kept = sorted(rated, key=lambda other: (-other.weight, other.text))
            least = _LEAST * kept[0].weight
            likely = [replace(o, weight=round(o.weight, 4)) for o in kept if o.weight >= least]
            found[place] = replace(group, alternatives=(*likely, own))
        return found

    def _near(self, word: str, among: Mapping[int, Sequence[str]], most: int) -> _Likely:
        """Words up to `most` slips away, with the logarithm of how likely each was meant."""
        near: dict[str, tuple[float, Alternative]] = {}
        for length in range(max(len(word) - most, 3), len(word) + most + 1):
            met = process.extract(
                word, among.get(length, ()), scorer=OSA.distance, score_cutoff=most, limit=None
            )
            for other, slips, _ in met:
                cost = SLIP * (slips - DOUBLED * (_undoubled(word) == _undoubled(other)))
                likely = FREQUENT * log(1 + self._frequency(other)) - cost
                likely -= FIRST_LETTER * (other[0] != word[0])
                alike = 1 - slips / max(len(word), len(other))
                stem = " ".join(tokens(other))  # shirt and shirts find the same
                if stem not in near or near[stem][0] < likely:
                    near[stem] = (likely, Alternative(other, alike))
        return list(near.values())

    def _far_more_frequent(self, word: str) -> list[Alternative]:
        """The words at one slip of a known one that are so much more frequent that it may be a slip."""
        own, least = tokens(word), RARE * max(self._frequency(word), 1)
        near = self._near(word, self._frequent, 1)
        near = [(n, a) for n, a in near if self._frequency(a.text) >= least and tokens(a.text) != own]
        return [replace(each, weight=each.weight / 2) for each in _weighed(word, near)]

    def _split(self, word: str) -> _Likely:
        """The word as two of the shop's, which stand in one row somewhere: runningshoes."""
        known = self.vocabulary.words
        found = [
            (min(known[a], known[b]), a, b)
            for place in range(3, len(word) - 2)
            if (a := word[:place]) in known and (b := word[place:]) in known
        ]
        return [
            (FREQUENT * log(1 + count) - SLIP, Alternative(f"{a} {b}", 0.9))
            for count, a, b in sorted(found, reverse=True)[:3]
            if self.vocabulary.meet(a, b)
        ]

    def _read_aloud(self, word: str) -> _Likely:
        """Chinese words of the shop that are read like this: lianyiqun."""
        named = self._by_sound.get(word, ())
        return [(FREQUENT * log(1 + self._frequency(w)) - SLIP / 2, Alternative(w, 0.9)) for w in named]

    def _joined(self, groups: Sequence[Group]) -> list[Group]:
        """Two words that the shop writes as one are read so, too: wind breaker, t shirt."""
        found: list[Group] = []
        place = 0
        while place < len(groups):
            here, there = groups[place], groups[place + 1] if place + 1 < len(groups) else None
            whole = self._whole(here.said, there.said) if there else ""
            if not there or not whole:
                found.append(here)
                place += 1
                continue
            said = f"{here.said} {there.said}"
            both = self.vocabulary.knows(here.said) and self.vocabulary.knows(there.said)
            asked, joined = Alternative(said, 1.0), Alternative(whole, 0.9)
            found.append(Group(said, (asked, joined) if both else (joined, asked), here.glued))
            place += 2
        return found

    def _whole(self, first: str, second: str) -> str:
        """How the shop writes two words as one; "" where it does not."""
        whole = first + second
        if len(whole) < 5 or not whole.isalpha() or has_han(whole) or min(len(first), len(second)) < 1:
            return ""
        return self._without_joints.get(whole, "")

    # Chinese words

    def _han(self, groups: Sequence[Group]) -> list[Group]:
        """The groups, with Chinese words that the shop does not know read as those that it does."""
        found: list[Group] = []
        place = 0
        while place < len(groups):
            end = place + 1
            if has_han(groups[place].said):
                while end < len(groups) and groups[end].glued and has_han(groups[end].said):
                    end += 1
                run = [group.said for group in groups[place:end]]
                first, *others = self._sentence(run)
                found += [
                    replace(first, glued=groups[place].glued),
                    *(replace(g, glued=True) for g in others),
                ]
            else:
                found.append(groups[place])
            place = end
        return found

    def _sentence(self, run: Sequence[str]) -> list[Group]:
        """A Chinese run, cut into words: each known, repaired with its neighbours, or as it is."""
        found: list[Group] = []
        place = 0
        while place < len(run):
            size, group = self._best_window(run, place)
            found.append(group)
            place += size
        return found

    def _best_window(self, run: Sequence[str], place: int) -> tuple[int, Group]:
        """How many words from here are best read as one, and as what."""
        for size in (3, 2, 1):  # a wrong character makes the cutter part a word in two or three
            window = run[place : place + size]
            said = "".join(window)
            if len(window) < size or not 2 <= len(said) <= 6:
                continue
            if all(map(self.vocabulary.knows, window)):
                continue
            if found := self._alike(said):
                return size, Group(said, (*_weighed(said, found), Alternative(said, 1.0)))
        return 1, _alone(run[place])

    def _alike(self, said: str) -> _Likely:
        """Chinese words of the shop written in traditional characters, read alike, or one character off."""
        near: dict[str, tuple[float, Alternative]] = {}

        def add(others: Iterable[str], cost: float, alike: float) -> None:
            for other in others:
                if other != said:
                    likely = FREQUENT * log(1 + self._frequency(other)) - cost
                    near.setdefault(other, (likely, Alternative(other, alike)))

        if not self._han_words:
            return []
        simple = fold_traditional(said)
        add(self._by_simple.get(simple, ()), 0.0, 1.0)
        add(self._by_sound.get("".join(pinyin(simple)), ()), SLIP / 2, 0.9)
        if len(simple) > 2:  # of two characters one is too little to go by
            for gap in range(len(simple)):
                others = self._by_gap.get((gap, simple[:gap] + simple[gap + 1 :]), ())
                add(others, SLIP, 1 - 1 / len(simple))
        return list(near.values())

    # What the shop's words are looked up by

    def _frequency(self, word: str) -> int:
        """Rows with a word in any of its inflections, about: rows with two of them count twice."""
        return self._by_stem.get(" ".join(tokens(word)), self.vocabulary.words.get(word, 0))

    @once
    def _by_stem(self) -> Mapping[str, int]:
        sums: defaultdict[str, int] = defaultdict(int)
        for word, count in self.vocabulary.words.items():
            sums[" ".join(tokens(word))] += count
        return sums

    @once
    def _by_length(self) -> Mapping[int, Sequence[str]]:
        lists: defaultdict[int, list[str]] = defaultdict(list)
        for word in self.vocabulary.words:
            if word.isalpha() and not has_han(word):
                lists[len(word)].append(word)
        return lists

    @once
    def _frequent(self) -> Mapping[int, Sequence[str]]:
        """Those that are frequent enough to be meant instead of another word of the shop."""
        return {
            length: [word for word in each if self._frequency(word) >= RARE]
            for length, each in self._by_length.items()
        }

    @once
    def _without_joints(self) -> Mapping[str, str]:
        """A word without its hyphens and dots -> how the shop writes it most often."""
        found: dict[str, str] = {}
        counts = self.vocabulary.words
        for word in counts:
            bare = JOINTS.sub("", word)
            if bare.isalpha() and (bare not in found or counts[found[bare]] < counts[word]):
                found[bare] = word
        return found

    @once
    def _han_words(self) -> Sequence[str]:
        return [word for word in self.vocabulary.words if len(word) > 1 and has_han(word)]

    @once
    def _by_simple(self) -> Mapping[str, Sequence[str]]:
        return _listed((fold_traditional(word), word) for word in self._han_words)

    @once
    def _by_sound(self) -> Mapping[str, Sequence[str]]:
        return _listed(("".join(pinyin(fold_traditional(word))), word) for word in self._han_words)

    @once
    def _by_gap(self) -> Mapping[tuple[int, str], Sequence[str]]:
        simple = ((fold_traditional(word), word) for word in self._han_words if len(word) > 2)
        return _listed(((gap, s[:gap] + s[gap + 1 :]), word) for s, word in simple for gap in range(len(s)))


def _listed(pairs: Iterable[tuple[_Key, str]]) -> Mapping[_Key, Sequence[str]]:
    lists: defaultdict[_Key, list[str]] = defaultdict(list)
    for key, word in pairs:
        lists[key].append(word)
    return lists


def _alone(word: str) -> Group:
    return Group(word, (Alternative(word, 1.0),))


def _may_be_wrong(word: str) -> bool:
    return len(word) >= SHORTEST and JOINTS.sub("", word).isalpha()


def _undoubled(word: str) -> str:
    return _TWICE.sub(r"\1", word)


def _weighed(said: str, found: Iterable[tuple[float, Alternative]]) -> tuple[Alternative, ...]:
    """The likeliest first, at most MOST; each counts by how alike and how likely beside the best it is."""
    order = sorted(found, key=lambda each: (-each[0], each[1].text))
    kept = [(exp(likely - order[0][0]), each) for likely, each in order if each.text != said][:MOST]
    return tuple(replace(e, weight=round(e.weight * share, 4)) for share, e in kept if share >= _LEAST)
