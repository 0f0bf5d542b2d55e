"""What a merchant wants beside what was asked, on every shelf."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadSetting
from duomo.ranking import spread
from duomo.search.standing import Standing, days_of, ranked
from duomo.search.twins import twins_of, without
from duomo.settings import Settings
from duomo.shelf.base import column
from duomo.shelf.exact import ExactShelf
from duomo.shelf.layout import FIXED

if TYPE_CHECKING:
    from tests.search.conftest import Asked

ALL = {
    "boost_stock": 0.2,
    "boost_margin": 0.05,
    "margin_column": "price",
    "boost_novelty": 0.1,
    "novelty_column": "year",
    "spread_brands": 0.1,
    "spread_twins": 0.2,
}


def test_shares_still_add_up(ask: "Asked") -> None:
    for text in ("shirt", "红色", "navy blue mug", "Alba Red Shirt"):
        for hit in ask.set(**ALL)(text, k=48):
            assert sum(part.share for part in hit.why.parts) == pytest.approx(hit.score, abs=1e-9)


def test_scores_fall_along_the_pages_and_pages_join(ask: "Asked") -> None:
    shop = ask.set(**ALL)
    whole = shop("shirt", k=48)
    scores = [hit.score for hit in whole if not hit.widened]
    assert scores == sorted(scores, reverse=True)
    paged = [hit.product.id for skip in range(0, 48, 5) for hit in shop("shirt", k=5, skip=skip)]
    assert paged == [hit.product.id for hit in whole]
    assert len(set(paged)) == len(paged)


def test_the_result_set_stays_the_same(ask: "Asked") -> None:
    plain, wanted = (shop("red shirt", k=48, facets=("brand",)) for shop in (ask, ask.set(**ALL)))
    assert plain.total == wanted.total
    assert plain.facets == wanted.facets
    assert {hit.product.id for hit in plain} == {hit.product.id for hit in wanted}


def test_sold_out_goods_sink(ask: "Asked") -> None:
    hits = ask.set(boost_stock=0.3)("mug", k=12)
    stocks = [hit.variant.stock for hit in hits]
    assert stocks.count(0) == 3
    assert stocks[-3:] == [0, 0, 0]
    assert all(part.share == 0.3 for hit in hits[:-3] for part in hit.why.parts if part.name == "stock")


def test_new_goods_rise(ask: "Asked") -> None:
    hits = ask.set(boost_novelty=0.3, novelty_column="year", novelty_days=365)("mug", k=12)
    assert [hit.product.attributes["year"] for hit in hits[:3]] == [("2023",)] * 3


def test_the_dearest_rise_where_the_price_stands_for_the_margin(ask: "Asked") -> None:
    shop = ask.set(boost_margin=0.3, margin_column="price")
    for color in ("red", "green"):
        hits = shop(f"{color} mug", k=3, where=f"color = '{color}'")
        assert [hit.product.id for hit in hits] == sorted((hit.product.id for hit in hits), reverse=True)


def test_an_exact_name_stays_in_front(ask: "Asked") -> None:
    for number in range(0, 48, 5):  # those that are sold out
        shop = ask.set(**{**ALL, "boost_stock": 0.3, "boost_margin": 0.3, "boost_novelty": 0.3})
        assert shop(f"P{number:02d}")[0].product.id == f"P{number:02d}"


def test_brands_take_turns(ask: "Asked") -> None:
    brands = [hit.product.brand for hit in ask.set(spread_brands=0.5)("shirt", k=6)]
    assert all(set(brands[start : start + 3]) == {"Alba", "Borea", "Cima"} for start in (0, 3))


def test_who_asks_for_a_brand_gets_it(ask: "Asked") -> None:
    plain, wide = (shop("borea mug", k=8) for shop in (ask, ask.set(spread_brands=0.5)))
    assert [hit.product.id for hit in plain] == [hit.product.id for hit in wide]
    assert {hit.product.brand for hit in plain[:4]} == {"Borea"}


def test_twins_are_parted(ask: "Asked") -> None:
    hits = ask.set(spread_twins=0.5)("shirt", k=5)
    assert len({hit.product.title.split()[0] for hit in hits[:3]}) == 3  # one color of each
    assert len({hit.product.attributes["color"] for hit in hits[:3]}) == 3  # whose pictures are all the same
    told = [[part.share for part in hit.why.parts if part.name == "repeated"] for hit in hits]
    assert told[:3] == [[]] * 3
    assert all(told[3:])


def test_nothing_asked_keeps_the_order_of_ids(ask: "Asked") -> None:
    assert [hit.product.id for hit in ask.set(**ALL)(k=48)] == [f"P{n:02d}" for n in range(48)]


def test_a_column_that_is_not_there_is_named(ask: "Asked") -> None:
    with pytest.raises(BadSetting, match="margin_column: the shop has no column 'margin' of numbers") as met:
        ask.set(boost_margin=0.1)("mug")
    assert "year" in met.value.remedy
    with pytest.raises(BadSetting, match="novelty_column"):
        ask.set(boost_novelty=0.1)("mug")


def test_availability_counts_before_the_number() -> None:
    rows = [
        {"id": "a", "product_id": "a", "stock": 3, "availability": "out_of_stock"},
        {"id": "b", "product_id": "b", "stock": 0, "availability": "preorder"},
        {"id": "c", "product_id": "c", "stock": 0},
        {"id": "d", "product_id": "d"},
        {"id": "e", "product_id": "e", "stock": 0, "availability": "in_stock"},
    ]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    standing = Standing.of(shelf.snapshot(), Settings(boost_stock=0.1))
    assert standing.boosts["stock"][1].tolist() == [0, 0.5, 0, 1, 1]


def test_which_products_are_twins() -> None:
    kept = [*FIXED, column("color", pa.list_(pa.string()), "texts"), column("size", pa.string(), "text")]
    rows = [
        {"id": "1", "product_id": "1", "title": "Crew Tee, Red", "brand": "Acme", "color": ["red"]},
        {
            "id": "2",
            "product_id": "2",
            "title": "Crew tee - navy blue",
            "brand": "ACME",
            "color": ["Navy Blue"],
        },
        {"id": "3", "product_id": "3", "title": "Crew Tee", "brand": "Other"},
        {"id": "4", "product_id": "4", "title": "红色连衣裙", "color": ["红色"]},
        {"id": "5", "product_id": "5", "title": "连衣裙 XL", "size": "XL"},
        {"id": "6a", "product_id": "6", "title": "Mug"},
        {"id": "6b", "product_id": "6", "title": "Mug"},  # a variant is no twin
        {"id": "7", "product_id": "7", "title": "Red", "color": ["red"]},
        {"id": "8", "product_id": "8", "title": ""},
    ]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(kept)))
    titles, pictures = twins_of(shelf.snapshot(), np.arange(len(rows)))
    groups = titles.tolist()
    assert (pictures == -1).all()
    assert groups[0] == groups[1] >= 0
    assert groups[3] == groups[4] >= 0
    assert groups[0] != groups[3]
    assert [groups[place] for place in (2, 5, 6, 7, 8)] == [-1] * 5


@pytest.mark.parametrize(
    ("title", "values", "left"),
    [
        ("Redwood chair, red", ["red"], "redwood chair"),
        ("RED/blue cap", ["Red", "Blue"], "cap"),
        ("深红色上衣红色", ["红色", "深红色"], "上衣"),
        ("", ["red"], ""),
    ],
)
def test_titles_without_what_differs(title: str, values: list[str], left: str) -> None:
    assert without(title, values) == left


def test_dates_are_read_in_the_usual_ways() -> None:
    same = days_of(["2024-05-01", "2024/05/01", "2024-5-1T10:00:00Z", "2024-05", 20240501, "2024年5月1日"])
    assert days_of(["01.05.2024", " 2024.5.1 ", "20240501"]).tolist() == same[:3].tolist()
    assert len(set(same.tolist())) == 1
    wrong = ["", None, "2024-13-01", "1-2-3-4", "soon", 7, float("nan"), float("inf"), 1e300, "²", "²²²²-5-1"]
    assert np.isnan(days_of([*wrong, 9999999999, "99999999999", "00000000", "99.99.9999", "12345-1-1"])).all()


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats(), st.integers(0, 10**9)), max_size=9))
def test_whatever_stands_in_a_column_of_dates_is_a_day_or_none(written: list[str | float | None]) -> None:
    assert days_of(written).shape == (len(written),)


def test_a_column_without_any_date_is_left_out_and_told(
    ask: "Asked", caplog: pytest.LogCaptureFixture
) -> None:
    plain, told = ask("shirt"), ask.set(boost_novelty=0.3, novelty_column="title")("shirt")
    assert [hit.score for hit in told] == [hit.score for hit in plain]
    assert "no date is read in the column 'title'" in caplog.text


def test_spreading_what_is_all_alike_takes_no_longer_with_every_place() -> None:
    """Each place is looked at a few times, not once for every other one."""
    count = 3000
    alike = [(0.02, np.zeros(count, np.int64)), (0.05, np.arange(count) % 7)]
    places, costs = spread(np.ones(count), alike, count)
    assert sorted(places.tolist()) == list(range(count))
    assert (np.diff(costs) >= -1e-9).all()


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=30))
def test_ranked_is_a_share_and_keeps_the_order(numbers: list[float | None]) -> None:
    given_ = np.array([np.nan if each is None else each for each in numbers], np.float64)
    shares = ranked(given_)
    assert ((shares >= 0) & (shares <= 1)).all()
    for a, x in zip(given_, shares, strict=True):
        for b, y in zip(given_, shares, strict=True):
            assert not a < b or x < y


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(-1, 3), st.integers(-1, 5)), max_size=25),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.integers(0, 30),
)
def test_spread_is_greedy_whatever_is_wanted(
    goods: list[tuple[float, int, int]], brands: float, twins: float, wanted: int
) -> None:
    goods = sorted(goods, key=lambda each: -each[0])
    scores = np.array([score for score, _, _ in goods], np.float64).round(6)
    alike = [
        (cost, np.array([each[at] for each in goods], np.int64)) for cost, at in ((brands, 1), (twins, 2))
    ]
    places, _ = spread(scores, alike, wanted)
    every, every_cost = spread(scores, alike, len(goods))
    assert places.tolist() == every[:wanted].tolist()  # stable paging
    assert sorted(every.tolist()) == list(range(len(goods)))
    left = scores[every] - every_cost
    assert (np.diff(left) <= 1e-9).all()
    chosen: list[int] = []
    for place in every.tolist():  # a plain greedy search agrees

        def worth(at: int) -> float:
            times = [sum(codes[at] == codes[c] >= 0 for c in chosen) for _, codes in alike]
            spent = sum(cost * n / (n + 1) for n, (cost, _) in zip(times, alike, strict=True))
            return float(scores[at] - spent)

        most = max(worth(at) for at in range(len(goods)) if at not in chosen)
        assert worth(place) == pytest.approx(most, abs=1e-9)
        chosen.append(place)
