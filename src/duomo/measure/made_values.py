"""Questions for many products by what they are: two values, a price, something not wanted, another color."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

import numpy as np

from duomo.measure.facts import DESCRIBING, Facts, Language, concept_known
from duomo.measure.made_names import drawn
from duomo.measure.questions import Limit, Question
from duomo.measure.typos import one_typo
from duomo.product import Variant

ENOUGH: Final = 4  # priced variants among which a limit makes sense
_TURNS: Final = 6  # most times that one variant is described
_MANY: Final = 20_000  # variants: a shop with more offers enough at one time
_ROUND: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)  # what shoppers name, times a power of ten
_SIGNS: Final = {"USD": ("${}", "{}美元"), "EUR": ("€{}", "{}欧元"), "GBP": ("£{}", "{}英镑")}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A describing value and a type of goods."""

    kind: str
    value: str
    type: str


def pairs(facts: Facts, count: int, rng: np.random.Generator, language: Language) -> list[Question]:
    """A color, person, brand, material or the like with a type: every product with both is right."""
    made: dict[str, Question] = {}
    kinds = [kind for kind in ("brand", *DESCRIBING) if kind in facts.columns]
    tried: set[_Pair] = set()
    for number, pair in _pairs(facts, kinds, rng):
        if pair in tried:
            continue
        tried.add(pair)
        text = _phrase(facts, pair, language)
        if text and text not in made:
            right = facts.ids(_both(facts, pair))
            made[text] = Question(qid="", text=text, right=right, source=facts.owners[number].id)
        if len(made) == count:
            break
    return list(made.values())


def pair_typos(facts: Facts, count: int, rng: np.random.Generator) -> list[Question]:
    """The same in the language of the titles, with one slip."""
    clean = pairs(facts, 2 * count, rng, facts.language)
    slipped = [(one, one_typo(one.text, rng)) for one in clean]
    made = [
        Question(qid="", text=text, right=one.right, source=one.source)
        for one, text in slipped
        if text != one.text
    ]
    return made[:count]


def prices(facts: Facts, count: int, rng: np.random.Generator, language: Language) -> list[Question]:
    """A color and a type with a price below, above or between round numbers."""
    currency = _currency(facts)
    made: dict[str, Question] = {}
    tried: set[_Pair] = set()
    for number, pair in _pairs(facts, ["color"] if any(v.price for v in facts.variants) else [], rng):
        if pair in tried:
            continue
        tried.add(pair)
        words = _phrase(facts, pair, language)
        found = [n for n in sorted(_both(facts, pair)) if _amount(facts.variants[n], currency) is not None]
        amounts = sorted(_amount(facts.variants[n], currency) or 0.0 for n in found)
        if not words or len(found) < ENOUGH or amounts[0] == amounts[-1]:
            continue
        limit, bound = _bound(amounts, len(made) % 3, currency, language)
        right = [n for n in found if limit.kept_by(facts.owners[n], facts.variants[n])]
        text = f"{words}{'' if language == 'zh' else ' '}{bound}"
        if 0 < len(right) < len(found) and text not in made:
            made[text] = Question(
                qid="", text=text, right=facts.ids(right), limits=(limit,), source=facts.owners[number].id
            )
        if len(made) == count:
            break
    return list(made.values())


def negations(facts: Facts, count: int, rng: np.random.Generator, language: Language) -> list[Question]:
    """A type, and a color that is not wanted; what says no color is neither right nor wrong."""
    made: dict[str, Question] = {}
    column = facts.columns.get("color", "")
    colored = frozenset().union(*facts.held.get(column, {}).values())
    tried: set[_Pair] = set()
    for number, pair in _pairs(facts, ["color"], rng):
        if pair in tried:
            continue
        tried.add(pair)
        kind = facts.said("type", pair.type, language)
        color = facts.said("color", pair.value, language)
        every = facts.held[facts.columns["type"]][pair.type] & colored
        right = every - facts.held[column][pair.value]
        text = f"{kind} 不要{color}" if language == "zh" else f"{kind} not {color}"
        if kind and color and right and text not in made:
            limit = Limit(column=column, none=(facts.spelled[pair.value],))
            made[text] = Question(
                qid="", text=text, right=facts.ids(right), limits=(limit,), source=facts.owners[number].id
            )
        if len(made) == count:
            break
    return list(made.values())


def composed(facts: Facts, count: int, rng: np.random.Generator, language: Language) -> list[Question]:
    """A product's picture and "in blue", where the shop has the same in blue.

    The same is the same product with a variant in that color, which must then stand in front, or a product
    whose title is the same but for the words of its color.
    """
    column = facts.columns.get("color", "")
    families = _families(facts, column) if column else {}
    made: dict[tuple[str, str], Question] = {}
    for number in drawn(range(len(facts.variants)), None, rng) if column else ():
        owner, variant = facts.owners[number], facts.variants[number]
        picture = next((m.hash for m in variant.media or owner.media if m.kind == "picture" and m.hash), "")
        own = _colors(facts, number, column)
        if not picture or not own or (not variant.media and len(owner.variants) > 1):
            continue  # which of its variants the picture shows is not known
        family = families[_family(facts, number, column)]
        others = sorted({color for one in family for color in _colors(facts, one, column)} - own)
        for color in drawn(others, 1, rng):
            name = facts.said("color", color, language)
            right = facts.ids(one for one in family if color in _colors(facts, one, column))
            text = f"换成{name}" if language == "zh" else f"in {name}"
            limit = Limit(column=column, any=(facts.spelled[color],))
            if name and (picture, color) not in made:
                made[picture, color] = Question(
                    qid="", text=text, picture=picture, right=right, limits=(limit,), source=owner.id
                )
        if len(made) == count:
            break
    return list(made.values())


