"""Ads of the sample shop: creatives in tests, with copy, picture, color and offer, and how they did by day.

What moves a rate is planted (`EFFECTS`), so that a method which finds out can be checked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np

from duomo.catalog.sample.palette import MATERIALS
from duomo.catalog.sample.plan import Plan

Said = tuple[str, str]  # English, Chinese


class Effects(NamedTuple):
    """What each thing does to the share of impressions that are clicked, as a factor."""

    question: float = 0.85  # copy that asks something
    urgency: float = 1.12
    offers: Mapping[str, float] = {"free shipping": 1.25, "10% off": 1.12, "gift wrap": 1.0}
    close_up: float = 1.15
    red: float = 1.2
    spread: float = 0.05  # log: what else makes one creative better than another
    half_life: float = 20_000.0  # impressions in which a tired creative loses half of its rate
    falls_from: float = 15_000.0  # impressions from which it falls
    tired: float = 0.35  # share of tests whose creatives tire
    orders: float = 1.4  # what free shipping does to conversions of clicks


EFFECTS: Final = Effects()
NOTHING: Final = Effects(
    question=1, urgency=1, offers={"free shipping": 1, "10% off": 1, "gift wrap": 1}, close_up=1, red=1,
    spread=0, tired=0, orders=1,
)  # fmt: skip
MOST_TESTS: Final = 40
PRODUCTS_EACH: Final = 6  # products of the shop for a test, while there are few
DAYS: Final = 28
SHOWN: Final = 700  # impressions of a creative for an audience and day, on average
START: Final = date(2025, 9, 1)
COLUMNS: Final = (
    *("test", "creative", "copy", "image", "color", "style", "offer"),
    *("audience", "date", "impressions", "clicks", "spend", "conversions"),
)

_STATED: Final[tuple[Said, ...]] = (
    ("A {kind} for every day", "天天都能用的{zh}"),
    ("{material} {kind} with clean lines", "{mzh}{zh}，线条利落"),
    ("The {kind} that goes with everything", "百搭{zh}"),
    ("Meet the {kind} from {brand}", "{brand}的{zh}来啦"),
)
_ASKED: Final[tuple[Said, ...]] = (
    ("Looking for a good {kind}?", "想要一款好{zh}吗？"),
    ("Ready for a better {kind}?", "换一款更好的{zh}？"),
)
_URGENT: Final[tuple[Said, ...]] = (
    ("Only this week", "限时一周"),
    ("Last chance", "最后机会"),
)
_AUDIENCES: Final[tuple[tuple[Said, float], ...]] = ((("new", "新客"), 1.0), (("returning", "老客"), 1.6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ad:
    """One creative as it was decided."""

    test: str
    id: str
    copy: str
    picture: str
    color: str
    style: str
    offer: str  # "": none
    language: int  # 0: English, 1: Chinese
    factor: float  # of the usual rate of its test
    orders: float  # of the usual conversions of clicks
    returning: float  # share of its impressions that returning shoppers saw
    late: int  # days after the others of its test that it began
    tires: bool  # as all of its test


def ads(plans: Sequence[Plan], seed: int, effects: Effects = EFFECTS) -> list[Ad]:
    """The creatives of the shop: three to five a test, a test for a product."""
    random = np.random.default_rng([seed, 31])
    count = min(MOST_TESTS, max(1, len(plans) // PRODUCTS_EACH))
    # Products of which there are several pictures; where there are too few, any.
    order = sorted(plans, key=lambda plan: (len(plan.shots) < 3, len(plan.shots) < 2, plan.index))
    found: list[Ad] = []
    for plan in order[:count]:
        language, tires = int(random.random() < 0.4), random.random() < effects.tired
        amount = int(random.integers(3, 6))
        for number in range(amount):
            late = 7 if number == amount - 1 and random.random() < 0.2 else 0
            found.append(_ad(plan, f"{plan.sku}-{number + 1}", language, late, random, effects, tires))
    return found


def _ad(
    plan: Plan,
    id: str,
    language: int,
    late: int,
    random: np.random.Generator,
    effects: Effects,
    tires: bool,
) -> Ad:
    asks, hurries = random.random() < 0.4, random.random() < 0.4
    copy = _one(_ASKED if asks else _STATED, random)[language]
    if hurries:
        stop = "" if copy[-1] in "?？" else "，" if language else "."
        copy += f"{stop}{'' if language else ' '}{_one(_URGENT, random)[language]}"
    words = {
        "kind": plan.family.en,
        "zh": plan.family.zh,
        "material": plan.material.capitalize(),
        "mzh": MATERIALS[plan.material].zh,
        "brand": plan.brand,
    }
    color, kind, _ = plan.shots[int(random.integers(len(plan.shots)))]
    style = "close-up" if kind.endswith("alt") else "whole"
    offer = str(random.choice(["", *effects.offers]))
    factor = effects.offers.get(offer, 1.0) * float(np.exp(random.normal(0, effects.spread)))
    factor *= effects.question if asks else 1
    factor *= effects.urgency if hurries else 1
    factor *= effects.close_up if style == "close-up" else 1
    factor *= effects.red if color == "red" else 1
    return Ad(
        test=plan.sku,
        id=id,
        copy=copy.format(**words),
        picture=plan.picture(color, kind),
        color=color,
        style=style,
        offer=offer,
        language=language,
        factor=factor,
        orders=effects.orders if offer == "free shipping" else 1.0,
        returning=float(random.uniform(0.2, 0.6)),
        late=late,
        tires=tires,
    )


def ad_rows(made: Sequence[Ad], seed: int, effects: Effects = EFFECTS) -> Iterator[tuple[object, ...]]:
    """How they did: a row for each creative, audience and day, with the columns of COLUMNS."""
    random = np.random.default_rng([seed, 32])
    by_test: dict[str, list[Ad]] = {}
    for ad in made:
        by_test.setdefault(ad.test, []).append(ad)
    for members in by_test.values():
        rate = 0.02 * float(np.exp(random.normal(0, 0.4)))
        price = float(random.uniform(0.3, 0.8))
        shown = dict.fromkeys(members, 0)
        for day in range(DAYS):
            weather = float(np.exp(random.normal(0, 0.08)))
            for ad in members:
                if day < ad.late:
                    continue
                tail = max(0.0, shown[ad] - effects.falls_from) / effects.half_life if ad.tires else 0.0
                for place, (names, level) in enumerate(_AUDIENCES):
                    share = ad.returning if place else 1 - ad.returning
                    impressions = int(random.poisson(2 * SHOWN * share))
                    chance = min(1.0, rate * weather * level * ad.factor * 0.5**tail)
                    clicks = int(random.binomial(impressions, chance))
                    conversions = int(random.binomial(clicks, min(1.0, 0.04 * ad.orders)))
                    spend = f"{clicks * price * random.uniform(0.9, 1.1):.2f}"
                    shown[ad] += impressions
                    yield (
                        *(ad.test, ad.id, ad.copy, ad.picture, ad.color, ad.style, ad.offer),
                        *(names[ad.language], (START + timedelta(day)).isoformat()),
                        *(impressions, clicks, spend, conversions),
                    )


def _one(options: Sequence[Said], random: np.random.Generator) -> Said:
    return options[int(random.integers(len(options)))]
