"""The names of the lexicon as they are looked for in texts: folded, each with what it may mean."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from duomo.lexicon import concepts
from duomo.shelf.han import HAN, fold_traditional
from duomo.understand.facets import FACETS, Facet, values_of

WORD: Final = re.compile(rf"[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)*")
HAN_RUN: Final = re.compile(f"[{HAN}]+")
_MOST_WORDS: Final = 4  # of a name
_HUES: Final = frozenset("红黄蓝绿白黑灰紫粉青棕橙金银米褐")
# Names of necklines that the lexicon does not teach: the first are parts there, others are asked in exams.
_FURTHER: Final = {
    "hooded": ("hood", "帽兜", "连衣帽", "带帽"),
    "roll neck": ("turtleneck", "turtle neck", "polo neck"),
}

Names = Mapping[str, tuple["Meaning", ...]]


class Meaning(NamedTuple):
    """What a name of the lexicon means: a value of a facet, or a thing, a part and the like."""

    facet: Facet | None
    value: str
    kind: str


@cache
def _meanings() -> dict[str, tuple[Meaning, ...]]:
    """Every name of the lexicon, folded, with what it means; where one kind has it twice the first counts."""
    facet_of = {(value.kind, value.en[0]): facet for facet in FACETS for value in values_of(facet)}
    found: dict[str, dict[str, Meaning]] = {}
    for concept in concepts():
        facet = facet_of.get((concept.kind, concept.en[0]))
        for name in (*concept.en, *concept.zh):
            key = fold(name)
            key = key if HAN_RUN.search(key) else " ".join(norm(word) for word in WORD.findall(key))
            found.setdefault(key, {}).setdefault(concept.kind, Meaning(facet, concept.en[0], concept.kind))
    for name in [name for name in found if name[-1] == "色" and len(name) > 2 and name[-2] in _HUES]:
        found.setdefault(name[:-1], {}).setdefault(
            "color", found[name].get("color", Meaning(None, "", "color"))
        )
    for value, names in _FURTHER.items():
        found |= {name: {"style": Meaning("neckline", value, "style")} for name in names}
    return {name: _in_order(kinds) for name, kinds in found.items() if name}


def _in_order(kinds: Mapping[str, Meaning]) -> tuple[Meaning, ...]:
    """One value of a facet, and beside it the thing that may be meant in its place."""
    valued = [meaning for meaning in kinds.values() if meaning.facet]
    things = [meaning for meaning in kinds.values() if meaning.kind == "type"]
    if valued and things and valued[0].facet == "color":
        return valued[0], things[0]
    return (valued[0],) if valued else tuple(kinds.values())


@cache
def latin_names() -> tuple[Names, Mapping[str, int]]:
    """The names in words with blanks, and by the first word how many words the longest has."""
    names = {name: meanings for name, meanings in _meanings().items() if not HAN_RUN.search(name)}
    longest: dict[str, int] = {}
    for name in names:
        first, count = name.partition(" ")[0], name.count(" ") + 1
        longest[first] = max(longest.get(first, 0), min(count, _MOST_WORDS))
    return names, longest


@cache
def han_names() -> tuple[Names, Mapping[str, tuple[int, ...]]]:
    """The names with Chinese characters, and by the first character how long they are, the longest first."""
    names = {name: meanings for name, meanings in _meanings().items() if HAN_RUN.search(name)}
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[0], set()).add(len(name))
    return names, {first: tuple(sorted(held, reverse=True)) for first, held in lengths.items()}


def fold(text: str) -> str:
    """A text in lower case, usual width and simplified characters; every character stays in its place.

    >>> fold("ＲＥＤ 紅色"), len(fold("ﬁne İ")) == len("ﬁne İ")
    ('red 红色', True)
    """
    if text.isascii():
        return text.lower()
    folded = "".join(map(_folded, text))
    simple = fold_traditional(folded)
    return simple if len(simple) == len(folded) else folded


@lru_cache(maxsize=65_536)
def _folded(letter: str) -> str:
    plain = unicodedata.normalize("NFKC", letter).lower()
    return plain if len(plain) == 1 else letter.lower() if len(letter.lower()) == 1 else letter


@lru_cache(maxsize=100_000)
def norm(word: str) -> str:
    """A word as names are compared by: without 's and the plural."""
    bare = re.sub(r"['’]s?$", "", word)
    if len(bare) > 3 and bare.endswith("s") and not bare.endswith(("ss", "us", "is")):
        bare = bare[:-2] if bare.endswith(("sses", "xes", "ches", "shes")) else bare[:-1]
    return bare
