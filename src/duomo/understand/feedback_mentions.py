"""What remarks praise and blame, and how each is meant: the readers of aspects and of sentiment at work."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.progress import Tick, silent
from duomo.understand.aspects import AspectReader, Opinion
from duomo.understand.aspects_groups import OVERALL, WordList, shipped_lists
from duomo.understand.feedback import Feedback, feedback_of
from duomo.understand.feedback_file import Remark, Remarks
from duomo.understand.feedback_quotes import Mention, Polarity
from duomo.understand.sentiment import SentimentReader

_AT_ONCE: Final = 512
_BEFORE: Final = 24  # characters before a phrase in which a word that turns it round is looked for
_TURNING: Final = re.compile(
    r"(?:\b(?:not|never|no|hardly|too|less|\w+n['’]t)\s+(?:(?:very|that|so|really|too|as)\s+)?|"
    r"(?:不是很|不怎么|不太|不够|没有|没|不|太))$",
    re.IGNORECASE,
)


class Heard(NamedTuple):
    """What was made of remarks."""

    mentions: list[Mention]
    positive: NDArray[np.float32]  # (n,) probability that each is meant well
    contradicting: int  # remarks whose rating says the opposite


def hear(
    remarks: Sequence[Remark], *, aspects: AspectReader, sentiment: SentimentReader, tick: Tick = silent
) -> Heard:
    """What remarks praise and blame.

    A praise or blame of everything at once is none of a theme: it shows in the ratings.

    Args:
        remarks: n of them.
        aspects: finds what is spoken of.
        sentiment: says how it is meant.
        tick: told about the stage "listening".
    """
    mentions: list[Mention] = []
    positive = np.full(len(remarks), 0.5, np.float32)
    contradicting = 0
    for at in range(0, len(remarks), _AT_ONCE):
        some = remarks[at : at + _AT_ONCE]
        texts = [remark.text for remark in some]
        for place, (remark, mood, said) in enumerate(
            zip(some, sentiment.read(texts), aspects.read(texts), strict=True), start=at
        ):
            positive[place] = mood.positive
            contradicting += remark.rating is not None and mood.against(remark.rating)
            for opinion in said.opinions:
                span = opinion.opinion_span or opinion.aspect_span
                if (
                    opinion.group == OVERALL
                    or span is None
                    or opinion.polarity not in ("positive", "negative")
                ):
                    continue
                mentions.append(_mention(place, remark.text, opinion, span))
        tick("listening", at + len(some), len(remarks))
    return Heard(mentions, positive, contradicting)


def _mention(place: int, text: str, opinion: Opinion, span: tuple[int, int]) -> Mention:
    """An opinion as a mention; what turns its phrase round or up belongs to it: "not flattering", "太薄"."""
    start, end = span
    if before := _TURNING.search(text[max(0, start - _BEFORE) : start]):
        start -= len(before[0])
    polarity: Polarity = "positive" if opinion.polarity == "positive" else "negative"
    return Mention(place, opinion.group, polarity, text[start:end] if opinion.opinion else "", start, end)


def read_feedback(
    read: Remarks, *, aspects: AspectReader, sentiment: SentimentReader, seed: int = 7, tick: Tick = silent
) -> Feedback:
    """The themes of a table of feedback; see `hear` and `feedback_of`."""
    heard = hear(read.remarks, aspects=aspects, sentiment=sentiment, tick=tick)
    return feedback_of(
        read, heard.mentions, heard.positive, contradicting=heard.contradicting, seed=seed, tick=tick
    )


def topic_names(lists: Sequence[WordList] = ()) -> dict[str, tuple[str, str]]:
    """Topic -> what it is called in English and in Chinese.

    >>> topic_names()["size"][1]
    '尺码'
    """
    return {
        each.name: ((each.en or each.zh)[0].capitalize(), (each.zh or each.en)[0])
        for each in lists or shipped_lists()
        if each.kind == "group"
    }
