from collections.abc import Callable

import pytest

from duomo.catalog.health.offers import categories, offers
from duomo.catalog.health.trade_numbers import trade_numbers
from duomo.catalog.health.variants import variants
from duomo.product import Price, Product, Variant

Make = Callable[..., Product]
Told = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({"stock": -1}, ["stock-out-of-range"]),
        ({"stock": 5_000_000}, ["stock-out-of-range"]),
        ({"stock": 0, "availability": "in_stock"}, ["stock-contradiction"]),
        ({"stock": 3, "availability": "out_of_stock"}, ["stock-contradiction"]),
        ({"stock": 0, "availability": "preorder"}, []),
        ({"url": "www shop"}, ["link-broken"]),
        ({"url": "https://"}, ["link-broken"]),
        ({"url": "javascript:alert(1)"}, ["link-broken"]),
        ({"url": "https://商店.cn/杯子?id=3"}, []),
    ],
)
def test_offers_that_cannot_be_are_told(
    told: Told, product: Make, fields: dict[str, object], kinds: list[str]
) -> None:
    assert [kind for kind, _ in told(offers, [product("A", **fields)])] == kinds


def test_a_category_that_is_too_deep_or_holds_one_product_of_many_is_told(told: Told, product: Make) -> None:
    many = [product(f"A{n}", category=("Mugs",)) for n in range(30)]
    odd = product("B", category=("Mugz",))
    deep = [product(f"D{n}", category=tuple("ABCDEFG")) for n in range(2)]
    assert told(categories, [*many, odd, *deep]) == [
        ("category-of-one", "B"),
        ("category-deep", "D0"),
        ("category-deep", "D1"),
    ]
    assert told(categories, [odd]) == []


@pytest.mark.parametrize(
    ("gtin", "kind"),
    [
        ("4006381333931", ""),
        ("4006381333932", "gtin-wrong"),
        ("123", "gtin-wrong"),
        ("2012345678903", "gtin-restricted"),
        ("0212345678909", "gtin-restricted"),
        ("9812345678902", "gtin-restricted"),
        ("20123451", "gtin-restricted"),
        ("96385074", ""),
    ],
)
def test_trade_item_numbers_are_checked(told: Told, product: Make, gtin: str, kind: str) -> None:
    assert [name for name, _ in told(trade_numbers, [product("A", gtin=gtin)])] == ([kind] if kind else [])


def test_one_number_on_several_goods_is_told_once_however_it_is_written(told: Told, product: Make) -> None:
    goods = [
        product("A", gtin="4006381333931"),
        product("B", gtin="04006381333931"),
        product("C", gtin="96385074"),
    ]
    assert told(trade_numbers, goods) == [("gtin-shared", "A+B")]


def shirt(*of: Variant) -> Product:
    return Product(id="S", title="Shirt", variants=of)


def test_variants_that_do_not_fit_together_are_told(told: Told) -> None:
    sizes = [Variant(id=f"S-{size}", attributes={"size": (size,)}, price=Price(900, "USD")) for size in "SML"]
    assert told(variants, [shirt(*sizes)]) == []
    assert told(variants, [shirt(*sizes, Variant(id="S-2", attributes={"size": ("S",)}))]) == [
        ("variants-alike", "S")
    ]
    assert told(variants, [shirt(*sizes, Variant(id="S-none"))]) == [("variants-gaps", "S")]
    euro = Variant(id="S-E", attributes={"size": ("XL",)}, price=Price(900, "EUR"))
    assert told(variants, [shirt(*sizes, euro)]) == [("variants-currencies", "S")]
    dear = Variant(id="S-D", attributes={"size": ("XL",)}, price=Price(9000, "USD"))
    assert told(variants, [shirt(*sizes, dear)]) == [("variants-price-spread", "S")]
