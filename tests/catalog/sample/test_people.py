from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from duomo.catalog.sample.opinions import opinions
from duomo.catalog.sample.palette import MATERIALS
from duomo.catalog.sample.people import (
    BOUGHT_WITH,
    CART_TO_PURCHASE,
    TASTES,
    VIEW_TO_CART,
    Event,
    expected_rating,
    links,
    partners,
)
from duomo.catalog.sample.plan import Plan


def test_every_event_is_of_a_product_and_a_user_within_one_year(
    plans: Sequence[Plan], groups: dict[str, str], events: Sequence[Event]
) -> None:
    skus = {plan.sku for plan in plans}
    assert {event.product for event in events} <= skus
    assert {event.user for event in events} <= set(groups)
    assert 20_000 <= len(events) < 20_100
    assert events == sorted(events, key=lambda event: event.time)
    assert events[-1].time - events[0].time < timedelta(days=366)


def test_views_become_carts_and_carts_become_purchases_at_the_planted_rates(events: Sequence[Event]) -> None:
    count = Counter(event.type for event in events)
    assert count["cart"] / count["view"] == pytest.approx(VIEW_TO_CART, abs=0.03)
    # what is bought along with something else goes from view to purchase at once, and lifts the rate a little
    assert CART_TO_PURCHASE < count["purchase"] / count["cart"] < CART_TO_PURCHASE + 0.1


def test_a_purchase_follows_a_cart_and_a_cart_a_view_of_the_same_product(events: Sequence[Event]) -> None:
    seen: set[tuple[str, str, str]] = set()
    before = {"view": None, "cart": "view", "purchase": "cart"}
    for event in events:
        needed = before[event.type]
        assert needed is None or (event.user, event.product, needed) in seen
        seen.add((event.user, event.product, event.type))


def test_what_is_bought_together_can_be_counted(plans: Sequence[Plan], events: Sequence[Event]) -> None:
    family = {plan.sku: plan.family.en for plan in plans}
    partner = partners(plans, 7)
    baskets: dict[tuple[str, int], set[str]] = {}
    for event in events:
        if event.type == "purchase":
            baskets.setdefault((event.user, event.time.timetuple().tm_yday), set()).add(event.product)
    bought, along, together = Counter[str](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for basket in baskets.values():
        kinds = {family[sku] for sku in basket}
        bought.update(kinds)
        along.update((one, other) for one in kinds for other in kinds if one != other)
        together.update((one, other) for one in basket for other in basket if one != other)
    planted = [(one, other) for one, others in BOUGHT_WITH.items() for other in others]
    unplanted = [pair for pair in along if pair not in planted and pair[::-1] not in planted]
    lift = {pair: along[pair] * len(baskets) / (bought[pair[0]] * bought[pair[1]]) for pair in along}
    assert np.median([lift.get(pair, 0.0) for pair in planted]) > 3
    assert np.median([lift[pair] for pair in unplanted]) < 3
    assert lift.get(("mug", "table lamp"), 0.0) < 2 < lift["mug", "bowl"]
    likeliest = [pair for pair, count in together.most_common(60) if family[pair[0]] in BOUGHT_WITH]
    assert sum(partner.get(one) == other for one, other in likeliest) / len(likeliest) > 0.5


def test_demand_follows_the_seasons(plans: Sequence[Plan], events: Sequence[Event]) -> None:
    family = {plan.sku: plan.family.en for plan in plans}
    views = Counter((family[event.product], event.time.month) for event in events if event.type == "view")

    def cold_share(name: str) -> float:
        cold = sum(views[name, month] for month in (12, 1, 2))
        warm = sum(views[name, month] for month in (6, 7, 8))
        return cold / (cold + warm)

    assert cold_share("puffer jacket") > 0.75
    assert cold_share("beanie") > 0.75
    assert cold_share("shorts") < 0.35
    assert cold_share("sunglasses") < 0.35
    assert 0.4 < cold_share("watch") < 0.6


def test_users_look_at_what_their_group_likes(
    plans: Sequence[Plan], groups: dict[str, str], events: Sequence[Event]
) -> None:
    family = {plan.sku: plan.family.en for plan in plans}
    views = Counter((groups[event.user], family[event.product]) for event in events if event.type == "view")
    for group, (_, families, _) in TASTES.items():
        own = sum(views[group, name] for name in families) / sum(
            count for (who, _), count in views.items() if who == group
        )
        others = sum(
            count for (who, name), count in views.items() if who != group and name in families
        ) / sum(count for (who, _), count in views.items() if who != group)
        assert own > 1.8 * others, group


def test_ratings_lean_the_way_that_was_planted(plans: Sequence[Plan], events: Sequence[Event]) -> None:
    said = opinions(plans, events, 7)
    plan_of = {plan.sku: plan for plan in plans}
    assert len(said) > 400
    assert {opinion.rating for opinion in said} <= {1, 2, 3, 4, 5}
    expected = np.array([np.clip(expected_rating(plan_of[opinion.sku]), 1, 5) for opinion in said])
    given = np.array([opinion.rating for opinion in said])
    assert np.corrcoef(expected, given)[0, 1] > 0.4
    by_size = {
        small: np.mean([o.rating for o in said if plan_of[o.sku].family.small is small])
        for small in (True, False)
    }
    assert by_size[True] < by_size[False] - 0.3
    material = {o.sku: MATERIALS[plan_of[o.sku].material].rating for o in said}
    good = np.mean([o.rating for o in said if material[o.sku] >= 0.3])
    poor = np.mean([o.rating for o in said if material[o.sku] <= -0.4])
    assert good > poor + 0.4


def test_reviews_come_in_both_languages_and_complain_of_small_sizes_where_sizes_are_small(
    plans: Sequence[Plan], events: Sequence[Event]
) -> None:
    said = opinions(plans, events, 7)
    small = {plan.sku for plan in plans if plan.family.small}
    assert {opinion.language for opinion in said} == {"en", "zh"}
    complaints = {o.sku for o in said if "runs small" in o.text or "偏小" in o.text}
    assert complaints
    assert complaints <= small
    bought = {(event.user, event.product) for event in events if event.type == "purchase"}
    assert {(opinion.user, opinion.sku) for opinion in said} <= bought


def test_links_join_products_of_the_shop(plans: Sequence[Plan]) -> None:
    skus = {plan.sku for plan in plans}
    placed = links(plans, 7)
    assert {sku for one, other, _ in placed for sku in (one, other)} <= skus
    assert {kind for _, _, kind in placed} == {"related", "crosssell", "upsell"}
    assert all(one != other for one, other, _ in placed)
