from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.health.goods import Goods
from duomo.catalog.health.prices import prices
from duomo.product import Price, Product, Variant

Make = Callable[..., Product]
Told = Callable[..., list[tuple[str, str]]]


def shelf(amounts: list[int], category: str = "Mugs") -> list[Product]:
    return [
        Product(
            id=f"P{n}",
            title="Mug",
            category=(category,),
            variants=(Variant(id=f"P{n}", price=Price(minor, "USD")),),
        )
        for n, minor in enumerate(amounts)
    ]


USUAL = [900, 950, 1000, 1050, 1100, 1200, 1250, 1300, 1400, 1500]


@pytest.mark.parametrize(
    ("minor", "kind"),
    [
        (11_000, "price-shifted"),
        (110_000, "price-shifted"),
        (110, "price-shifted"),
        (12, "price-shifted"),
        (6_200, "price-out-of-line"),
        (0, "price-zero"),
        (-500, "price-negative"),
        (3_000, ""),
        (500, ""),
    ],
)
def test_a_price_is_held_against_those_of_like_goods(told: Told, minor: int, kind: str) -> None:
    assert told(prices, shelf([*USUAL, minor])) == ([(kind, "P10")] if kind else [])


def test_what_is_dear_is_told_of_its_own_category_and_not_of_all(told: Told) -> None:
    mugs, ovens = shelf(USUAL), shelf([100 * amount for amount in USUAL], "Ovens")
    named = [
        Product(id=f"O{n}", title="Oven", category=p.category, variants=p.variants)
        for n, p in enumerate(ovens)
    ]
    assert told(prices, [*mugs, *named]) == []
    stray = Product(
        id="X", title="Mug", category=("Mugs",), variants=(Variant(id="X", price=Price(100_000, "USD")),)
    )
    assert told(prices, [*mugs, *named, stray]) == [("price-shifted", "X")]


def test_in_a_small_category_a_price_is_held_against_the_one_above(told: Told) -> None:
    def in_(category: tuple[str, ...], amounts: list[int]) -> list[Product]:
        priced = [
            Variant(id=f"{category[-1]}{n}", price=Price(minor, "USD")) for n, minor in enumerate(amounts)
        ]
        return [Product(id=v.id, title="Mug", category=category, variants=(v,)) for v in priced]

    few = in_(("Kitchen", "Cups"), [1000, 100_000])
    assert told(prices, [*in_(("Kitchen", "Mugs"), USUAL[:7]), *few, *in_(("Ovens",), [90_000] * 30)]) == [
        ("price-shifted", "Cups1")
    ]


def test_the_sentence_says_how_far_off_it_is_and_what_would_be_usual(product: Make) -> None:
    (finding,) = prices(Goods(shelf([*USUAL, 115_000]), body=None))
    assert str(finding.problem) == (
        ": price '1150.00 USD' is 95.8 times the usual 12.00 USD of Mugs, "
        "and right with the point moved by 2. "
        "Look for a lost decimal point."
    )
    assert "小数点移动 2 位" in finding.said.zh


def test_a_reduced_price_above_the_list_price_and_a_lonely_currency_are_told(
    told: Told, product: Make
) -> None:
    dear = product("D", price=Price(900, "USD"), list_price=Price(800, "USD"))
    assert told(prices, [dear]) == [("price-over-list", "D")]
    euros = product("E", category=("Mugs",), price=Price(1000, "EUR"))
    assert told(prices, [*shelf(USUAL), euros]) == [("price-currency", "E")]
    half = [product(f"H{n}", price=Price(1000, "EUR")) for n in range(10)]
    assert told(prices, [*shelf(USUAL), *half]) == []  # two markets


@given(st.lists(st.integers(1, 10**7), max_size=30), st.sampled_from([10, 100, 1000]))
def test_what_is_out_of_line_does_not_depend_on_the_unit_nor_on_the_order(
    amounts: list[int], scale: int
) -> None:
    def kinds(minors: list[int]) -> set[str]:
        found = prices(Goods(shelf(minors), body=None))
        return {finding.problem.product_id for finding in found}

    assert kinds(amounts) == kinds([amount * scale for amount in amounts])
    back = list(reversed(amounts))
    assert {f"P{len(amounts) - 1 - int(id[1:])}" for id in kinds(back)} == kinds(amounts)
