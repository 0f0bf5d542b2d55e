"""Sentences as tokens with hashed features: what the tagger of aspects and opinions sees.

A Chinese character is a token, and so are a word or number in other letters and a mark; besides, each knows
the word that it stands in (rjieba). A feature is a number of 32 bits, mixed from the hashes of what it joins,
as Weinberger et al. (ICML 2009) hash words; whole batches are mixed together in NumPy.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import rjieba
from numpy.typing import NDArray

from duomo.shelf.han import HAN
from duomo.understand.aspects_words import Hashes, Ints, WordKinds, hashes_of, levels, word_hash

MOST_SENTENCE: Final = 400  # characters; a longer one is cut
_TOKEN: Final = re.compile(rf"(?P<han>[{HAN}]+)|[^\W\d_{HAN}]+|\d+|[^\w\s]|_")
_SENTENCE: Final = re.compile(
    r"(?<=[。！？!?…\n])(?![。！？!?…）)”’」\s])|(?<=[.;；])(?=\s+[^\sa-z])|(?<=[.!?])(?=\s+\S)"
)
# The constants of SplitMix64 (Steele et al., OOPSLA 2014).
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_STIR: Final = np.uint64(0xBF58476D1CE4E5B9)
_TAIL: Final = 3  # letters at the end of a word, which tell its part of speech
_WIDE: Final = 2  # tokens or words on each side that are looked at

# What a feature joins: a kind of value, and how many tokens (t) or words (the others) further it stands.
# w: the word, p: part of speech, u: how it is used, m: what it means, d: its mood, e: its end, s: its shape.
_JOINED: Final = tuple(
    tuple((part[0], int(part[1:])) for part in line.split())
    for line in (
        *("t0", "t-1", "t1", "t-2", "t2", "t-1 t0", "t0 t1", "t-2 t-1", "t1 t2", "t-1 t0 t1"),
        *("w0", "w-1", "w1", "w-1 w0", "w0 w1", "w-2 w-1", "w1 w2"),
        *("p0", "p-1 p0", "p0 p1", "p-1 p0 p1", "p-2 p-1 p0", "p0 p1 p2", "e0", "s0", "s-1 s0 s1"),
        *("u0", "u-1", "u1", "u-1 u0", "u0 u1", "u-1 u0 u1", "w-1 u0", "u0 w1"),
        *("m0", "m-1", "m1", "m-1 m0", "m0 m1"),
        *("d0", "d-1", "d1", "d-2", "d2", "d-1 d0 d1"),
    )
)
_STYLED: Final = ("w0", "u0", "m0", "p0", "")  # joined with the style, too
FEATURES: Final = len(_JOINED) + len(_STYLED)
PLAIN_FEATURES: Final = len(_JOINED)  # the columns before those of the style


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence: where it stands, how it reads, and what part of speech it is."""

    start: int  # code points before it
    end: int
    form: str  # in lower case
    kind: str  # rjieba's for Chinese; "en" for other letters, "m" for numbers, "x" for marks
    han: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of n sentences, one after the other."""

    words: tuple[tuple[Word, ...], ...]  # of each sentence
    forms: tuple[str, ...]  # (t,) in lower case
    starts: Ints  # (t,) code points of the sentence before the token
    ends: Ints
    word: Ints  # (t,) which word of the batch it stands in
    ptr: Ints  # (n + 1,) the tokens of sentence i are those from ptr[i] to ptr[i + 1]

    def __len__(self) -> int:
        return len(self.ptr) - 1


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand, blanks at their rims left out.

    >>> text = "很好！物流慢。It broke. Sad"
    >>> [text[start:end] for start, end in sentences(text)]
    ['很好！', '物流慢。', 'It broke.', 'Sad']
    """
    found = []
    at = 0
    for cut in [*(match.start() for match in _SENTENCE.finditer(text)), len(text)]:
        while at < cut:
            end = min(cut, at + MOST_SENTENCE)
            piece = text[at:end]
            start, stop = at + len(piece) - len(piece.lstrip()), at + len(piece.rstrip())
            if start < stop:
                found.append((start, stop))
            at = end
    return found


def words_of(text: str) -> tuple[Word, ...]:
    """The words, numbers and marks of a sentence in order.

    >>> [(word.form, word.kind) for word in words_of("味道Good，12")]
    [('味道', 'n'), ('good', 'en'), ('，', 'x'), ('12', 'm')]
    """
    return tuple(_words(text))


