"""Questions made of a shop's own catalog, each with its right answers: numbers without judgments."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Final
from zlib import crc32

import numpy as np

from duomo.measure.facts import Facts, facts_of
from duomo.measure.made_names import (
    drawn,
    gtins,
    misspelled,
    mpns,
    respelled,
    skus,
    title_parts,
    title_typos,
    titles,
)
from duomo.measure.made_values import composed, negations, pair_typos, pairs, prices
from duomo.measure.questions import Question
from duomo.measure.words import say
from duomo.product import Product

LEAST: Final = 5  # questions: a kind with fewer says nothing
Maker = Callable[[Facts, int, np.random.Generator], list[Question]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Questions of every kind that the catalog had enough material for."""

    questions: tuple[Question, ...]
    left_out: Mapping[str, str]  # kind -> why there are no questions of it


def make(products: Iterable[Product], *, kinds: Sequence[str] = (), count: int = 200, seed: int = 7) -> Made:
    """Questions with known answers; the same goods and seed give the same questions.

    A kind draws its own chances: whether others are asked for changes nothing about it.

    Args:
        products: of the shop, their pictures with hashes, as `Shop` gives them.
        kinds: of KINDS; none: all.
        count: questions of a kind, at most.
        seed: of all chances.

    Raises:
        ValueError: no kind is called so, or count is below 1.

    >>> mugs = [Product(id=f"A{n}", title=f"Mug {n}", variants=()) for n in range(9)]
    >>> made = make(mugs, kinds=["title", "gtin"], count=5)
    >>> len(made.questions), dict(made.left_out)
    (5, {'gtin': 'products have no GTIN'})
    """
    if count < 1 or (unknown := [kind for kind in kinds if kind not in KINDS]):
        problem = f"no kind of question is called '{unknown[0]}'" if count > 0 else "count must be at least 1"
        raise ValueError(problem)
    facts = facts_of(products)
    made: list[Question] = []
    left_out: dict[str, str] = {}
    for kind in kinds or KINDS:
        rng = np.random.default_rng([seed, crc32(kind.encode())])
        found = KINDS[kind](facts, count, rng)
        if len(found) < min(LEAST, count):
            some = f": only {len(found)} could be made" if found else ""
            left_out[kind] = f"{say(f'left.{kind}', 'en')}{some}"
            continue
        made += [replace(one, qid=f"{kind}-{n:04}", kind=kind) for n, one in enumerate(found, start=1)]
    return Made(questions=tuple(made), left_out=left_out)


def even(questions: Sequence[Question], most: int) -> list[Question]:
    """The first questions of each kind, as many of every kind as there is room for.

    Args:
        questions: of any kinds.
        most: how many in all; at least one of each kind stays.

    >>> kinds = ["a", "a", "a", "b"]
    >>> some = [Question(qid=str(n), kind=kind) for n, kind in enumerate(kinds)]
    >>> [one.qid for one in even(some, 3)]
    ['0', '1', '3']
    """
    counts = Counter(question.kind for question in questions)
    share = max(counts.values(), default=0)
    while share > 1 and sum(min(count, share) for count in counts.values()) > most:
        share -= 1
    met: Counter[str] = Counter()
    kept = []
    for question in questions:
        met[question.kind] += 1
        if met[question.kind] <= share:
            kept.append(question)
    return kept


def _pictures(how: str, facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Pictures of the goods, altered; every product that has the same picture is right."""
    holders: dict[str, list[str]] = {}
    for product in facts.products:
        every = (*product.media, *(media for variant in product.variants for media in variant.media))
        for hash in dict.fromkeys(media.hash for media in every if media.kind == "picture" and media.hash):
            holders.setdefault(hash, []).append(product.id)
    return [
        Question(
            qid="",
            picture=hash,
            altered=how,
            seed=int(rng.integers(1, 2**31)),
            right=dict.fromkeys(holders[hash], 1),
            source=holders[hash][0],
        )
        for hash in drawn(list(holders), count, rng)
    ]


def _own(
    make_one: Callable[..., list[Question]], facts: Facts, count: int, rng: np.random.Generator
) -> list[Question]:
    return make_one(facts, count, rng, facts.language)


def _other(
    make_one: Callable[..., list[Question]], facts: Facts, count: int, rng: np.random.Generator
) -> list[Question]:
    return make_one(facts, count, rng, facts.other)


# In the order of the report; what each is called there, and why there is none of it, is in `words`.
KINDS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "title": titles,
        "title-part": title_parts,
        "title-typo": title_typos,
        "sku": skus,
        "gtin": gtins,
        "mpn": mpns,
        "code-respelled": respelled,
        "code-typo": misspelled,
        "values": partial(_own, pairs),
        "values-other": partial(_other, pairs),
        "values-typo": pair_typos,
        "price": partial(_own, prices),
        "price-other": partial(_other, prices),
        "negation": partial(_own, negations),
        "negation-other": partial(_other, negations),
        "crop": partial(_pictures, "crop"),
        "mirror": partial(_pictures, "mirror"),
        "recolor": partial(_pictures, "recolor"),
        "dark": partial(_pictures, "dark"),
        "composed": partial(_own, composed),
        "composed-other": partial(_other, composed),
    }
)
