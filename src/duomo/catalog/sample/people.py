"""The shoppers of the sample shop: what they look at and buy over a year, and what they write about it.

What is planted here is what recommendation, review reading and ranking can be asked to find again; `PLANTED`
says it in words.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.catalog.sample.palette import MATERIALS
from duomo.catalog.sample.plan import Plan

# family -> families that are bought with it in the same visit, and how often (share of its purchases).
BOUGHT_WITH: Final[Mapping[str, Mapping[str, float]]] = {
    "shirt": {"trousers": 0.35},
    "t-shirt": {"jeans": 0.3, "shorts": 0.15},
    "dress": {"heels": 0.3},
    "skirt": {"sweater": 0.25},
    "puffer jacket": {"beanie": 0.35},
    "denim jacket": {"t-shirt": 0.25},
    "blazer": {"shirt": 0.3},
    "beanie": {"scarf": 0.4},
    "sneakers": {"backpack": 0.15},
    "backpack": {"water bottle": 0.35},
    "cap": {"sunglasses": 0.3},
    "mug": {"bowl": 0.35},
    "chair": {"cushion": 0.4},
    "vase": {"bowl": 0.15},
}
# group -> (share of users, families they like, colors they like)
TASTES: Final[Mapping[str, tuple[float, tuple[str, ...], tuple[str, ...]]]] = {
    "minimalist": (0.25, ("t-shirt", "trousers", "sneakers", "tote bag", "mug"), ("black", "white", "grey")),
    "outdoor": (
        0.2,
        ("puffer jacket", "boots", "backpack", "water bottle", "beanie", "hoodie"),
        ("olive", "orange", "navy"),
    ),
    "romantic": (
        0.2,
        ("dress", "skirt", "heels", "handbag", "scarf"),
        ("pink", "lavender", "burgundy", "red"),
    ),
    "home": (
        0.2,
        ("mug", "vase", "bowl", "table lamp", "chair", "cushion"),
        ("beige", "teal", "mint", "green"),
    ),
    "classic": (
        0.15,
        ("shirt", "trousers", "watch", "blazer", "boots", "sweater"),
        ("navy", "brown", "camel", "burgundy"),
    ),
}
VIEW_TO_CART: Final = 0.16
CART_TO_PURCHASE: Final = 0.45
SMALL_LOSES: Final = 0.7  # stars that a family which runs small loses
PLANTED: Final[Mapping[str, str]] = {
    "bought with": "After a purchase of a family on the left of BOUGHT_WITH, a product of the family on "
    "the right is bought in the same visit with the given probability; half of these times it is the "
    "product's own partner (truth.json: partners).",
    "seasons": "Views of a family follow Family.season by month: puffer jackets, beanies and scarves in "
    "winter; shorts, caps, sunglasses and t-shirts in summer.",
    "tastes": "Every user belongs to a group of TASTES: the group's families are looked at 4 times as "
    "often, products in its colors 2.5 times.",
    "funnel": "A view leads to a cart with VIEW_TO_CART, a cart to a purchase with CART_TO_PURCHASE, both "
    "times exp(quality / 2) of the product.",
    "ratings": "A rating is 4.1 plus the product's quality plus Material.rating, less SMALL_LOSES where "
    "the family runs small (its reviews say so), plus noise, rounded to 1 to 5.",
}
YEAR: Final = 2025


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a user did."""

    user: str
    product: str
    type: str  # "view", "cart" or "purchase"
    time: datetime


def partners(plans: Sequence[Plan], seed: int) -> dict[str, str]:
    """The product that is most often bought with each one: sku -> sku of the first family in BOUGHT_WITH."""
    by_family: dict[str, list[Plan]] = {}
    for plan in plans:
        by_family.setdefault(plan.family.en, []).append(plan)
    found = {}
    for plan in plans:
        wanted = BOUGHT_WITH.get(plan.family.en, {})
        family = next((name for name in wanted if name in by_family), None)
        if family is not None:
            candidates = by_family[family]
            found[plan.sku] = candidates[
                int(np.random.default_rng([seed, plan.index, 21]).integers(len(candidates)))
            ].sku
    return found


def user_groups(count: int, seed: int) -> dict[str, str]:
    """User -> the group of TASTES it belongs to."""
    random = np.random.default_rng([seed, 22])
    names, shares = list(TASTES), [share for share, _, _ in TASTES.values()]
    return {f"u{number:04d}": names[int(random.choice(len(names), p=shares))] for number in range(count)}


