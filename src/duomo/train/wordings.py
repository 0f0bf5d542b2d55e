"""Wordings that mean the same: the names of a concept, and phrases built from such names in both languages.

They teach the student of `distill` what its teachers do not say plainly: what is one thing.
"""

import random
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from duomo.lexicon import Concept, Kind
from duomo.train.lexicon import ClassName

Wordings = tuple[str, ...]  # two or more texts that mean the same

# English says who it is for last; Chinese says it first.
_BEFORE: Final[tuple[tuple[Kind, ...], ...]] = (
    ("color",),
    ("material",),
    ("style",),
    ("pattern",),
    ("color", "material"),
    ("color", "style"),
    ("season",),
    ("feature",),
    (),
)
_FOR: Final[tuple[Kind | None, ...]] = (None, None, "person", "occasion")
_WITHOUT_FOR: Final = 0.5  # share of phrases that say the person in front: "women dress"


def name_groups(
    concepts: Iterable[Concept | ClassName], *, without: Collection[str] = frozenset()
) -> list[Wordings]:
    """The names of every concept that has two or more, English ones first.

    Args:
        concepts: of the lexicon, or classes of ImageNet.
        without: words that are left out, in lower case: those of the exams.

    >>> name_groups([Concept(kind="color", en=("red", "crimson"), zh=("红色",))], without={"crimson"})
    [('red', '红色')]
    """
    named = (
        tuple(dict.fromkeys(name for name in (*each.en, *each.zh) if name.casefold() not in without))
        for each in concepts
    )
    return [names for names in named if len(names) > 1]


def phrase_groups(
    concepts: Sequence[Concept], count: int, *, seed: int = 0, without: Collection[str] = frozenset()
) -> list[Wordings]:
    """Phrases such as "red silk dress for women", each said twice in English and twice in Chinese.

    Args:
        concepts: of the lexicon; those of kind "type" are described by the others.
        count: how many phrases are drawn; those drawn twice count once.
        seed: chooses them and their wordings.
        without: words that no phrase says, in lower case: English ones as words, Chinese ones anywhere.

    Returns:
        Groups of two to four texts.
    """
    chance = random.Random(seed)  # noqa: S311 - a choice of words, not a secret
    by_kind: dict[Kind, list[Concept]] = {}
    for concept in concepts:
        by_kind.setdefault(concept.kind, []).append(concept)
    barred = _any_of(without)
    found: dict[Wordings, None] = {}
    for _ in range(count):
        before, last = chance.choice(_BEFORE), chance.choice(_FOR)
        kinds: list[Kind] = [*before, "type", *([last] if last else [])]
        if not all(by_kind.get(kind) for kind in kinds):
            continue
        drawn = {kind: chance.choice(by_kind[kind]) for kind in kinds}
        english = (_english(drawn, before, last, chance) for _ in range(2))
        chinese = (_chinese(drawn, before, last, chance) for _ in range(2))
        group = tuple(dict.fromkeys((*english, *chinese)))
        if len(group) > 1 and not any(map(barred.search, group)):
            found[group] = None
    return [*found]


def _any_of(words: Collection[str]) -> re.Pattern[str]:
    """Finds any of the words: an English one where it stands alone, a Chinese one anywhere.

    >>> [bool(_any_of(["cat", "猫粮"]).search(text)) for text in ("Cat food", "catwalk", "红色猫粮")]
    [True, False, True]
    """
    parts = [rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in sorted(words)]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _english(
    drawn: Mapping[Kind, Concept], before: Sequence[Kind], last: Kind | None, chance: random.Random
) -> str:
    words = [*(chance.choice(drawn[kind].en) for kind in before), chance.choice(drawn["type"].en)]
    if last:
        whom = chance.choice(drawn[last].en)
        front = last == "person" and chance.random() < _WITHOUT_FOR
        words = [whom, *words] if front else [*words, "for", whom]
    return " ".join(words)


def _chinese(
    drawn: Mapping[Kind, Concept], before: Sequence[Kind], last: Kind | None, chance: random.Random
) -> str:
    kinds: list[Kind] = [*([last] if last else []), *before, "type"]
    return "".join(chance.choice(drawn[kind].zh) for kind in kinds)
