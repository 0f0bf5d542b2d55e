from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.health.doubles import doubles, words_of
from duomo.catalog.health.shingles import alike
from duomo.product import Price, Product

Make = Callable[..., Product]
Told = Callable[..., list[tuple[str, str]]]

LONG = (
    "A large mug of stoneware that keeps your tea warm, holds half a liter and may go into the dishwasher. "
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Puma Men's Blue T-Shirt", "PUMA men blue t shirt"),
        ("Nike Running Shoes Black", "Black Nike Running Shoes"),
        ("Nike Running Shoes", "New! Nike Running Shoes - Best Sale"),
        ("Nike Running Shoes", "Nike Runing Shoes"),
        ("Adidas Originals Jacket", "Adidsa Originals Jacket"),
        ("红色连衣裙 女", "女，红色连衣裙"),
        ("纯棉男士T恤", "包邮 纯棉男士T恤 新款"),
    ],
)
def test_titles_that_differ_in_spelling_or_order_alone_are_told(
    told: Told, product: Make, one: str, other: str
) -> None:
    assert told(doubles, [product("A", one), product("B", other)]) == [("near-title", "A+B")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nike Air Max 90", "Nike Air Max 95"),
        ("Puma Men Blue Shirt", "Puma Men Black Shirt"),
        ("Puma Men Shirt", "Puma Women Shirt"),
        ("纯棉男鞋", "纯棉女鞋"),
        ("Red mug", "Red printed mug"),
    ],
)
def test_titles_that_tell_goods_apart_are_left_alone(told: Told, product: Make, one: str, other: str) -> None:
    assert told(doubles, [product("A", one), product("B", other)]) == []


def test_near_titles_of_products_with_other_attributes_are_left_alone(told: Told, product: Make) -> None:
    red = product("A", "Nike Running Shoes", attributes={"color": ("red",)})
    assert told(doubles, [red, product("B", "Running Shoes Nike", attributes={"color": ("blue",)})]) == []
    assert told(doubles, [red, product("B", "Running Shoes Nike", brand="Acme")]) == [("near-title", "A+B")]


def test_the_same_product_is_told_once_and_not_again_by_its_title(told: Told, product: Make) -> None:
    goods = [product(id, "Mug", price=Price.of(5), description=LONG) for id in "ABC"]
    assert told(doubles, goods) == [("same-product", "A+B+C")]
    other = product("D", "mug", price=Price.of(6))
    assert told(doubles, [*goods, other]) == [("same-product", "A+B+C"), ("same-title", "A+D")]


def test_a_description_that_was_copied_is_told_also_where_a_word_was_changed(
    told: Told, product: Make
) -> None:
    goods = [
        product("A", "Mug", description=LONG),
        product("B", "Cup", description=LONG.replace("large", "small")),
        product("C", "Jug", description="A jug. " * 20),
    ]
    assert told(doubles, goods) == [("copied-description", "A+B")]


@given(st.permutations(["deep", "red", "mug", "of", "clay"]))
def test_the_words_of_a_title_have_no_order(words: list[str]) -> None:
    assert words_of(" ".join(words)) == ("clay", "deep", "mug", "red")


def slow(one: str, other: str) -> float:
    sets = [{text[n : n + 5] for n in range(max(1, len(text) - 4))} for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@given(
    st.lists(
        st.text("abcd ", min_size=5, max_size=60).map(lambda text: " ".join(text.split())),
        unique=True,
        max_size=12,
    )
)
def test_texts_are_grouped_as_if_each_were_held_against_its_head(texts: list[str]) -> None:
    texts = [text for text in texts if len(text) >= 5]
    groups = alike(texts, 0.8)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    for group in groups:
        assert group == sorted(group)
        assert all(slow(texts[group[0]], texts[place]) >= 0.8 for place in group)


def test_a_thousand_texts_with_copies_among_them_are_grouped_rightly() -> None:
    texts = [
        f"{LONG} Made for kitchen number {n * 7919 % 1000}, by hand {n * 31}{n * n}, and signed." * 1
        for n in range(200)
    ]
    different = [" ".join(str(n * k * 7919 % 99991) for k in range(3, 30)) for n in range(1, 400)]
    groups = alike([*different, *(f"{text} x" for text in different)], 0.85)
    assert groups == [[n, n + len(different)] for n in range(len(different))]
    assert len(alike(texts, 0.5)) == 1
