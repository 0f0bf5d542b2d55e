"""What is seen of an aspect to tell praise from blame: words by side, clause and distance, and moods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.understand.aspects_tokens import Word, mixed
from duomo.understand.aspects_words import MOOD_STEP, Hashes, Ints, WordKinds, hashes_of, levels, word_hash
from duomo.understand.grams import Grams

POLARITIES: Final = ("positive", "negative", "neutral")
TURNS: Final = frozenset(
    (
        *("but", "however", "although", "though", "while", "except", "yet", "unfortunately"),
        *("但", "但是", "不过", "可是", "只是", "然而", "虽然", "可惜", "却"),
    )
)
NOTS: Final = frozenset(
    (
        *("not", "no", "never", "nothing", "without", "hardly", "t", "nor", "none", "neither", "cannot"),
        *("不", "没", "没有", "无", "别", "未", "不是", "不够", "不会", "并不", "不太", "不能", "不怎么"),
    )
)
RIMS: Final = frozenset(",，。.;；!！?？…~～、:：()（）-—")  # of clauses
_WIDE: Final = 30  # words on each side that are looked at
_NEAR: Final = 3
_TURNED: Final = 3  # words behind a "not" that it turns round
_FADE: Final = 0.75  # of a mood, a word further
_SUMS: Final = 6  # levels of summed moods on either side
_ASPECT, _OPINION, _BEFORE, _LEFT, _RIGHT, _AFTER = range(1, 7)  # where a word stands
_OTHERS: Final = 8  # added for words of an opinion on something else

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Focus:
    """What is asked about: a sentence, an aspect in it, and the opinions on it and on others."""

    words: tuple[Word, ...]
    aspect: Span | None = None  # characters; None: it is implied
    opinions: tuple[Span, ...] = ()
    others: tuple[Span, ...] = ()
    style: str = ""  # the corpus, whose way of judging is meant; "": none


@dataclass(frozen=True, slots=True)
class _Seen:
    """The words around an aspect."""

    starts: Ints
    ends: Ints
    hashes: Hashes
    meant: Hashes
    felt: Ints  # moods, turned round by "not"
    turned: NDArray[np.bool_]
    side: Ints  # -1: ahead of the aspect, 0: in it, 1: behind it
    away: Ints  # words between, and one
    zone: Ints
    here: NDArray[np.bool_]  # in a clause of the aspect


def features(asked: Sequence[Focus], kinds: WordKinds) -> Grams:
    """The features of each question, with where their words stand in the sentence.

    Args:
        asked: one aspect each.
        kinds: what words are like.
    """
    parts = [_of(one, kinds) for one in asked]
    none = np.zeros(0, np.int64)
    ids, starts, ends = (np.concatenate([none, *(part[n] for part in parts)]) for n in range(3))
    ptr = np.cumsum([0, *(len(part[0]) for part in parts)])
    return Grams(ids.astype(np.uint32), starts, ends, ptr)


def _of(one: Focus, kinds: WordKinds) -> tuple[NDArray[np.uint32], Ints, Ints]:
    seen = _seen(one, kinds)
    near = np.where(seen.away <= _NEAR, 2 + seen.side, 0).astype(np.uint64)
    level = levels(seen.felt)
    zone, turned, every = seen.zone.astype(np.uint64), seen.turned.astype(np.uint64), seen.away <= _WIDE
    following, third = (np.append(seen.hashes[n:], np.zeros(n, np.uint64))[: len(near)] for n in (1, 2))
    moody = every & (seen.felt != 0)
    columns = (
        (every, (seen.hashes,)),
        (every, (seen.hashes, following)),
        (every, (seen.hashes, zone)),
        (every, (seen.hashes, following, zone)),
        (every, (seen.hashes, following, third, zone)),
        (every & (near > 0), (seen.hashes, near)),
        (every & seen.turned, (seen.hashes, turned, zone)),
        (every & (seen.meant > 0), (seen.meant, zone, turned)),
        (moody, (level, zone)),
        (moody & (near > 0), (level, near)),
    )
    found = [
        (mixed(number, *(part[chosen] for part in parts)), seen.starts[chosen], seen.ends[chosen])
        for number, (chosen, parts) in enumerate(columns)
    ]
    summed = np.array(_summary(one, seen), np.uint64).reshape(-1, 2)
    whole = np.zeros(len(summed), np.int64)
    found.append((mixed(len(columns), summed[:, 0], summed[:, 1]), whole, whole))
    ids, starts, ends = (np.concatenate(column) for column in zip(*found, strict=True))
    return ids, starts, ends


def _seen(one: Focus, kinds: WordKinds) -> _Seen:
    words = one.words
    starts = np.array([word.start for word in words], np.int64)
    ends = np.array([word.end for word in words], np.int64)
    hashes = hashes_of([word.form for word in words])
    _, meant, mood = kinds.of(hashes)
    nots = np.array([word.form in NOTS for word in words], bool)
    turned = np.zeros(len(words), bool)
    for step in range(1, _TURNED + 1):
        turned[step:] |= nots[:-step]
    turned &= ~nots

    def covered(spans: Sequence[Span]) -> NDArray[np.bool_]:
        inside = np.zeros(len(words), bool)
        for start, end in spans:
            inside |= (starts < end) & (ends > start)
        return inside

    inside, said = covered([one.aspect] if one.aspect else []), covered(one.opinions)
    place = np.arange(len(words))
    anchor = np.flatnonzero(inside if inside.any() else said)
    first, last = (int(anchor[0]), int(anchor[-1])) if len(anchor) else (0, len(words) - 1)
    side = (place > last).astype(np.int64) - (place < first)
    clause = np.cumsum([word.form in RIMS or word.form in TURNS for word in words])
    here = (clause >= clause[first]) & (clause <= clause[last]) if len(words) else inside
    zone = np.where(side <= 0, np.where(here, _LEFT, _BEFORE), np.where(here, _RIGHT, _AFTER))
    zone = np.where(covered(one.others) & ~said, zone + _OTHERS, zone)
    return _Seen(
        starts=starts,
        ends=ends,
        hashes=hashes,
        meant=meant,
        felt=np.where(turned, -mood, np.where(nots, 0, mood)),
        turned=turned,
        side=side,
        away=np.where(side < 0, first - place, np.where(side > 0, place - last, 0)),
        zone=np.where(said, _OPINION, np.where(inside, _ASPECT, zone)),
        here=here,
    )


def _summary(one: Focus, seen: _Seen) -> list[tuple[int, int]]:
    """Numbers of the whole sentence, each with which it is: sums of moods by place, and what turns them."""
    felt, side, here = seen.felt, seen.side, seen.here
    faded = felt * _FADE**seen.away
    said = seen.zone == _OPINION
    ahead, behind = side < 0, side > 0
    sums = (
        felt[said],
        felt[here],
        felt[here & ahead],
        felt[here & behind],
        felt,
        faded,
        faded[ahead],
        faded[behind],
        felt[seen.zone == _BEFORE],
        felt[seen.zone == _AFTER],
    )
    turns = np.array([word.form in TURNS for word in one.words], bool)
    nots = np.array([word.form in NOTS for word in one.words], bool)
    levelled = [
        int(np.clip(np.rint(each.sum() / (2 * MOOD_STEP)), -_SUMS, _SUMS)) + _SUMS + 1 for each in sums
    ]
    counts = [
        int(said.any()),
        int(turns[ahead].any()),
        int(turns[behind].any()),
        int(nots[here].any()),
        min(len(one.words) // 5, 8),
    ]
    return [*enumerate([*levelled, *counts, word_hash(one.style)], start=1)]
