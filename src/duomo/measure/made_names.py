"""Questions for one product by what it is called: its title, parts of it, its codes, and slips in them."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

import numpy as np

from duomo.measure.facts import Facts, is_chinese
from duomo.measure.questions import Question
from duomo.measure.typos import one_typo
from duomo.product import Product, Variant

T = TypeVar("T")

_WORD: Final = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_PARTS: Final = re.compile(r"[^\W\d_]+|\d+")
_SIGNS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def titles(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Whole titles; every product with the same title is right."""
    groups = _by_title(facts)
    return [
        Question(qid="", text=group[0].title, right=_ids(group), source=group[0].id)
        for group in drawn(list(groups.values()), count, rng)
    ]


def title_typos(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Whole titles with one slip in one of their longer words."""
    made: list[Question] = []
    for group in drawn(list(_by_title(facts).values()), None, rng):
        text = one_typo(group[0].title, rng)
        if text != group[0].title and len(made) < count:
            made.append(Question(qid="", text=text, right=_ids(group), source=group[0].id))
    return made


def title_parts(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """The two or three rarest words of a title, in its order; every title that holds them is right."""
    spoken = {product.id: _words(product.title) for product in facts.products}
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for id, words in spoken.items():
        for word in words:
            holders[word].add(id)
    made: dict[str, Question] = {}
    for product in drawn(facts.products, None, rng):
        words = list(dict.fromkeys(spoken[product.id]))
        rare = sorted(words, key=lambda word: (len(holders[word]), word))[: int(rng.integers(2, 4))]
        chosen = [word for word in words if word in rare]
        if len(chosen) < 2 or len(chosen) == len(words):  # that would be the whole title
            continue
        text = ("" if is_chinese("".join(chosen)) else " ").join(chosen)
        ids = sorted(set.intersection(*(holders[word] for word in chosen)))
        made.setdefault(text, Question(qid="", text=text, right=dict.fromkeys(ids, 1), source=product.id))
        if len(made) == count:
            break
    return list(made.values())


def skus(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Ids of variants."""
    return _codes(facts, count, rng, lambda _, variant: variant.id)


def gtins(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """GTINs as the catalog writes them."""
    return _codes(facts, count, rng, lambda _, variant: variant.gtin)


def mpns(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Numbers that makers give."""
    return _codes(facts, count, rng, lambda _, variant: variant.mpn)


def respelled(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Model numbers without capitals and hyphens, or with letters and digits apart, in turn."""
    held = _models(facts)
    made: list[Question] = []
    for key in drawn(sorted(held), None, rng):
        code, ids = held[key]
        text = key if len(made) % 2 else " ".join(_PARTS.findall(code.lower()))
        if text != code and len(made) < count:
            made.append(Question(qid="", text=text, right=dict.fromkeys(ids, 1), source=ids[0]))
    return made


def misspelled(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """Model numbers with one character wrong or one missing, in turn.

    Only where one code alone of the whole shop is a single slip away: of numbers that run on, nobody can say
    which is meant.
    """
    held = _models(facts)
    near = _slips(held)
    made: list[Question] = []
    for key in drawn(sorted(held), None, rng):
        code, ids = held[key]
        for _ in range(4):
            place = int(rng.integers(len(code)))
            if not code[place].isalnum():
                continue
            sign = _SIGNS[int(rng.integers(len(_SIGNS)))] if len(made) % 2 else ""
            text = code[:place] + (sign.upper() if code[place].isupper() else sign) + code[place + 1 :]
            meant = set().union(*(near.get(one, ()) for one in _shorter(squeezed(text))))
            if squeezed(text) != key and meant == {key}:
                made.append(Question(qid="", text=text, right=dict.fromkeys(ids, 1), source=ids[0]))
                break
        if len(made) == count:
            break
    return made


def squeezed(code: str) -> str:
    """A code without capitals and signs.

    >>> squeezed("DV7-1211ea")
    'dv71211ea'
    """
    return "".join(char for char in code.casefold() if char.isalnum())


def _models(facts: Facts) -> dict[str, tuple[str, list[str]]]:
    """Squeezed model number -> as it is written, and the products that have it, in order of id.

    A maker's number, or where a shop has none the SKU; one word with letters and digits, four signs or more.
    """
    named = any(variant.mpn for variant in facts.variants)
    held: dict[str, tuple[str, list[str]]] = {}
    for owner, variant in zip(facts.owners, facts.variants, strict=True):
        code = variant.mpn if named else variant.id
        key = squeezed(code)
        if (
            4 <= len(key) <= 30
            and not re.search(r"\s", code)
            and key.isascii()
            and re.search("[a-z]", key)
            and re.search(r"\d", key)
        ):
            ids = held.setdefault(key, (code, []))[1]
            if owner.id not in ids:
                ids.append(owner.id)
    return held


def _slips(keys: Iterable[str]) -> dict[str, set[str]]:
    """Text -> the keys that it is, or that it is with one sign less."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        for text in _shorter(key):
            found[text].add(key)
    return dict(found)


def _shorter(text: str) -> set[str]:
    """The text, and what is left of it when one sign is lost."""
    return {text, *(text[:place] + text[place + 1 :] for place in range(len(text)))}


def _codes(
    facts: Facts, count: int, rng: np.random.Generator, code_of: Callable[[Product, Variant], str]
) -> list[Question]:
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for owner, variant in zip(facts.owners, facts.variants, strict=True):
        if code := code_of(owner, variant):
            holders[code].append(owner.id)
    return [
        Question(
            qid="", text=code, right=dict.fromkeys(sorted(set(holders[code])), 1), source=holders[code][0]
        )
        for code in drawn(list(holders), count, rng)
    ]


def _by_title(facts: Facts) -> dict[str, list[Product]]:
    groups: defaultdict[str, list[Product]] = defaultdict(list)
    for product in facts.products:
        if title := " ".join(product.title.casefold().split()):
            groups[title].append(product)
    return dict(groups)


def _words(title: str) -> list[str]:
    """Folded words of a title; Chinese is cut into its words."""
    found: list[str] = []
    for word in _WORD.findall(title.casefold()):
        if is_chinese(word):
            import rjieba  # here, as it reads a dictionary first

            found += rjieba.cut(word)
        else:
            found.append(word)
    return found


def _ids(products: Iterable[Product]) -> dict[str, int]:
    return {product.id: 1 for product in products}


def drawn(things: Sequence[T], count: int | None, rng: np.random.Generator) -> list[T]:
    """Some of them, or all of them, in an order of chance."""
    return [things[place] for place in rng.permutation(len(things))[:count]]
