"""What remarks praise and blame, how it is said most often, and which of them are typical."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from math import log1p
from typing import Final, Literal, NamedTuple

from duomo.understand.aspects_polarity import NOTS
from duomo.understand.feedback_file import Remark

Polarity = Literal["positive", "negative"]
_QUOTES: Final = 5
_PHRASES: Final = 8
_QUOTE_CHARS: Final = (12, 160)  # of a quote that is read easily


class Mention(NamedTuple):
    """One thing that a remark praises or blames."""

    remark: int  # which of the remarks
    topic: str  # the aspect, as "size"; of none that is known its own words
    polarity: Polarity
    phrase: str  # how it was said, as "runs small"
    start: int  # code points of the remark before the phrase
    end: int


class Quote(NamedTuple):
    """A remark that is typical of a theme."""

    text: str
    product: str
    rating: float | None
    time: datetime | None
    pictures: tuple[str, ...]
    start: int  # of the phrase in the text
    end: int
    line: int  # of the file


def phrases_of(mentions: Sequence[Mention]) -> tuple[tuple[str, int], ...]:
    """How a theme is said, with the remarks that say it so."""
    said = {(mention.remark, mention.phrase.casefold().strip()) for mention in mentions}
    counts = Counter(phrase for _, phrase in said if phrase and phrase not in NOTS)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_PHRASES])


def quotes_of(remarks: Sequence[Remark], mentions: Sequence[Mention]) -> tuple[Quote, ...]:
    """Remarks that say what many say, in few words, no two alike, of different products where there are."""
    first: dict[int, Mention] = {}
    for mention in mentions:
        first.setdefault(mention.remark, mention)
    often = Counter(mention.phrase.casefold().strip() for mention in mentions)
    least, most = _QUOTE_CHARS

    def worth(place: int) -> float:
        remark, phrase = remarks[place], first[place].phrase.casefold().strip()
        fits = least <= len(remark.text) <= most
        return log1p(often[phrase]) + 2.0 * fits + 0.5 * bool(remark.pictures) - len(remark.text) / 1000

    chosen: list[int] = []
    phrases: set[str] = set()
    products: set[str] = set()
    ranked = sorted(first, key=lambda place: (-worth(place), place))
    for fresh in (True, False):  # first of phrases and products that none is shown of yet
        for place in ranked:
            remark, phrase = remarks[place], first[place].phrase.casefold().strip()
            seen = phrase in phrases or (remark.product and remark.product in products)
            if len(chosen) == _QUOTES or place in chosen or (fresh and seen):
                continue
            if any(remark.text == remarks[other].text for other in chosen):
                continue
            chosen.append(place)
            phrases.add(phrase)
            products.add(remark.product)
    return tuple(_quote(remarks[place], first[place]) for place in chosen)


def _quote(remark: Remark, mention: Mention) -> Quote:
    """A remark as a quote; of a long one what stands around the phrase."""
    start, end, text = mention.start, mention.end, remark.text
    room = _QUOTE_CHARS[1]
    if len(text) > room:
        begin = max(0, min(start - room // 2, len(text) - room))
        cut = text[begin : begin + room]
        head, tail = "…" * (begin > 0), "…" * (begin + room < len(text))
        text = f"{head}{cut}{tail}"
        start, end = (max(0, place - begin) + len(head) for place in (start, end))
    return Quote(text, remark.product, remark.rating, remark.time, remark.pictures, start, end, remark.line)
