"""What a shopper may be about to ask: questions completed and mended by what the catalog says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from duomo.errors import BadQuery, MissingShop
from duomo.once import once
from duomo.search.completions import Completions, units
from duomo.search.matched import Spans, matched
from duomo.search.pairs import frequent_words, pairs_of
from duomo.search.repair import SHORTEST, Speller
from duomo.search.vocabulary import Phrase, PhraseKind, Vocabulary
from duomo.shelf.filters import fold
from duomo.shelf.han import has_han
from duomo.shelf.keywords import tokens
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS, Manifest

MOST: Final = 50  # suggestions at once
MOST_TEXT: Final = 200  # characters: nobody waits for a suggestion behind more
MOST_UNITS: Final = 12
_LOOKED_AT: Final = 40  # matches that are weighed, of the most frequent ones
_KINDS: Final[tuple[PhraseKind, ...]] = ("brand", "category", "attribute", "search", "product")
# What a match is worth beside the logarithm of the products it leads to.
_BONUS: Final[dict[PhraseKind, float]] = {
    "brand": 1.0,
    "category": 1.5,
    "attribute": 0.5,
    "search": 0.5,
    "product": 0.0,
}
_BEGINS: Final = 1.5  # the phrase begins with what was typed
_WHOLE: Final = 1.0  # a word of it is just what was typed
_LONG_WORD: Final = 16  # letters of the longest beginnings that are made ready
_HEARD: Final = 1.0  # taken off where only the reading fits


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that what was typed may grow into."""

    text: str
    kind: PhraseKind
    count: int  # products whose brand, category, value or title it is, or which have the words of a search
    matched: Spans  # stretches of the text that were typed, as start and end
    read_as: str = ""  # what was typed, repaired; "": as it was typed