def _words(text: str) -> Iterator[Word]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match.lastgroup == "han":
            for form, kind in rjieba.tag(match[0], hmm=False):
                yield Word(start, start + len(form), form, kind[:2], True)
                start += len(form)
        else:
            form = match[0].lower()
            yield Word(start, end, form, "m" if form.isdigit() else "en" if form[0].isalpha() else "x", False)


def tokens_of(texts: Sequence[str]) -> Tokens:
    """The tokens of sentences."""
    words = tuple(words_of(text) for text in texts)
    forms: list[str] = []
    spans: list[tuple[int, int, int]] = []
    ptr = [0]
    number = 0
    for several in words:
        for each in several:
            if each.han:
                forms.extend(each.form)
                spans.extend((place, place + 1, number) for place in range(each.start, each.end))
            else:
                forms.append(each.form)
                spans.append((each.start, each.end, number))
            number += 1
        ptr.append(len(forms))
    starts, ends, places = np.array(spans, np.int64).reshape(-1, 3).T
    return Tokens(words, tuple(forms), starts, ends, places, np.array(ptr, np.int64))


def mixed(template: int, *parts: Hashes) -> NDArray[np.uint32]:
    """(n,) features that join the parts, (n,) each; the template's number keeps kinds of features apart."""
    with np.errstate(over="ignore"):
        sums = np.full(parts[0].shape, template + 1, np.uint64) * _SPREAD
        for part in parts:
            sums = (sums ^ part) * _STIR
            sums ^= sums >> np.uint64(29)
        sums *= _SPREAD
    return (sums >> np.uint64(32)).astype(np.uint32)


def features(found: Tokens, texts: Sequence[str], kinds: WordKinds, style: str) -> NDArray[np.uint32]:
    """(t, FEATURES) of every token.

    Args:
        found: the tokens of the texts.
        texts: the sentences.
        kinds: what words are like.
        style: whose way of marking aspects is meant: corpora differ in what they call one.
    """
    if not len(found.word):
        return np.zeros((0, FEATURES), np.uint32)
    words = [word for several in found.words for word in several]
    of_word = np.repeat(np.arange(len(found)), [len(several) for several in found.words])
    hashes = hashes_of([word.form for word in words])
    used, meant, mood = kinds.of(hashes)
    kind = hashes_of([word.kind for word in words])
    end = hashes_of([word.form[-1 if word.han else -_TAIL :] for word in words])
    shape = np.array(
        [_shape(texts[n], word) for n, word in zip(of_word.tolist(), words, strict=True)], np.uint64
    )
    values = {"w": hashes, "p": kind, "u": used, "m": meant, "d": levels(mood), "e": end, "s": shape}
    near = {
        (name, step): column[found.word]
        for name, whole in values.items()
        for step, column in _shifted(whole, of_word).items()
    }
    sentence = np.repeat(np.arange(len(found)), np.diff(found.ptr))
    near |= {("t", step): column for step, column in _shifted(hashes_of(found.forms), sentence).items()}
    place = _places(found)
    columns = [mixed(number, place, *(near[part] for part in parts)) for number, parts in enumerate(_JOINED)]
    styled = np.full(len(place), word_hash(style), np.uint64)
    for number, part in enumerate(_STYLED, start=len(_JOINED)):
        joined = [near[part[0], 0]] if part else []
        columns.append(mixed(number, place, styled, *joined))
    return np.stack(columns, axis=1)


def _shifted(values: Hashes, sentence: Ints) -> dict[int, Hashes]:
    """The values of the neighbours at each distance, 0 beyond the rim of a sentence."""
    shifted = {0: values}
    for step in range(1, _WIDE + 1):
        same = sentence[step:] == sentence[:-step]
        after, before = np.zeros_like(values), np.zeros_like(values)
        after[: len(same)] = np.where(same, values[step:], 0)
        before[step:] = np.where(same, values[:-step], 0)
        shifted |= {step: after, -step: before}
    return shifted


def _places(found: Tokens) -> Hashes:
    """(t,) where in its word a token stands: 3 it is all of it, 1 the first, 2 the last, 0 between."""
    first = np.diff(found.word, prepend=-1) != 0
    last = np.diff(found.word, append=-1) != 0
    return np.asarray(first + 2 * last, np.uint64)


def _shape(text: str, word: Word) -> int:
    """A Chinese word's length, or how another is written."""
    if word.han:
        return min(word.end - word.start, 4)
    if word.kind != "en":
        return 5 if word.kind == "m" else 6
    piece = text[word.start : word.end]
    return 7 if piece.islower() else 8 if piece.isupper() and len(piece) > 1 else 9
