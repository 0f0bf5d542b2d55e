"""Texts that nobody has labelled, for a teacher to judge: what reviews say in parts, and put together anew.

Parts of two reviews in one text hold what few reviews do, praise and blame side by side: the teacher weighs
them, and the small nets learn to.
"""

import csv
import gzip
import re
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Final

import numpy as np

from duomo.train.opinion_texts import same

SPLICED: Final = 3  # texts put together, for each that they are made of
_END: Final = re.compile(r"(?<=[.!?。！？；，~…\n])(?![.!?。！？；，~…\n\d])")
_LEAST: Final = 4  # characters of letters and digits: less says nothing
_FILES: Final = ("electronics_train.csv.gz", "grocery_train.csv.gz")


def read_passages(data: Path) -> list[str]:
    """Reviews without a label, each once: what questions on goods are asked of, of the split to learn from.

    Args:
        data: the folder of packs; without `en_product_qa` there are none.
    """
    found: dict[str, None] = {}
    for path in (data / "en_product_qa" / name for name in _FILES):
        if path.is_file():
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                found |= dict.fromkeys(row["review"] for row in csv.DictReader(file))
    return list(found)


def sentences(text: str) -> list[str]:
    """A text in its sentences, in Chinese its clauses; together they are the text.

    >>> sentences("Good. It broke, though!")
    ['Good.', ' It broke, though!']
    >>> sentences("很好，推荐")
    ['很好，', '推荐']
    """
    return [part for part in _END.split(text) if part] or [text]


def more_texts(
    reviews: Sequence[str],
    passages: Sequence[str] = (),
    *,
    barred: Set[str] = frozenset(),
    spliced: int = SPLICED,
    seed: int = 7,
) -> list[str]:
    """Texts to be judged, none twice and no review again: passages, sentences of all, and two parts in one.

    Args:
        reviews: that are learned with their labels.
        passages: without labels.
        barred: what `same` makes of texts that must not be learned from.
        spliced: how many are put together, for each review and passage.
        seed: of what is put together.
    """
    seen = {*barred, *map(same, reviews)}
    pool = [sentences(text) for text in [*reviews, *(text for text in passages if same(text) not in barred)]]
    chance = np.random.default_rng(seed)
    found: list[str] = []

    def take(text: str) -> None:
        key = same(text)
        if len(key) >= _LEAST and key not in seen:
            seen.add(key)
            found.append(text.strip())

    for text in passages:
        take(text)
    for parts in pool:
        for part in parts:
            take(part)
    for pair in chance.integers(0, max(len(pool), 1), (spliced * len(pool), 2)).tolist():
        take("".join(_run(pool[number], chance) for number in pair))
    return found


def _run(parts: Sequence[str], chance: np.random.Generator) -> str:
    """Some sentences that follow each other."""
    start, end = sorted(chance.integers(0, len(parts) + 1, 2).tolist())
    return "".join(parts[start : max(end, start + 1)]).rstrip() + " " if start < len(parts) else ""
