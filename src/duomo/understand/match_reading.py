"""What a matcher says of goods: a match, or what contradicts what, with evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from duomo.arrays import Pixels
from duomo.encode.regions import Box, regions
from duomo.understand.category import covered, log_odds
from duomo.understand.gate import Flags, Floats
from duomo.understand.grams import word_spans
from duomo.understand.match import Heard, Matcher
from duomo.understand.reading import Doubt, Evidence
from duomo.understand.sight import Sight
from duomo.understand.taxonomy import label

SURE: Final = 0.5  # probability from which on something is a contradiction
UNSURE: Final = 0.2  # and from which on it is not said that all agree
_MOST_WORDS: Final = 60  # of a text that are left out one by one
_MOST_REGIONS: Final = 4
_PARTS: Final = (
    Box(x=0, y=0, w=1, h=0.5),
    Box(x=0, y=0.5, w=1, h=0.5),
    Box(x=0, y=0, w=0.5, h=1),
    Box(x=0.5, y=0, w=0.5, h=1),
    Box(x=0.25, y=0.25, w=0.5, h=0.5),
)  # of a picture that goods fill, so that they are no region of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Whether words and picture of one product agree."""

    label: Literal["match", "contradiction"] | None  # None: don't know, and `doubt` says why
    probability: float  # that they contradict each other
    part: str = ""  # the label that contradicts, or "picture": it is another product's
    says: str = ""  # the words
    shows: str = ""  # the picture
    of: str = ""  # the label that both speak of
    evidence: tuple[Evidence, ...] = ()
    doubt: Doubt | None = None
    zero_shot: bool = False  # by names alone (`match_names`): nothing was learned from the shop

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract; what there is none of is left out."""
        said: dict[str, object] = {"label": self.label, "probability": round(self.probability, 4)}
        if self.part:
            said |= {"part": self.part, "of": self.of, "says": self.says, "shows": self.shows}
        if self.evidence:
            said["evidence"] = [piece.as_dict() for piece in self.evidence]
        if self.doubt:
            said["doubt"] = self.doubt
        if self.zero_shot:
            said["zero_shot"] = True
        return said


@dataclass(frozen=True, slots=True)
class MatchReader:
    """Reads whether goods contradict themselves."""

    matcher: Matcher
    sight: Sight

    def read(
        self, texts: Sequence[str], pictures: Sequence[Pixels | None], *, evidence: bool = False
    ) -> Iterator[Matched]:
        """What is to be said of goods, one after the other.

        Args:
            texts: n, as `classify.words_of` gives them.
            pictures: n; None: there is none, and nothing can be said.
            evidence: name the words and the region of the picture that speak for a contradiction: each is
                left out in turn.
        """
        shown = np.array([each is not None for each in pictures], bool)
        seen = self._seen(pictures)
        found = self.judge(texts, seen, shown)
        if not evidence:
            yield from found
            return
        for text, pixels, each in zip(texts, pictures, found, strict=True):
            if not each.part or pixels is None:
                yield each
                continue
            yield replace(each, evidence=self.why(text, pixels))

    def why(self, text: str, pixels: Pixels, *, most: int = 4) -> tuple[Evidence, ...]:
        """The words and the region of a picture without which a contradiction would be less likely.

        Each word is left out in turn, and each region painted over (Li et al., 2016; Zeiler and Fergus, ECCV
        2014); the weight is the log odds of a contradiction that are lost.

        Args:
            text: of the goods.
            pixels: likewise.
            most: how many words are named, besides the region that weighs most.
        """
        spans = word_spans(text)[:_MOST_WORDS]
        boxes = [*regions(pixels, most=_MOST_REGIONS), *_PARTS]
        texts = [text, *(text[:start] + text[end:] for start, end in spans), *([text] * len(boxes))]
        pictures = [pixels] * (1 + len(spans)) + [covered(pixels, box) for box in boxes]
        odds = [log_odds(1 - float(each)) for each in self.matcher.shares(texts, self._seen(pictures))[:, 0]]
        lost = [odds[0] - each for each in odds[1:]]
        words = [
            Evidence(part="words", weight=weight, text=text[start:end], start=start, end=end)
            for (start, end), weight in zip(spans, lost, strict=False)
            if weight > 0
        ]
        shown = [
            Evidence(part="picture", weight=weight, box=box)
            for box, weight in zip(boxes, lost[len(spans) :], strict=True)
            if weight > 0
        ]
        strongest = sorted(words, key=lambda each: (-each.weight, each.start))[:most]
        region = sorted(shown, key=lambda each: -each.weight)[:1]
        return tuple(sorted([*strongest, *region], key=lambda each: -each.weight))

    def judge(self, texts: Sequence[str], seen: Floats, shown: Flags) -> list[Matched]:
        """The same from what was seen of pictures: (n, dim), and (n,) whether there is one."""
        heard = self.matcher.heard(texts, seen)
        return judged(self.matcher, texts, shown, heard, self.matcher.shares_of(heard))

    def _seen(self, pictures: Sequence[Pixels | None]) -> Floats:
        """(n, dim) what is seen; a picture that is there several times is looked at once."""
        distinct = {id(each): each for each in pictures if each is not None}
        place_of = {key: place for place, key in enumerate(distinct)}
        rows = self.sight.see([*distinct.values()])
        seen = np.zeros((len(pictures), self.sight.dim), np.float32)
        for row, each in enumerate(pictures):
            if each is not None:
                seen[row] = rows[place_of[id(each)]]
        return seen


def judged(
    matcher: Matcher, texts: Sequence[str], shown: Flags, heard: Sequence[Heard], shares: Floats
) -> list[Matched]:
    """What probabilities of the parts mean for goods, with what words say and pictures show.

    Args:
        matcher: that knows the labels.
        texts: n.
        shown: (n,) whether there is a picture.
        heard: of each label.
        shares: (n, parts), perhaps of heads that have not seen these goods.
    """
    known = np.max([each.known for each in heard], axis=0)
    known = (known > 0) & (known >= matcher.card.least_known)
    found = []
    for row, text in enumerate(texts):
        wrong = 1 - float(shares[row, 0])
        if not text.strip() or not shown[row] or not known[row]:
            doubt: Doubt = "empty" if not text.strip() or not shown[row] else "unknown"
            found.append(Matched(label=None, probability=matcher.card.share, doubt=doubt))
            continue
        if wrong < UNSURE:
            found.append(Matched(label="match", probability=wrong))
            continue
        part = 1 + int(shares[row, 1:].argmax())
        place = part - 1 if part <= len(heard) else int(shares[row, 1:-1].argmax())
        side, each = matcher.sides[place], heard[place]
        says, shows = _both(each.words[row], each.picture[row], each.outright[row])
        found.append(
            Matched(
                label="contradiction" if wrong >= SURE else None,
                probability=wrong,
                part=matcher.card.parts[part],
                of=side.label,
                says=label(side.names.classes[says]),
                shows=label(side.names.classes[shows]),
                doubt=None if wrong >= SURE else "unsure",
            )
        )
    return found


def _both(words: Floats, picture: Floats, outright: Sequence[int]) -> tuple[int, int]:
    """The class that words say, and the likeliest other one that the picture shows."""
    says = max(outright, key=lambda each: (words[each], -each)) if outright else int(words.argmax())
    order = np.argsort(-picture, kind="stable")
    return says, int(order[0] if order[0] != says else order[1])