class Suggester:
    """Completes questions for one version of a shop; what it looks up is made when first needed.

    >>> import pyarrow as pa
    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> rows = [{"id": t, "product_id": t, "title": t, "brand": "Nike"} for t in ("Nike Shoes", "红色连衣裙")]
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    >>> suggester = Suggester(Vocabulary.of(shelf.snapshot()))
    >>> [(each.text, each.kind, each.count, each.matched) for each in suggester.suggest("nik")]
    [('Nike', 'brand', 2, ((0, 3),)), ('Nike Shoes', 'product', 1, ((0, 3),))]
    >>> [[each.text for each in suggester.suggest(typed)] for typed in ("lianyi", "hslyq", "連衣", "nkie sh")]
    [['红色连衣裙'], ['红色连衣裙'], ['红色连衣裙'], ['Nike Shoes']]
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Of a vocabulary."""
        self.vocabulary = vocabulary
        self.speller = Speller(vocabulary)

    @classmethod
    def of_shop(cls, folder: Path) -> Self:
        """Of what the shop in a folder serves now; raises MissingShop where it serves nothing yet."""
        if not Manifest.load(folder).served:
            remedy = f"Run: duomo build CATALOG --shop {folder}"
            raise MissingShop(f"no build of the shop in {folder} has ended yet", remedy=remedy)
        return cls(Vocabulary.of(LanceShelf(folder / VARIANTS).snapshot()))

    def warm(self) -> Self:
        """Make what is looked up now, so that no shopper waits for it."""
        self.suggest("a")
        self.speller.repair("abcdefgh 一二三")
        for length in range(SHORTEST - 1, _LONG_WORD):
            self._beginnings_of(length)
        return self

    def suggest(self, text: str, k: int = 8) -> tuple[Suggestion, ...]:
        """Up to k questions that begin like the text, or nearly: the likeliest first, several kinds mixed.

        Each word typed is the beginning of a word, in Latin letters; of a stretch of Chinese; or of how it is
        read, in full or by first letters. Only where nothing fits is the text repaired. Where nothing is
        typed, nothing is suggested.

        Raises:
            BadQuery: k is below 1 or above 50.
        """
        if not 1 <= k <= MOST:
            raise BadQuery(f"k is {k}", remedy=f"Ask for 1 to {MOST} suggestions")
        asked = units(text) if len(text) <= MOST_TEXT else []
        if not asked or len(asked) > MOST_UNITS or not self._phrases:
            return ()
        if found := self._found([[unit] for unit in asked], k):
            return found
        whole = "".join(asked)
        if len(asked) > 1 and whole.isascii() and whole.isalpha() and (found := self._found([[whole]], k)):
            return found  # lian yi qun
        readings = [self._readings(unit, last=n == len(asked) - 1) for n, unit in enumerate(asked)]
        said = " ".join(reading[0] for reading in readings)
        return tuple(replace(each, read_as=said) for each in self._found(readings, k))

    @once
    def _phrases(self) -> Sequence[Phrase]:
        """What may be suggested, each text once, the most worth first."""
        every = sorted(
            [*self.vocabulary.phrases, *pairs_of(self.vocabulary), *frequent_words(self.vocabulary)],
            key=lambda p: (_KINDS.index(p.kind), -p.count, p.text, p.column),
        )
        once: dict[str, Phrase] = {}
        for phrase in every:  # of Red Dress and Red Dresses, which find the same, the more frequent one
            once.setdefault(" ".join(tokens(phrase.text)) or fold(phrase.text), phrase)
        return sorted(once.values(), key=lambda p: (-_worth(p), p.text))

    @once
    def _completions(self) -> Completions:
        by_words = [phrase.kind == "product" for phrase in self._phrases]
        return Completions([phrase.text for phrase in self._phrases], by_words=by_words)

    def _found(self, readings: Sequence[Sequence[str]], k: int) -> tuple[Suggestion, ...]:
        """The best k phrases that hold one reading of every unit."""
        size = len(self._phrases)
        all_held, begun = np.ones(size, np.bool_), np.zeros(size, np.bool_)
        for place, unit_readings in enumerate(readings):
            held = np.zeros(size, np.bool_)
            for reading in unit_readings:
                there, first = self._completions.holding(reading)
                held |= there
                if place == 0:
                    begun |= first
            all_held &= held
            if not all_held.any():
                return ()
        return self._best(readings, all_held, begun, k)

    def _best(
        self,
        readings: Sequence[Sequence[str]],
        held: NDArray[np.bool_],
        begun: NDArray[np.bool_],
        k: int,
    ) -> tuple[Suggestion, ...]:
        every = np.flatnonzero(held)  # phrases stand in the order of their worth
        near = {*every[: _LOOKED_AT + k].tolist(), *np.flatnonzero(held & begun)[: _LOOKED_AT + k].tolist()}
        rated = []
        for number in sorted(near):
            phrase = self._phrases[number]
            spans, whole, heard = matched(phrase.text, readings)
            value = _worth(phrase) + _BEGINS * bool(begun[number]) + _WHOLE * whole - _HEARD * heard
            rated.append((-value, number, spans))
        kinds = [(self._phrases[number].kind, number, spans) for _, number, spans in sorted(rated)]
        chosen = [(self._phrases[number], spans) for number, spans in _mixed(kinds, k)]
        return tuple(Suggestion(p.text, p.kind, p.count, spans) for p, spans in chosen)

    def _readings(self, unit: str, *, last: bool) -> list[str]:
        """What a unit that may be mistyped can be read as, the likeliest first."""
        if self._completions.holding(unit)[0].any():
            return [unit]
        if has_han(unit):
            return ["".join(group.best for group in self.speller.repair(unit))]
        near = [each.text for each in self.speller.alternatives(unit)]
        counts = {w: self.vocabulary.words.get(w, 0) for w in near if w != unit and " " not in w}
        counts |= self._beginnings(unit) if last else {}
        return sorted(counts, key=lambda word: (-counts[word], -len(word), word)) or [unit]

    def _beginnings(self, unit: str) -> dict[str, int]:
        """The three most frequent beginnings of the shop's words that are one slip away, with their rows."""
        if len(unit) < SHORTEST or not unit.isalpha():
            return {}
        near: dict[str, int] = {}
        for length in range(len(unit) - 1, len(unit) + 2):
            known = self._beginnings_of(length)
            alike = process.extract(unit, list(known), scorer=OSA.distance, score_cutoff=1, limit=None)
            near |= {other: known[other] for other, _, _ in alike}
        return dict(sorted(near.items(), key=lambda each: (-each[1], each[0]))[:3])

    def _beginnings_of(self, length: int) -> Counter[str]:
        """How many rows have words with each beginning of so many letters."""
        if length not in self._with_beginning:
            found: Counter[str] = Counter()
            for word, count in self.vocabulary.words.items():
                if len(word) >= length and word.isalpha() and not has_han(word):
                    found[word[:length]] += count
            self._with_beginning[length] = found
        return self._with_beginning[length]

    @once
    def _with_beginning(self) -> dict[int, Counter[str]]:
        return {}


def did_you_mean(text: str, speller: Speller) -> str:
    """The question in words that the shop knows, for where it finds nothing; "" if there is none better.

    Words that need no repair stand as they were asked, folded.

    >>> import pyarrow as pa
    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist([{"id": "1", "product_id": "1", "title": "Yellow jacket"}],
    ...                                   schema=pa.schema(FIXED)))
    >>> speller = Speller(Vocabulary.of(shelf.snapshot()))
    >>> did_you_mean("yelow jackt", speller), did_you_mean("yellow jacket", speller)
    ('yellow jacket', '')
    """
    groups = speller.repair(text)
    if all(group.best == group.said for group in groups):
        return ""
    return "".join(f"{'' if group.glued or not n else ' '}{group.best}" for n, group in enumerate(groups))


def _worth(phrase: Phrase) -> float:
    return log(1 + phrase.count) + _BONUS[phrase.kind]


def _mixed(ranked: Sequence[tuple[PhraseKind, int, Spans]], k: int) -> list[tuple[int, Spans]]:
    """The first k, but no kind more than half of them as long as there are others."""
    taken: Counter[PhraseKind] = Counter()
    chosen, left = [], []
    for kind, number, spans in ranked:
        if taken[kind] < max(-(-k // 2), 1):
            taken[kind] += 1
            chosen.append((number, spans))
        else:
            left.append((number, spans))
    return (chosen + left)[:k] if len(chosen) < k else chosen[:k]
