"""Words to search tokens, the same for goods and questions, in Chinese and in scripts with blanks."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import rjieba
import snowballstemmer

_HAN: Final = r"々〇㐀-䶿一-鿿豈-﫿𠀀-𲎯"
_ACCENTS: Final = re.compile("[̀-ͯ]")
# A run of Han; a number with its decimals and unit; or words held together by hyphens, dots and the like.
_PIECES: Final = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<number>\d+(?:[.,]\d+)+[^\W\d_{_HAN}]*)"
    rf"|(?P<word>[^\W_{_HAN}]+(?:[-_./'’&+][^\W_{_HAN}]+)*)"
)
_JOINTS: Final = re.compile(r"[-_./&+]")
_POSSESSIVE: Final = re.compile(r"['’]s\b")
_THOUSANDS: Final = re.compile(r",(?=\d{3}(?!\d))")


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order, repeated as often as they stand there.

    Case, width (NFKC) and accents are folded. Chinese is cut into words, a long one preceded by the shorter
    words inside it. English words are stemmed (Snowball). Numbers stay whole; a model code gives itself
    without its hyphens, and its parts.

    >>> tokens("Nike Men's RUNNING Shoes, size 9.5")
    ['nike', 'men', 'run', 'shoe', 'size', '9.5']
    >>> tokens("HP dv7-1211ea T-Shirt")
    ['hp', 'dv71211ea', 'dv7', '1211ea', 'tshirt']
    >>> tokens("红色连衣裙")
    ['红色', '连衣', '衣裙', '连衣裙']
    """
    found: list[str] = []
    for run in _folded(text).split():  # no piece goes beyond a blank
        found += _plain_tokens(run) if run.isascii() else _tokens(run, rjieba.cut_for_search)
    return found


def question(text: str) -> tuple[str, ...]:
    """The distinct tokens of a question: as `tokens`, but a Chinese word stands without those inside it.

    Otherwise one long word would count as several, and outweigh the others of the question.

    >>> question("红色连衣裙 red")
    ('红色', '连衣裙', 'red')
    """
    return tuple(dict.fromkeys(_tokens(_folded(text), rjieba.cut)))


def words(text: str) -> list[str]:
    """The words of a text as they stand there, folded but not stemmed.

    >>> words("Blue T-Shirts 连衣裙")
    ['blue', 't-shirts', '连衣裙']
    """
    found: list[str] = []
    for piece in _PIECES.finditer(_folded(text)):
        found += rjieba.cut(piece[0]) if piece.lastgroup == "han" else [piece[0]]
    return found


def needed(count: int) -> int:
    """How many of a question's distinct tokens a row must hold: all of one or two, else two thirds.

    >>> [needed(count) for count in range(8)]
    [0, 1, 2, 2, 3, 4, 4, 5]
    """
    return count if count <= 2 else -(-2 * count // 3)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = text.encode("utf-8", "ignore").decode("utf-8")  # half a surrogate pair is no letter
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed))


def _tokens(text: str, cut: Callable[[str], list[str]]) -> list[str]:
    """The tokens of folded text; cut parts a run of Han."""
    found: list[str] = []
    for piece in _PIECES.finditer(text):
        found += cut(piece[0]) if piece.lastgroup == "han" else _tokens_of(piece)
    return found


@lru_cache(maxsize=100_000)  # a catalog repeats its words; what is written without blanks seldom
def _plain_tokens(run: str) -> tuple[str, ...]:
    return tuple(_tokens(run, list))


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
