"""Which goods of a shop a post speaks of."""

import pytest

from duomo.product import Product
from duomo.understand.mentions import Mentions, words_of

GOODS = [
    Product(id="N1", title="Nike Air Pegasus Running Shoes Blue", brand="Nike", variants=()),
    Product(id="N2", title="Nike Court Tennis Skirt White", brand="Nike", variants=()),
    Product(id="P1", title="Puma Ferrari Leather Wallet", brand="Puma", variants=()),
    Product(id="S1", title="Sony WH1000XM4 Headphones", brand="Sony", variants=()),
    Product(id="U1", title="U.S. Polo Assn. Striped Cotton Shirt", brand="U.S. Polo Assn.", variants=()),
    Product(id="R1", title="Rose Linen Summer Dress", brand="Rose", variants=()),
    Product(id="Z1", title="李宁 赤兔 跑步鞋 男款", brand="李宁", variants=()),
    Product(id="Z2", title="李宁 羽毛球 双肩背包", brand="李宁", variants=()),
]


@pytest.fixture(scope="module")
def mentions() -> Mentions:
    return Mentions.of(GOODS)


@pytest.mark.parametrize(
    ("post", "product_id", "brand"),
    [
        ("My Nike Air Pegasus shoes fell apart after a week", "N1", "Nike"),
        ("nike court tennis skirts run small", "N2", "Nike"),
        ("so happy with my WH1000XM4!!", "S1", "Sony"),
        ("#NikePegasus #running", None, "Nike"),
        ("Puma is the best brand", None, "Puma"),
        ("us polo assn never again", None, "U.S. Polo Assn."),
        ("striped cotton shirt from US Polo Assn, love it", "U1", "U.S. Polo Assn."),
        ("李宁赤兔跑步鞋穿着很舒服", "Z1", "李宁"),
        ("新买的李宁羽毛球双肩背包，拉链坏了", "Z2", "李宁"),
        ("#李宁# 真不错", None, "李宁"),
    ],
)
def test_a_post_is_linked_to_what_it_speaks_of(
    mentions: Mentions, post: str, product_id: str | None, brand: str
) -> None:
    (found,) = mentions.find(post)
    assert (found.product_id, found.brand) == (product_id, brand)
    assert post[found.start : found.end] == found.text


@pytest.mark.parametrize(
    "post",
    [
        "",
        "what a lovely day",
        "my shoes are blue",
        "a rose is a rose",
        "今天天气真好",
        "😀😀",
        "Adidas Samba shoes",
    ],
)
def test_a_post_that_speaks_of_no_good_is_linked_to_none(mentions: Mentions, post: str) -> None:
    assert mentions.find(post) == []


def test_two_goods_that_fit_as_well_are_not_told_apart_by_chance(mentions: Mentions) -> None:
    twins = Mentions.of(
        [*GOODS, Product(id="N9", title="Nike Air Pegasus Running Shoes Blue", brand="Nike", variants=())]
    )
    (found,) = twins.find("Nike Air Pegasus running shoes in blue")
    assert (found.product_id, found.brand) == (None, "Nike")


def test_a_shop_without_goods_finds_nothing() -> None:
    assert Mentions.of([]).find("Nike Air") == []


def test_tags_are_taken_apart_where_capitals_stand() -> None:
    assert [word.text for word in words_of("#NikeAirMax90 @李宁官方")] == [
        *("nike", "air", "max", "90"),
        *("李宁", "宁官", "官方"),
    ]
