"""What aspects are measured against: TF-IDF and logistic regression, and dictionaries of what train has."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from duomo.train.aspects_corpora import Marked, MarkedText
from duomo.understand.aspects_tokens import words_of

WINDOW: Final = 5  # words on each side
Triplet = tuple[str, str, str]
Spans = set[tuple[int, int]]


def sentence(each: MarkedText, one: Marked) -> str:
    """All of it."""
    return each.text


def window(each: MarkedText, one: Marked) -> str:
    """The words around the aspect."""
    start, end = one.aspect or one.opinion or (0, len(each.text))
    words = words_of(each.text)
    ahead = [word for word in words if word.end <= start][-WINDOW:]
    behind = [word for word in words if word.start >= end][:WINDOW]
    return each.text[ahead[0].start if ahead else start : behind[-1].end if behind else end]


def tfidf() -> Any:
    """Words by one and two, characters by one to three."""
    views = make_union(
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2, sublinear_tf=True),
    )
    return make_pipeline(views, LogisticRegression(C=3, max_iter=300))


def wanted_spans(each: MarkedText, layer: str) -> Spans:
    """What is marked in a text."""
    spans = (one.aspect if layer == "aspect" else one.opinion for one in each.marked)
    return {span for span in spans if span}


def by_dictionary(text: str, listed: Counter[str]) -> Spans:
    """The longest pieces of whole words that a list has, from the left."""
    plain, words, found, at = text.lower(), words_of(text), set(), 0
    while at < len(words):
        for last in range(min(at + 8, len(words)) - 1, at - 1, -1):
            span = (words[at].start, words[last].end)
            if listed[plain[slice(*span)]]:
                found.add(span)
                at = last
                break
        at += 1
    return found


def dictionary_triplets(train: Sequence[MarkedText]) -> Callable[[MarkedText], set[Triplet]]:
    """Names and phrases that train has, each phrase with the nearest name and its commonest polarity."""
    terms = Counter(piece(each, one.aspect).lower() for each in train for one in each.marked if one.aspect)
    moods: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in train:
        for one in each.marked:
            if one.opinion:
                moods[piece(each, one.opinion).lower()][one.polarity] += 1
    listed = Counter({phrase: counts.total() for phrase, counts in moods.items()})

    def found(each: MarkedText) -> set[Triplet]:
        aspects = by_dictionary(each.text, terms)
        said = set()
        for start, end in by_dictionary(each.text, listed):
            near = min(aspects, key=lambda span: abs(span[0] + span[1] - start - end), default=None)
            phrase = each.text[start:end]
            said.add((piece(each, near), phrase, moods[phrase.lower()].most_common(1)[0][0]))
        return said

    return found


def piece(each: MarkedText, span: tuple[int, int] | None) -> str:
    """How a span reads."""
    return each.text[slice(*span)] if span else ""
