"""Words to search tokens, for goods and for questions, in Chinese and in scripts with blanks."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import rjieba
import snowballstemmer

from duomo.shelf.han import HAN, fold_traditional

_ACCENTS: Final = re.compile("[̀-ͯ]")
# A run of Han; a number with its decimals and unit; or words held together by hyphens, dots and the like.
_PIECES: Final = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<number>\d+(?:[.,]\d+)+[^\W\d_{HAN}]*)"
    rf"|(?P<word>[^\W_{HAN}]+(?:[-_./'’&+][^\W_{HAN}]+)*)"
)
_JOINTS: Final = re.compile(r"[-_./&+]")
_POSSESSIVE: Final = re.compile(r"['’]s\b")
_THOUSANDS: Final = re.compile(r",(?=\d{3}(?!\d))")

BREAK: Final = "|"  # between the fields of a row; no token


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a word; a row holds it if it holds all its tokens."""

    tokens: tuple[str, ...]
    scored: tuple[str, ...] = ()  # what counts for the score; (): the tokens
    weight: float = 1.0  # of its score: 1 as it was asked, less for what may have been meant


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question; a row holds it if it holds one of its spellings."""

    said: str  # as it was asked, folded
    spellings: tuple[Spelling, ...]


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order, repeated as often as they stand there.

    Case, width (NFKC), accents and traditional characters are folded. Chinese gives its characters and their
    pairs: measured, they find more than words do (decision 16). English words are stemmed (Snowball).
    Numbers stay whole; a model code gives itself without its hyphens, and its parts.

    >>> tokens("Nike Men's RUNNING Shoes, size 9.5")
    ['nike', 'men', 'run', 'shoe', 'size', '9.5']
    >>> tokens("HP dv7-1211ea T-Shirt")
    ['hp', 'dv71211ea', 'dv7', '1211ea', 'tshirt']
    >>> tokens("连衣裙")
    ['连', '衣', '裙', '连衣', '衣裙']
    """
    found: list[str] = []
    for run in _folded(text).split():  # no piece goes beyond a blank
        found += _plain_tokens(run) if run.isascii() else _tokens(run)
    return found


def row_tokens(*fields: Sequence[str]) -> str:
    """The keyword column of a row: the tokens of its fields, by blanks; between the fields a bar.

    Args:
        fields: tokens of title, names, description and attributes: see `postings.FIELDS`.

    >>> row_tokens(["red", "mug"], [], ["gift"])
    'red mug | | gift'
    """
    return f" {BREAK} ".join(" ".join(field) for field in fields).replace("  ", " ").strip()


def question(text: str) -> tuple[Word, ...]:
    """The distinct words of a question, in order.

    A Chinese word is held by a row that has its characters side by side. A model code is held with its
    hyphens, without them, or with blanks in their place.

    >>> [word.said for word in question("红色连衣裙 red Red dv7-1")]
    ['红色', '连衣裙', 'red', 'dv7-1']
    >>> question("连衣裙")[0].spellings[0].tokens
    ('连衣', '衣裙')
    """
    found: list[Word] = []
    for piece in _PIECES.finditer(_folded(text)):
        if piece.lastgroup == "han":
            found += [han_word(said) for said in rjieba.cut(piece[0])]
            continue
        made = _tokens_of(piece)
        if len(made) > 1 and made[0] == "".join(made[1:]):
            whole, *parts = made
            found.append(Word(piece[0], (Spelling(tuple(parts), made), Spelling((whole,)))))
        else:
            found += [Word(token if len(made) > 1 else piece[0], (Spelling((token,)),)) for token in made]
    return tuple({word.spellings: word for word in reversed(found)}.values())[::-1]


def han_word(said: str) -> Word:
    """A Chinese word: its pairs of characters must be there, the single ones count as well."""
    pairs = _pairs(said)
    return Word(said, (Spelling(pairs or (said,), (*said, *pairs)),))


def words(text: str) -> list[str]:
    """The words of a text as they stand there, folded but not stemmed.

    >>> words("Blue T-Shirts 连衣裙")
    ['blue', 't-shirts', '连衣裙']
    """
    found: list[str] = []
    for piece in _PIECES.finditer(_folded(text)):
        found += rjieba.cut(piece[0]) if piece.lastgroup == "han" else [piece[0]]
    return found


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(run[at : at + 2] for at in range(len(run) - 1))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = text.encode("utf-8", "ignore").decode("utf-8")  # half a surrogate pair is no letter
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return fold_traditional(unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed)))


def _tokens(text: str) -> list[str]:
    """The tokens of folded text."""
    found: list[str] = []
    for piece in _PIECES.finditer(text):
        found += (*piece[0], *_pairs(piece[0])) if piece.lastgroup == "han" else _tokens_of(piece)
    return found


@lru_cache(maxsize=100_000)  # a catalog repeats its words; what is written without blanks seldom
def _plain_tokens(run: str) -> tuple[str, ...]:
    return tuple(_tokens(run))


def _tokens_of(piece: re.Match[str]) -> tuple[str, ...]:
    return (_THOUSANDS.sub("", piece[0]),) if piece.lastgroup == "number" else _words(piece[0])


def _words(compound: str) -> tuple[str, ...]:
    """The tokens of words that are held together."""
    if compound.isalnum():
        return (_stem(compound),)
    bare = _POSSESSIVE.sub("", compound).replace("'", "").replace("’", "")
    parts = [part for part in _JOINTS.split(bare) if part]
    whole = "".join(parts)
    if len(parts) == 1 or (min(map(len, parts)) == 1 and not any(map(str.isdigit, whole))):
        return (_stem(whole),)  # t-shirt is tshirt, as merchants write it either way
    stems = tuple(map(_stem, parts))
    return (whole, *stems) if not whole.isalpha() and not whole.isdigit() else stems


_STEMMER: Final = snowballstemmer.stemmer("english")


def _stem(word: str) -> str:
    return _english(word) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=100_000)  # stemming is most of the work, and a catalog repeats its words
def _english(word: str) -> str:
    stem: str = _STEMMER.stemWord(word)
    return stem
