"""Slips of the finger: a text with one letter lost, doubled up, wrong, or in the wrong place."""

import re
import string
from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np

Slip = Literal["deletion", "insertion", "substitution", "transposition"]

SHORTEST: Final = 5  # letters of a word that a typo may fall on: in a shorter one it is often another word
_LETTERS: Final = string.ascii_lowercase
_WORD: Final = re.compile(rf"(?<![^\W_])[A-Za-z]{{{SHORTEST},}}(?![^\W_])")


def one_typo(text: str, rng: np.random.Generator, *, shortest: int = SHORTEST) -> str:
    """The text with one random typo in one of its longer words; as it is where it has none.

    Which word, which kind of slip and which place is drawn with equal chances. Only plain words of Latin
    letters are hit: model codes and Chinese are not.

    Args:
        text: a question or a title.
        rng: where chance comes from.
        shortest: letters that a word has at least.

    >>> rng = np.random.default_rng(3)
    >>> [one_typo("red running shoes", rng) for _ in range(3)]
    ['red running hoes', 'red runnig shoes', 'red running choes']
    >>> one_typo("HP dv7-1211ea", rng)
    'HP dv7-1211ea'
    """
    hit = [found for found in _WORD.finditer(text) if len(found[0]) >= shortest]
    if not hit:
        return text
    found = hit[rng.integers(len(hit))]
    kinds = list(_SLIPS) if len(set(found[0])) > 1 else [kind for kind in _SLIPS if kind != "transposition"]
    return text[: found.start()] + slip(found[0], kinds[rng.integers(len(kinds))], rng) + text[found.end() :]


def slip(word: str, kind: Slip, rng: np.random.Generator) -> str:
    """A word of two letters or more with one slip of this kind; never the word itself.

    Raises:
        ValueError: the word has fewer letters, or all of its letters are one and none can change places.
    """
    if len(word) < 2 or (kind == "transposition" and len(set(word)) == 1):
        raise ValueError(f"{word!r} leaves no room for a {kind}")
    while (slipped := _SLIPS[kind](word, rng)) == word:
        pass  # a letter put in the place of itself, or two equal ones that change places
    return slipped


def _deletion(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(len(word))
    return word[:place] + word[place + 1 :]


def _insertion(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(len(word) + 1)
    return word[:place] + _LETTERS[rng.integers(26)] + word[place:]


def _substitution(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(len(word))
    return word[:place] + _LETTERS[rng.integers(26)] + word[place + 1 :]


def _transposition(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


_SLIPS: Final[Mapping[Slip, Callable[[str, np.random.Generator], str]]] = {
    "deletion": _deletion,
    "insertion": _insertion,
    "substitution": _substitution,
    "transposition": _transposition,
}
