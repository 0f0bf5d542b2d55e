"""How a review is meant: good or bad, how strongly, how many stars, and which words say so.

Two models that err differently judge each text: n-grams (`linear`), and a small net that reads pieces in
their order (`sentiment_net`). Their log odds are added with weights that were learned on held-out reviews of
each language, so the sum is calibrated. The fast mode has the n-grams alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Final, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray

from duomo.understand.grams import Grams, grams, word_spans
from duomo.understand.linear import LinearWords, spans
from duomo.understand.reading import Choice, Doubt, Evidence, Reading, softmax
from duomo.understand.sentiment_marks import marks_in, mood_of
from duomo.understand.sentiment_net import SentenceNet, mean_scores
from duomo.understand.sentiment_text import Language, language_of, plain

POSITIVE: Final = "positive"
NEGATIVE: Final = "negative"
MIXED: Final = "mixed"
Label = Literal["positive", "negative", "mixed"]
Flag = Literal["mixed", "unsure", "rating"]  # rating: it came with one that contradicts it
_MIDDLE: Final = 3  # stars
_CONTRARY: Final = 0.05  # a text that is meant as it is rated with less than this contradicts its rating
_CANDIDATES: Final = 8  # pieces of a text whose absence is tried
_CLAUSE: Final = re.compile(r"[^,.!?;，。！？；、~…\n]{3,}")
_CLEAR: Final = 3.0  # log odds beyond which a text is not mixed, whatever a clause says
_FIRM: Final = 1.3  # log odds beyond which a clause is good or bad
_TOP: Final = 6.0  # log odds beyond which a text is meant no more strongly
_MOST_EVIDENCE: Final = 5
_AT_ONCE: Final = 400_000  # characters of texts that are read together: some 200 MB of n-grams
_LONGEST_TRIED: Final = 4_000  # characters: in longer texts the n-grams alone name the evidence

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """How what the models say of a language becomes log odds and stars; learned on held-out reviews."""

    net: float  # what the net's log odds are multiplied by
    words: float  # what the score of the n-grams is multiplied by
    bias: float
    fast_words: float  # the same for the n-grams alone
    fast_bias: float
    sure: float  # a label that is less probable is unsure
    net_stars: float = 0.0  # what the net's scores of stars are multiplied by; 0: they are not told by it
    ladder: tuple[tuple[float, float, float], ...] = ()  # else: from log odds z; offset, of z, of z squared


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a shop has learned from its own reviews, beside what Duomo brings along."""

    head: LinearWords  # one column: good
    shipped: float  # what the log odds of the shipped reader are multiplied by
    words: float  # what the score of the head is multiplied by
    bias: float

    def logits(self, shipped: Floats, found: Grams) -> Floats:
        """(n,) log odds of the shipped reader and the grams of the texts -> (n,) log odds of both."""
        scores = self.head.scores(found)[:, 0]
        return np.asarray(self.shipped * shipped + self.words * scores + self.bias, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """How one text is meant."""

    reading: Reading
    positive: float  # probability that it is good, 0 to 1; 0.5 where nothing is known
    language: Language
    star_shares: tuple[float, ...] = ()  # probabilities of 1 to 5 stars; () where they are not told
    flags: tuple[Flag, ...] = ()

    @property
    def stars(self) -> float | None:
        """The stars that are expected, 1 to 5; None where they are not told."""
        if not self.star_shares:
            return None
        return sum(number * share for number, share in enumerate(self.star_shares, start=1))

    @property
    def strength(self) -> float:
        """How far from indifferent it is meant, 0 to 1: by its stars, or else by how sure it is."""
        if (stars := self.stars) is None:
            return abs(2 * self.positive - 1)
        return abs(stars - _MIDDLE) / 2

    @property
    def label(self) -> Label | None:
        """Good, bad or mixed; None where that is not known."""
        return cast(Label | None, self.reading.label)

    def against(self, rating: float) -> bool:
        """Whether it surely contradicts a rating from 1 to 5 that came with the text.

        >>> bad = Reading(label="negative", probability=0.98)
        >>> said = Sentiment(reading=bad, positive=0.02, language="en")
        >>> said.against(5), said.against(1)
        (True, False)
        """
        as_rated = self.positive if rating > _MIDDLE else 1 - self.positive
        return self.label is not None and rating != _MIDDLE and as_rated < _CONTRARY

    def beside(self, rating: float) -> Self:
        """The same, flagged where it is against a rating."""
        return replace(self, flags=(*self.flags, "rating")) if self.against(rating) else self

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        said = self.reading.as_dict()
        del said["probability"], said["alternatives"]
        stars = self.stars
        return {
            "label": said.pop("label"),
            "positive": round(self.positive, 4),
            "strength": round(self.strength, 4),
            "stars": None if stars is None else round(stars, 2),
            "star_shares": [round(share, 4) for share in self.star_shares],
            "language": self.language,
            "flags": list(self.flags),
            **said,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentReader:
    """Reads how texts are meant."""

    words: dict[Language, LinearWords]  # n-grams, one column: good
    blends: dict[Language, Blend]
    nets: dict[Language, tuple[SentenceNet, ...]]  # those of a language say their mean; none: the fast mode
    own: Own | None = None  # of a shop

    def read(self, texts: Sequence[str], *, evidence: bool = False, abstain: bool = False) -> list[Sentiment]:
        """What each text says.

        A text without anything to judge it by has no label: an empty one, one of marks alone that are not
        known, one in a language that was not learned. Every other one is good or bad, and flagged where it
        is mixed or unsure.

        Args:
            texts: as they were written; markup is not read.
            evidence: name the words that decide; with the net, each is tried by leaving it out.
            abstain: give no label to what is unsure, and the label "mixed" to what is mixed.
        """
        bare = [plain(text) for text in texts]
        said = [each for part in _parts(bare) for each in self._said(part)]
        if evidence:
            said = [self._explained(*pair) for pair in zip(bare, said, strict=True)]
        return [_abstained(each) for each in said] if abstain else said

    def _said(self, texts: Sequence[str]) -> list[Sentiment]:
        languages = [language_of(text) for text in texts]
        found: list[Sentiment | None] = [None] * len(texts)
        for language in self.words:
            chosen = [number for number, each in enumerate(languages) if each == language]
            its = [texts[number] for number in chosen]
            logits, stars = self._judged(its, language)
            torn = self._torn(its, logits, language)
            for number, logit, shares, mixed in zip(
                chosen, logits.tolist(), stars.tolist(), torn, strict=True
            ):
                found[number] = self._sentiment(logit, language, shares, mixed=mixed)
        return [
            each or _unread(text, language)
            for each, text, language in zip(found, texts, languages, strict=True)
        ]

    def _judged(self, texts: Sequence[str], language: Language) -> tuple[Floats, Floats]:
        """(n,) log odds of good and (n, 5) shares of stars, or (n, 0), of texts in a language."""
        found, blend = grams(texts), self.blends[language]
        words = self.words[language].scores(found)[:, 0]
        stars = np.zeros((len(texts), 0), np.float32)
        if nets := self.nets.get(language):
            net = mean_scores(nets, texts)
            judged = np.asarray(blend.net * net[:, 0] + blend.words * words + blend.bias, np.float32)
            if blend.net_stars:
                stars = np.asarray(blend.net_stars * net[:, 1:], np.float32)
        else:
            judged = np.asarray(blend.fast_words * words + blend.fast_bias, np.float32)
        if self.own:
            judged = self.own.logits(judged, found)
        logits = judged + np.array([mood_of(marks_in(text)) for text in texts], np.float32)
        if blend.ladder and not stars.size:
            stars = steps(logits) @ np.array(blend.ladder, np.float32).T
        return logits, softmax(stars) if stars.size else stars

    def _torn(self, texts: Sequence[str], logits: Floats, language: Language) -> list[bool]:
        """(n,) whether one clause of a text is good and another bad by n-grams, and the whole not clear."""
        blend = self.blends[language]
        clauses = [
            _CLAUSE.findall(text) if abs(logit) < _CLEAR else []
            for text, logit in zip(texts, logits.tolist(), strict=True)
        ]
        flat = [clause for part in clauses for clause in part]
        scores = iter((blend.fast_words * self.words[language].scores(grams(flat))[:, 0]).tolist())
        torn = []
        for part in clauses:
            said = [next(scores) + blend.fast_bias for _ in part]
            torn.append(bool(said) and min(max(said), -min(said)) > _FIRM)
        return torn

    def _sentiment(
        self, logit: float, language: Language, stars: Sequence[float], *, mixed: bool
    ) -> Sentiment:
        blend = self.blends[language]
        positive = float(1 / (1 + np.exp(-logit)))
        flags: list[Flag] = ["mixed"] if mixed else []
        if max(positive, 1 - positive) < blend.sure:
            flags.append("unsure")
        return Sentiment(
            reading=_reading(positive),
            positive=positive,
            language=language,
            star_shares=tuple(stars),
            flags=tuple(flags),
        )

    def _explained(self, text: str, said: Sentiment) -> Sentiment:
        """The same with the pieces that decide, each with the log odds that the label loses without it."""
        if said.reading.label is None:
            return said
        sign = 1 if said.reading.label == POSITIVE else -1
        marks = [replace(mark, weight=sign * mark.weight) for mark in marks_in(text)]
        pieces: list[Evidence] = []
        if said.language in self.words:
            pieces = [
                piece
                for piece in self._pieces(text, said.language, sign)
                if not any(mark.start < piece.end and piece.start < mark.end for mark in marks)
            ]
        strongest = sorted([*marks, *pieces], key=lambda piece: -abs(piece.weight))[:_MOST_EVIDENCE]
        chosen = tuple(sorted(strongest, key=lambda piece: -piece.weight))
        return replace(said, reading=replace(said.reading, evidence=chosen))

    def _pieces(self, text: str, language: Language, sign: int) -> list[Evidence]:
        blend, polar = self.blends[language], self.words[language]
        credits = polar.credits(grams([text]), text, 0) * (sign * blend.fast_words)
        pieces = spans(text, word_spans(text), credits, most=_CANDIDATES)
        if not self.nets.get(language) or len(text) > _LONGEST_TRIED or not pieces:
            return pieces
        without = [
            text[: piece.start] + " " * (piece.end - piece.start) + text[piece.end :] for piece in pieces
        ]
        logits, _ = self._judged([text, *without], language)
        return [
            replace(piece, weight=sign * float(logits[0] - logit))
            for piece, logit in zip(pieces, logits[1:], strict=True)
        ]


def steps(logits: Floats) -> Floats:
    """(n,) log odds -> (n, 3): what a ladder of stars multiplies; the odds are bounded.

    >>> steps(np.array([-2.0, 99.0], np.float32)).tolist()
    [[1.0, -2.0, 4.0], [1.0, 6.0, 36.0]]
    """
    bounded = np.clip(logits, -_TOP, _TOP)
    return np.stack([np.ones_like(bounded), bounded, bounded**2], axis=1)


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in their order, so many at once as memory should hold."""
    parts = [end // _AT_ONCE for end in accumulate(map(len, texts))]
    for _, chosen in groupby(zip(parts, texts, strict=True), key=lambda pair: pair[0]):
        yield [text for _, text in chosen]


def _reading(positive: float) -> Reading:
    best, other = (POSITIVE, NEGATIVE) if positive >= 0.5 else (NEGATIVE, POSITIVE)
    sure = max(positive, 1 - positive)
    return Reading(label=best, probability=sure, alternatives=(Choice(other, 1 - sure),))


def _unread(text: str, language: Language) -> Sentiment:
    """What there is to say without words of a language that was learned: what its marks say, or why not."""
    mood = mood_of(marks_in(text))
    if language == "none" and mood:
        positive = float(1 / (1 + np.exp(-mood)))
        return Sentiment(reading=_reading(positive), positive=positive, language=language)
    doubt: Doubt = "language" if language == "other" else "unknown" if text.strip() else "empty"
    return Sentiment(
        reading=Reading(label=None, probability=0.5, doubt=doubt), positive=0.5, language=language
    )


def _abstained(said: Sentiment) -> Sentiment:
    """The same, without a label where it is unsure, and mixed where it is that."""
    if said.reading.label is None or not said.flags:
        return said
    if "mixed" in said.flags:
        return replace(said, reading=replace(said.reading, label=MIXED))
    best = Choice(said.reading.label, said.reading.probability)
    alternatives = (best, *said.reading.alternatives)
    return replace(said, reading=replace(said.reading, label=None, alternatives=alternatives, doubt="unsure"))