def _pairs(facts: Facts, kinds: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[int, _Pair]]:
    """Pairs as often as the goods have them, with the variant met: frequent ones come early."""
    kinds = [kind for kind in kinds if kind in facts.columns]
    if not kinds or "type" not in facts.columns:
        return
    said: dict[str, dict[int, list[str]]] = {}
    for kind in ("type", *kinds):
        by_number: defaultdict[int, list[str]] = defaultdict(list)
        for value, numbers in facts.held[facts.columns[kind]].items():
            if kind != "type" or concept_known("type", value):
                for number in numbers:
                    by_number[number].append(value)
        said[kind] = by_number
    order = drawn(range(len(facts.variants)), None, rng)
    # Of a small shop each variant is taken several times, as it can be described in several ways.
    for number in order * min(_TURNS, max(1, _MANY // len(order))):
        able = [kind for kind in kinds if number in said[kind]]
        if not able or number not in said["type"]:
            continue
        kind = able[int(rng.integers(len(able)))]
        values, types = sorted(said[kind][number]), sorted(said["type"][number])
        yield (
            number,
            _Pair(kind, values[int(rng.integers(len(values)))], types[int(rng.integers(len(types)))]),
        )


def _both(facts: Facts, pair: _Pair) -> frozenset[int]:
    """The variants that have both values."""
    described = facts.held[facts.columns[pair.kind]][pair.value]
    return described & facts.held[facts.columns["type"]][pair.type]


def _phrase(facts: Facts, pair: _Pair, language: Language) -> str:
    """Both values as a shopper writes them; "": one of them has no name in the language."""
    value, kind = facts.said(pair.kind, pair.value, language), facts.said("type", pair.type, language)
    if not value or not kind or value in kind:
        return ""
    return f"{value}{kind}" if language == "zh" and not value.isascii() else f"{value} {kind}"


def _currency(facts: Facts) -> str:
    """The currency of most prices."""
    counts: defaultdict[str, int] = defaultdict(int)
    for variant in facts.variants:
        if variant.price:
            counts[variant.price.currency] += 1
    return max(sorted(counts), key=lambda currency: counts[currency], default="")


def _amount(variant: Variant, currency: str) -> float | None:
    return variant.price.major if variant.price and variant.price.currency == currency else None


def _bound(amounts: Sequence[float], form: int, currency: str, language: Language) -> tuple[Limit, str]:
    """A limit that some of the amounts keep to, and how it is said: form 0 below, 1 above, 2 between."""
    in_english, in_chinese = _SIGNS.get(currency, ("{}", "{}元"))
    low, middle, high = (_round(float(np.quantile(amounts, share))) for share in (0.25, 0.5, 0.75))
    said = {name: f"{value:g}" for name, value in (("low", low), ("middle", middle), ("high", high))}
    written = {name: in_english.format(number) for name, number in said.items()}
    if form == 0:
        limit, en, zh = Limit(column="price", most=middle), f"under {written['middle']}", "以下"
    elif form == 1:
        limit, en, zh = Limit(column="price", least=middle), f"over {written['middle']}", "以上"
    else:
        limit = Limit(column="price", least=low, most=high)
        return limit, (
            in_chinese.format(f"{said['low']}到{said['high']}")
            if language == "zh"
            else f"{written['low']} to {written['high']}"
        )
    return limit, in_chinese.format(said["middle"]) + zh if language == "zh" else en


def _round(amount: float) -> float:
    """The number nearest to an amount that a shopper would name."""
    if amount <= 0:
        return 0.0
    power = 10.0 ** int(np.floor(log10(amount)))
    return float(min((each * power for each in _ROUND), key=lambda each: abs(each - amount)))


def _colors(facts: Facts, number: int, column: str) -> set[str]:
    values = facts.owners[number].attributes_of(facts.variants[number]).get(column, ())
    return {value.casefold() for value in values}


def _families(facts: Facts, column: str) -> dict[tuple[str, str], list[int]]:
    families: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number in range(len(facts.variants)):
        families[_family(facts, number, column)].append(number)
    return dict(families)


def _family(facts: Facts, number: int, column: str) -> tuple[str, str]:
    """What a product shares with the same in other colors: its id if it has variants, else title and kind."""
    owner = facts.owners[number]
    if len(owner.variants) > 1:
        return "", owner.id
    names = _colors(facts, number, column)
    for color in list(names):
        if known := concept_known("color", color):
            names |= {name.casefold() for name in (*known.en, *known.zh)}
    title = owner.title.casefold()
    for name in sorted(names, key=lambda name: (-len(name), name)):
        edge = r"\b" if name.isascii() else ""
        title = re.sub(rf"{edge}{re.escape(name)}{edge}", " ", title)
    return " ".join(title.split()), " > ".join(owner.category)
