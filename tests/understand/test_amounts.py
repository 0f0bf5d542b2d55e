import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.understand.amounts import amounts_in

SAID = [
    ("Coffee beans 2 x 250 g", 2, 250, "g"),
    ("矿泉水500毫升", 1, 500, "ml"),
    ("纯棉袜3件装", 3, 1, "piece"),
    ("AA batteries 12-pack", 12, 1, "piece"),
    ("可乐 1.5L*6瓶", 6, 1500, "ml"),
    ("Cola 330ml x 24", 24, 330, "ml"),
    ("Shampoo 500 ml (pack of 6)", 6, 500, "ml"),
    ("6 bottles of 500 ml", 6, 500, "ml"),
    ("纸巾 100抽*24包", 24, 100, "piece"),
    ("两件装短袖", 2, 1, "piece"),
    ("鸡蛋一打", 12, 1, "piece"),
    ("a dozen eggs", 12, 1, "piece"),
    ("Set of Three bowls", 3, 1, "piece"),
    ("大米 10斤", 1, 5000, "g"),
    ("茶叶 半斤装", 1, 250, "g"),
    ("Flour 1 1/2 lb", 1, 680.388555, "g"),
    ("Soap 1,000 ml", 1, 1000, "ml"),
    ("５００ｍｌ 洗手液", 1, 500, "ml"),
    ("洗衣液 2kg 买2送1", 1, 2000, "g"),
    ("Green tea 2024 set of 12, new", 12, 1, "piece"),
    ("Beans 899g x 23, new", 23, 899, "g"),
]


@pytest.mark.parametrize(("title", "count", "each", "unit"), SAID)
def test_an_amount_is_read_with_its_count_and_what_each_holds(
    title: str, count: float, each: float, unit: str
) -> None:
    (amount,) = amounts_in(title)
    assert (amount.count, amount.unit) == (count, unit)
    assert amount.each == pytest.approx(each)
    assert amount.total == pytest.approx(count * each)


@pytest.mark.parametrize(
    "title",
    ["5G 手机 128G", "512GB SSD", "Size 8 shoes", "10 inch pan", "买2送1", "Ball 2 x 4", "2022 new", ""],
)
def test_what_is_no_amount_of_goods_is_left_out(title: str) -> None:
    assert amounts_in(title) == []


def test_two_amounts_side_by_side_are_two() -> None:
    found = amounts_in("洗发水500ml+200ml")
    assert [(amount.total, amount.start) for amount in found] == [(500, 3), (200, 9)]


@given(st.integers(1, 99), st.integers(1, 999), st.sampled_from(["g", "ml", "kg", "克", "毫升"]))
def test_a_count_before_and_behind_a_measure_gives_the_same_total(count: int, size: int, unit: str) -> None:
    before, behind = amounts_in(f"{count} x {size}{unit}"), amounts_in(f"{size}{unit}*{count}")
    assert [each.total for each in before] == [each.total for each in behind]
    assert before[0].end == len(f"{count} x {size}{unit}")


@given(st.text(max_size=60))
def test_places_lie_in_the_text_and_totals_are_positive(text: str) -> None:
    for amount in amounts_in(text):
        assert 0 <= amount.start < amount.end <= len(text)
        assert amount.total > 0
