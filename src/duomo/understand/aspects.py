"""Which parts of a thing a review praises or blames: the aspect, the words on it, and how they are meant.

A chain over tokens finds the names of aspects and the phrases of opinion (`aspects_tagger`), a linear judge
says which belong together (`aspects_pairs`), a linear head how it is meant (`aspects_polarity`), and lists of
words put each aspect into one of the shop's groups (`aspects_groups`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from duomo.understand.aspects_groups import BROAD, By, Groups
from duomo.understand.aspects_pairs import Pairs
from duomo.understand.aspects_polarity import POLARITIES, RIMS, Focus, features
from duomo.understand.aspects_tagger import LAYERS, Span, SpanTagger, spans_in
from duomo.understand.aspects_tokens import Tokens, Word, sentences, tokens_of
from duomo.understand.aspects_tokens import features as token_features
from duomo.understand.aspects_words import WordKinds
from duomo.understand.grams import Grams
from duomo.understand.linear import LinearWords
from duomo.understand.reading import Choice, Doubt, softmax
from duomo.understand.sentiment_text import language_of, plain

NEUTRAL: Final = POLARITIES.index("neutral")
# How aspects are marked where nobody says: as in SemEval-2014 for English, as in the restaurants for Chinese.
STYLES: Final = {"zh": "triplets", "en": "terms"}
SURE: Final = 0.5  # probability that a polarity needs
SURE_WITHOUT_PHRASE: Final = 0.6  # and that of an aspect on which no phrase of opinion was found
_AT_ONCE: Final = 512  # sentences

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One thing that a text says of an aspect."""

    aspect: str  # as it is named; "": implied
    aspect_span: Span | None  # code points of the text
    group: str
    by: By  # how the group was found
    opinion: str  # the phrase; "": none was found, yet the sentence says it
    opinion_span: Span | None
    polarity: str | None  # None: not sure
    probability: float  # of the polarity, or of the likeliest
    alternatives: tuple[Choice, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        said: dict[str, object] = {
            "aspect": self.aspect,
            "aspect_span": self.aspect_span and [*self.aspect_span],
            "group": self.group,
            "group_by": self.by,
            "opinion": self.opinion,
            "opinion_span": self.opinion_span and [*self.opinion_span],
            "polarity": self.polarity,
            "probability": round(self.probability, 4),
            "alternatives": [
                {"label": choice.label, "probability": round(choice.probability, 4)}
                for choice in self.alternatives
            ],
        }
        if self.polarity is None:
            said["doubt"] = "unsure"
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOpinions:
    """What a text says of aspects, in the order it says it."""

    opinions: tuple[Opinion, ...]
    doubt: Doubt | None = None  # why nothing could be read at all

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract; doubt where there is one."""
        said: dict[str, object] = {"opinions": [opinion.as_dict() for opinion in self.opinions]}
        return {**said, "doubt": self.doubt} if self.doubt else said


class Marks(NamedTuple):
    """The spans of both layers in a sentence, as characters of it."""

    aspects: list[Span]
    opinions: list[Span]


class _Sentence(NamedTuple):
    text: int  # which one it stands in
    start: int  # code points before it
    words: str
    style: str


class _Said(NamedTuple):
    """An aspect of a sentence before it is judged."""

    sentence: int
    aspect: Span | None
    opinion: Span | None
    focus: Focus


class Judge(Protocol):
    """How aspects are meant, by what a shop has taught."""

    def shares(self, found: Grams, shipped: Floats) -> Floats:
        """(n,) features and (n, POLARITIES) scores of the shipped head -> (n, POLARITIES) probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectReader:
    """Reads what texts say of aspects."""

    kinds: WordKinds
    tagger: SpanTagger
    pairs: Pairs
    polarity: LinearWords | None  # None while it is being made
    factor: float  # what its scores are multiplied by to become calibrated
    groups: Groups
    styles: Mapping[str, str] = field(default_factory=lambda: dict(STYLES))  # of each language that is read
    own: Judge | None = None  # what a shop has taught

    def within(self, groups: Groups) -> "AspectReader":
        """The same reader for other groups."""
        return replace(self, groups=groups)

    def read(self, texts: Sequence[str]) -> list[TextOpinions]:
        """What each text says of aspects; markup is not read.

        Where the aspect is implied it is ""; an aspect on which no phrase was found is told where the
        sentence surely praises or blames it. A text without letters has a doubt, and so has one in a language
        that was not learned.
        """
        bare = [plain(text) for text in texts]
        languages = [language_of(text) for text in bare]
        listed = [
            _Sentence(number, start, text[start:end], self.styles[language])
            for number, (text, language) in enumerate(zip(bare, languages, strict=True))
            if language in self.styles
            for start, end in sentences(text)
        ]
        found: list[list[Opinion]] = [[] for _ in texts]
        for at in range(0, len(listed), _AT_ONCE):
            some = listed[at : at + _AT_ONCE]
            for sentence, opinion in self._opinions(some):
                found[sentence.text].append(opinion)
        doubts: dict[str, Doubt] = {"none": "empty", "other": "language"}
        return [
            TextOpinions(opinions=tuple(opinions), doubt=doubts.get(language))
            for opinions, language in zip(found, languages, strict=True)
        ]

    def judge(self, text: str, aspects: Sequence[Span], *, style: str = "") -> Floats:
        """(n, POLARITIES) calibrated probabilities of how aspects whose names are known are meant.

        Args:
            text: a sentence, or a few.
            aspects: where they are named.
            style: the corpus whose way of judging is meant; "": none.
        """
        return self.shares(asked_of(self, text, aspects, style))

    def shares(self, asked: Sequence[Focus]) -> Floats:
        """(n, POLARITIES) calibrated probabilities."""
        if self.polarity is None:
            raise ValueError("this reader has not learned polarities")
        found = features(asked, self.kinds)
        scores = self.polarity.scores(found)
        return self.own.shares(found, scores) if self.own else softmax(scores * self.factor)

    def marks(self, texts: Sequence[str], style: str) -> tuple[Tokens, list[Marks]]:
        """The tokens of sentences, and the aspects and opinions in each.

        Args:
            texts: sentences.
            style: how aspects are marked.
        """
        tokens = tokens_of(texts)
        tags = self.tagger.tags(token_features(tokens, texts, self.kinds, style), tokens.ptr)
        marks = []
        for number in range(len(texts)):
            part = slice(tokens.ptr[number], tokens.ptr[number + 1])
            starts, ends = tokens.starts[part], tokens.ends[part]

            aspects, opinions = (
                [(int(starts[a]), int(ends[b - 1])) for a, b in spans_in(tags[layer][part])]
                for layer in LAYERS
            )
            marks.append(Marks(aspects, opinions))
        return tokens, marks

    def _of_its_own(self, text: str, said: _Said) -> _Said:
        """The same without its aspect where a Chinese phrase in another clause names an aspect of its own."""
        if not said.aspect or not said.opinion or not _parted(text, said.aspect, said.opinion):
            return said
        phrase = text[slice(*said.opinion)]
        own, other = self.groups.named(phrase), self.groups.named(text[slice(*said.aspect)])
        if not own or not other or own == other or own in BROAD or phrase.isascii():
            return said
        return said._replace(aspect=None, focus=replace(said.focus, aspect=None))

    def _opinions(self, listed: Sequence[_Sentence]) -> Iterator[tuple[_Sentence, Opinion]]:
        said: list[_Said] = []
        for style in sorted({each.style for each in listed}):
            chosen = [number for number, each in enumerate(listed) if each.style == style]
            tokens, marks = self.marks([listed[number].words for number in chosen], style)
            for number, words, mark in zip(chosen, tokens.words, marks, strict=True):
                said += [_Said(number, *each) for each in _paired(self.pairs, words, mark)]
        said = [self._of_its_own(listed[each.sentence].words, each) for each in said]
        shares = self.shares([each.focus for each in said])
        kept = [
            (each, row)
            for each, row in zip(said, shares, strict=True)
            if each.opinion or (row.argmax() != NEUTRAL and row.max() >= SURE_WITHOUT_PHRASE)
        ]
        kept.sort(key=lambda pair: (pair[0].sentence, min(filter(None, pair[0][1:3]))))
        pieces = [
            [listed[each.sentence].words[slice(*span)] if span else "" for span in each[1:3]]
            for each, _ in kept
        ]
        grouped = self.groups.of([term for term, _ in pieces], [phrase for _, phrase in pieces])
        for (each, row), (term, phrase), (group, by) in zip(kept, pieces, grouped, strict=True):
            sentence = listed[each.sentence]
            order = np.argsort(-row, kind="stable").tolist()
            sure = float(row[order[0]]) >= SURE
            yield (
                sentence,
                Opinion(
                    aspect=term,
                    aspect_span=_moved(each.aspect, sentence.start),
                    group=group,
                    by=by,
                    opinion=phrase,
                    opinion_span=_moved(each.opinion, sentence.start),
                    polarity=POLARITIES[order[0]] if sure else None,
                    probability=float(row[order[0]]),
                    alternatives=tuple(
                        Choice(POLARITIES[n], float(row[n])) for n in (order[1:] if sure else order)
                    ),
                ),
            )


def _parted(text: str, one: Span, other: Span) -> bool:
    """Whether two spans stand in different clauses."""
    first, second = sorted((one, other))
    return any(mark in RIMS for mark in text[first[1] : second[0]])


def asked_of(reader: AspectReader, text: str, aspects: Sequence[Span], style: str) -> list[Focus]:
    """Questions about aspects whose names are known, with the opinions that the tagger finds."""
    (asked,) = asked_of_each(reader, [text], [aspects], style)
    return [replace(each, style=style) for each in asked]


def asked_of_each(
    reader: AspectReader, texts: Sequence[str], aspects: Sequence[Sequence[Span]], style: str
) -> list[list[Focus]]:
    """The same for many sentences together, judged without their style.

    Args:
        reader: whose tagger finds opinions.
        texts: sentences.
        aspects: of each, in any order.
        style: how aspects are marked.
    """
    tokens, marks = reader.marks(texts, style)
    found = []
    for words, spans, (_, opinions) in zip(tokens.words, aspects, marks, strict=True):
        order = sorted(range(len(spans)), key=lambda number: spans[number])
        owners = reader.pairs.of(words, [spans[number] for number in order], opinions)
        asked = {}
        for place, number in enumerate(order):
            own = [span for span, of in zip(opinions, owners, strict=True) if place in of]
            others = [span for span in opinions if span not in own]
            asked[number] = Focus(words, spans[number], tuple(own), tuple(others))
        found.append([asked[number] for number in range(len(spans))])
    return found


def _paired(
    pairs: Pairs, words: Sequence[Word], marks: Marks
) -> Iterator[tuple[Span | None, Span | None, Focus]]:
    """Each aspect with each opinion on it; aspects and opinions that stand alone, too."""
    of_opinion = pairs.of(words, marks.aspects, marks.opinions)
    for opinion, owners in zip(marks.opinions, of_opinion, strict=True):
        others = tuple(span for span in marks.opinions if span != opinion)
        owned: list[Span | None] = [marks.aspects[place] for place in owners]
        for aspect in owned or [None]:
            yield aspect, opinion, Focus(tuple(words), aspect, (opinion,), others)
    told = {place for owners in of_opinion for place in owners}
    for place, aspect in enumerate(marks.aspects):
        if place not in told:
            yield aspect, None, Focus(tuple(words), aspect, (), tuple(marks.opinions))


def _moved(span: Span | None, by: int) -> Span | None:
    return (span[0] + by, span[1] + by) if span else None
