"""A learned order: what it may change, and what it may not; features that mean the same everywhere."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from duomo.errors import BadFile, MissingFile
from duomo.hits import Hits, Query
from duomo.search.features import FEATURES, NAMES
from duomo.search.find import Searched, find
from duomo.search.rerank import CARD, DEPTH, Candidates, Curve, Given, LearnedOrder
from duomo.search.standing import Standing

if TYPE_CHECKING:
    from tests.search.conftest import Asked

CHEAP = {"price": Curve((-2.0, 2.0), (0.3, 0.0), 0.0), "in title": Curve((0.0, 1.0), (0.0, 0.1), 0.0)}
ORDER = LearnedOrder(
    name="models/order-1", encoder="hashed", asked=frozenset({"words"}), blend=0.6, curves=CHEAP
)


class Listening:
    """Keeps what it is shown."""

    def __init__(self) -> None:
        self.heard: list[Candidates] = []

    def clicked(self, products: Sequence[str]) -> NDArray[np.float64]:
        return np.full(len(products), np.nan)

    def gives(self, candidates: Candidates) -> Given | None:
        self.heard.append(candidates)
        return None


def asked_by(ask: "Asked", scorer: LearnedOrder | Listening | None, text: str = "", **parts: object) -> Hits:
    searched = Searched(
        snapshot=ask.snapshot,
        towers=ask.towers,
        chances=ask.chances,
        reader=ask.reader,
        standing=Standing.of(ask.snapshot, ask.settings),
        scorer=scorer,
    )
    return find(Query(text=text, **parts), searched)  # type: ignore[arg-type]  # as the test says


def features_for(
    ask: "Asked", text: str = "", **parts: object
) -> tuple[Candidates, dict[str, dict[str, float]]]:
    """The candidates of a question, and of each product its features by name."""
    listening = Listening()
    asked_by(ask, listening, text, **parts)
    (found,) = listening.heard
    rows = [dict(zip(NAMES, row.tolist(), strict=True)) for row in found.features]
    return found, dict(zip(found.products, rows, strict=True))


@pytest.mark.parametrize("text", ["shirt", "红色 连衣裙", "navy blue mug", "Alba Red Shirt", "P07"])
def test_shares_add_up_and_scores_fall_along_pages_that_join(ask: "Asked", text: str) -> None:
    whole = asked_by(ask, ORDER, text, k=48)
    for hit in whole:
        assert sum(part.share for part in hit.why.parts) == pytest.approx(hit.score, abs=1e-9)
        assert hit.score <= 1 or hit.why.exact
    scores = [hit.score for hit in whole]
    assert scores == sorted(scores, reverse=True)
    paged = [hit.product.id for skip in range(0, 48, 5) for hit in asked_by(ask, ORDER, text, k=5, skip=skip)]
    assert paged == [hit.product.id for hit in whole]


def test_the_result_set_its_total_and_facets_stay(ask: "Asked") -> None:
    plain, learned = (
        asked_by(ask, scorer, "red shirt", k=48, facets=("brand",), where="price < 40")
        for scorer in (None, ORDER)
    )
    assert not asked_by(ask, ORDER, "red shirt", where="price < 0")
    assert plain.total == learned.total
    assert plain.facets == learned.facets
    assert {hit.product.id for hit in plain} == {hit.product.id for hit in learned}


def test_what_was_learned_decides_among_equals_and_is_told_by_side(ask: "Asked") -> None:
    cheap = replace(ORDER, blend=0.01)
    hits = asked_by(ask, cheap, "mug", k=12)
    prices = [hit.variant.price.major for hit in hits if hit.variant.price]
    assert prices == sorted(prices)
    _, found = features_for(ask, "mug")
    price = found[hits[0].product.id]["price"]
    shares = {part.name: part.share for part in hits[0].why.parts}
    assert shares["learned attributes"] == pytest.approx(0.3 * (2 - price) / 4)
    assert shares["learned text"] == pytest.approx(0.1)
    assert "learned vision" not in shares


def test_an_exact_name_stays_in_front(ask: "Asked") -> None:
    dear = replace(ORDER, blend=0.01, curves={"price": Curve((-2.0, 2.0), (0.99, 0.0), 0.99)})
    assert asked_by(ask, dear, "Cima Black Chair")[0].why.exact == "title"
    assert asked_by(ask, dear, "P47")[0].product.id == "P47"


def test_what_was_never_learned_keeps_the_blends_order(ask: "Asked") -> None:
    photo = ask.picture("P05")
    for parts in (
        {"picture": photo},
        {"text": "mug", "picture": photo},
        {"like": ("P01",)},
        {"text": "mug", "mode": "keywords"},
        {"text": "mug", "weights": {"words": 2.0}},
        {},
    ):
        plain, learned = (asked_by(ask, scorer, **parts) for scorer in (None, ORDER))
        assert [(hit.product.id, hit.score) for hit in plain] == [(h.product.id, h.score) for h in learned]


def test_what_the_merchant_wants_keeps_its_weight(ask: "Asked") -> None:
    shop = ask.set(boost_stock=0.2)
    for hit in asked_by(shop, ORDER, "mug", k=12):
        shares = {part.name: part.share for part in hit.why.parts}
        assert shares.get("stock", 0) == pytest.approx(0.2 * bool(hit.variant.stock))
        assert sum(shares.values()) == pytest.approx(hit.score, abs=1e-9)
        assert hit.score <= 1
    listening, plain = Listening(), Listening()
    asked_by(shop, listening, "mug")
    asked_by(ask, plain, "mug")
    blends = [dict(zip(one.heard[0].products, one.heard[0].blend, strict=True)) for one in (listening, plain)]
    assert blends[0] == pytest.approx(blends[1])  # what is learned from does not depend on the boosts


def test_candidates_are_the_best_products_whatever_the_page(ask: "Asked") -> None:
    one, two = Listening(), Listening()
    asked_by(ask, one, "alba", k=1)
    asked_by(ask, two, "alba", k=10, skip=5)
    assert one.heard[0].products == two.heard[0].products
    assert len(set(one.heard[0].products)) == len(one.heard[0].products) <= DEPTH
    assert (np.diff(one.heard[0].blend[~one.heard[0].exact]) <= 1e-12).all()


def test_lexical_features_say_what_the_title_holds(ask: "Asked") -> None:
    _, found = features_for(ask, "navy blue shirt", literal=True)
    shirt = next(each for each in found.values() if each["in title"] == 1)
    assert shirt["held"] == 1
    assert shirt["side by side"] == 1
    assert shirt["title named"] == pytest.approx(3 / 4)
    assert shirt["title length"] == pytest.approx(np.log2(4 / 8))
    assert shirt["keywords"] == pytest.approx(1, abs=0.2)
    _, apart = features_for(ask, "shirt blue", literal=True)
    assert {each["side by side"] for each in apart.values()} == {0.0}


def test_chinese_words_stand_side_by_side_too(ask: "Asked") -> None:
    one, found = features_for(ask, "红色 衬衫", literal=True)
    assert one.kind == "words"
    assert max(each["held"] for each in found.values()) == 1
    assert {each["in title"] for each in found.values()} == {0.0}  # it stands in the descriptions


def test_what_was_not_asked_is_missing(ask: "Asked") -> None:
    _, words = features_for(ask, "mug")
    _, looks = features_for(ask, picture=ask.picture("P30"))
    seen = {feature.name for feature in FEATURES if feature.side == "vision"}
    for each in words.values():
        assert np.isnan([each[name] for name in seen | {"meant", "side by side", "clicked"}]).all()
        assert np.isfinite([each[name] for name in ("keywords", "text", "price", "keywords rank")]).all()
    assert max(each["picture"] for each in looks.values()) == pytest.approx(1)
    assert {each["picture rank"] for each in looks.values()} >= {1.0, 0.5}
    assert all(np.isnan(each["keywords"]) for each in looks.values())


def test_features_are_those_of_a_row_whatever_else_is_filtered(ask: "Asked") -> None:
    _, whole = features_for(ask, "red mug")
    _, some = features_for(ask, "red mug", where="price < 40")
    assert 0 < len(some) < len(whole)
    for id, each in some.items():
        assert each == pytest.approx(whole[id], nan_ok=True)


@given(
    points=st.lists(st.floats(-1, 1), min_size=2, max_size=6, unique=True).map(sorted),
    heights=st.lists(st.floats(0, 1), min_size=6, max_size=6),
    value=st.floats(-3, 3),
)
def test_a_curve_stays_between_its_points(points: list[float], heights: list[float], value: float) -> None:
    curve = Curve(tuple(points), tuple(heights[: len(points)]), 0.5)
    given = float(curve(np.array([value]))[0])
    assert min(curve.gives) - 1e-12 <= given <= max(curve.gives) + 1e-12
    assert curve(np.array(points)).tolist() == pytest.approx(list(curve.gives))
    assert curve(np.array([np.nan])).tolist() == [0.5]


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    order = replace(ORDER, clicks={"P01": 1.25})
    (tmp_path / CARD).write_text(json.dumps(order.as_dict()), "utf-8")
    assert LearnedOrder.load(tmp_path) == order
    assert order.clicked(["P01", "P02"]).tolist() == pytest.approx([1.25, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"curves": {"magic": {"at": [0], "gives": [0], "missing": 0}}}, "no feature 'magic'"),
        ({"curves": {"held": {"at": [1, 0], "gives": [0, 0], "missing": 0}}}, "'held' falls back"),
        ({"curves": {"held": {"at": [0, 1], "gives": [0, -1], "missing": 0}}}, "'held' falls back"),
        ({"curves": {"held": {"at": [0, 1], "gives": [0], "missing": 0}}}, "'held' is not whole"),
        ({"curves": {"held": {"at": [0, 1], "gives": [0, float("nan")], "missing": 0}}}, "is not whole"),
        ({"curves": {"held": {"at": [0, 1], "gives": [0, 0.9], "missing": 0}}}, "add up to 1.500"),
        ({"curves": []}, "holds no learned order"),
        ({"blend": "much"}, "holds no learned order"),
        ({"made_for": "another"}, "another Duomo made the learned order"),
    ],
)
def test_a_damaged_card_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    (tmp_path / CARD).write_text(json.dumps({**ORDER.as_dict(), **change}), "utf-8")
    with pytest.raises(BadFile, match=said):
        LearnedOrder.load(tmp_path)


def test_half_a_card_and_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="there is no"):
        LearnedOrder.load(tmp_path)
    (tmp_path / CARD).write_text('{"name": "x"', "utf-8")
    with pytest.raises(BadFile, match="duomo train rollback --of rank"):
        LearnedOrder.load(tmp_path)