def visits(plans: Sequence[Plan], groups: Mapping[str, str], seed: int, *, events: int) -> list[Event]:
    """About so many events over the year, in order of time."""
    random = np.random.default_rng([seed, 23])
    partner = partners(plans, seed)
    by_family: dict[str, list[int]] = {}
    for place, plan in enumerate(plans):
        by_family.setdefault(plan.family.en, []).append(place)
    place_of = {plan.sku: place for place, plan in enumerate(plans)}
    season = np.array([plan.family.season for plan in plans])
    sums = {
        group: [np.cumsum(_liking(plans, group) * season[:, month]).tolist() for month in range(12)]
        for group in TASTES
    }
    users = list(groups)
    out: list[Event] = []
    start = datetime(YEAR, 1, 1, tzinfo=UTC)
    while len(out) < events:
        user = users[int(len(users) * float(random.random()) ** 1.6)]  # a few come often, many rarely
        now = start + timedelta(seconds=int(random.integers(0, 365 * 86_400)))
        chances = sums[groups[user]][now.month - 1]
        for _ in range(1 + int(random.geometric(0.3))):
            now += timedelta(seconds=int(random.exponential(70)) + 4)
            plan = plans[bisect(chances, float(random.random()) * chances[-1])]
            out.append(Event(user, plan.sku, "view", now))
            lift = float(np.exp(0.5 * plan.quality))
            if random.random() >= VIEW_TO_CART * lift:
                continue
            now += timedelta(seconds=int(random.exponential(40)) + 3)
            out.append(Event(user, plan.sku, "cart", now))
            if random.random() >= CART_TO_PURCHASE * lift:
                continue
            now += timedelta(seconds=int(random.exponential(90)) + 20)
            out.append(Event(user, plan.sku, "purchase", now))
            for family, share in BOUGHT_WITH.get(plan.family.en, {}).items():
                if family not in by_family or random.random() >= share:
                    continue
                own = partner.get(plan.sku)
                places = by_family[family]
                other = plans[places[int(random.integers(len(places)))]]
                if own and plans[place_of[own]].family.en == family and random.random() < 0.5:
                    other = plans[place_of[own]]
                out.append(Event(user, other.sku, "view", now + timedelta(seconds=8)))
                out.append(Event(user, other.sku, "cart", now + timedelta(seconds=25)))
                out.append(Event(user, other.sku, "purchase", now + timedelta(seconds=70)))
    return sorted(out, key=lambda event: (event.time, event.user, event.product, event.type))


def _liking(plans: Sequence[Plan], group: str) -> NDArray[np.float64]:
    """How often a user of a group looks at each product, season aside."""
    _, families, colors = TASTES[group]
    weights = [
        plan.appeal
        * (4.0 if plan.family.en in families else 1.0)
        * (2.5 if set(plan.colors) & set(colors) else 1.0)
        for plan in plans
    ]
    return np.array(weights)


def links(plans: Sequence[Plan], seed: int) -> list[tuple[str, str, str]]:
    """What stands beside each product, (sku, linked sku, type): two alike, its partner, one dearer."""
    by_family: dict[str, list[Plan]] = {}
    for plan in plans:
        by_family.setdefault(plan.family.en, []).append(plan)
    partner = partners(plans, seed)
    out = []
    for plan in plans:
        kin = [other for other in by_family[plan.family.en] if other.sku != plan.sku]
        near = sorted(kin, key=lambda other: (-_alike(plan, other), other.sku))[:2]
        out += [(plan.sku, other.sku, "related") for other in near]
        if plan.sku in partner:
            out.append((plan.sku, partner[plan.sku], "crosssell"))
        dearer = sorted(
            (other for other in kin if other.price_cents > plan.price_cents),
            key=lambda o: (o.price_cents, o.sku),
        )
        out += [(plan.sku, other.sku, "upsell") for other in dearer[:1]]
    return out


def _alike(one: Plan, other: Plan) -> int:
    same_colors = len(set(one.colors) & set(other.colors))
    return 2 * same_colors + 2 * (one.pattern == other.pattern) + (one.material == other.material)


def expected_rating(plan: Plan) -> float:
    """The mean of its ratings before noise and before they are cut to 1 to 5 stars."""
    return 4.1 + plan.quality + MATERIALS[plan.material].rating - (SMALL_LOSES if plan.family.small else 0.0)
