"""Learning an order: what is found, what is refused, and that the shop stays whole."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.events import Search
from duomo.errors import BadSetting, WorseModel
from duomo.measure.clicks import sightings_of
from duomo.measure.questions import Question
from duomo.search.features import FEATURES, NAMES
from duomo.search.rerank import CARD, Candidates, LearnedOrder
from duomo.settings import Settings
from duomo.shelf.manifest import NAME
from duomo.shop import Shop
from duomo.stock.orders import roll_back_order
from duomo.train.rank import examine, learn_order, learned, refuse_worse, scores, weights_of
from duomo.train.rank_curves import Recipe, fit
from duomo.train.rank_lists import Listed, clicks_of, key_of, part_of
from duomo.train.rank_losses import Segments, listwise

COLORS = ("red", "blue", "green", "black", "white", "pink", "grey", "brown", "gold", "teal")
THINGS = ("mug", "lamp", "chair", "scarf", "kettle", "pillow", "basket", "mirror")
PRICES = (40, 5, 160, 10, 80, 20)  # in no order of ids
SETTINGS = Settings(workers=0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop of 480 products: every thing in every color at six prices."""
    folder = tmp_path_factory.mktemp("rank")
    with (folder / "goods.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "title", "color", "price", "currency"])
        for color in COLORS:
            for thing in THINGS:
                for number, price in enumerate(PRICES):
                    rows.writerow([f"{color}-{thing}-{number}", f"fine {color} {thing}", color, price, "EUR"])
    shop = Shop.create(folder / "shop", encoder="hashed", settings=SETTINGS)
    shop.build(folder / "goods.csv")
    return folder / "shop"


@pytest.fixture
def shop(built: Path) -> Path:
    """The same shop, with no learned order in use."""
    record = json.loads((built / NAME).read_text("utf-8"))
    (built / NAME).write_text(json.dumps({**record, "order": ""}), "utf-8")
    return built


def cheap_first(color: str, thing: str) -> dict[str, int]:
    """The cheaper, the better; what nobody can know from the words."""
    return {
        f"{color}-{thing}-{number}": 5 - sorted(PRICES).index(price) for number, price in enumerate(PRICES)
    }


def questions(grades: Callable[[str, str], dict[str, int]] = cheap_first) -> list[Question]:
    return [
        Question(qid=f"{color} {thing}", text=f"{color} {thing}", right=grades(color, thing), complete=False)
        for color in COLORS
        for thing in THINGS
    ]


def lists(
    count: int, seed: int, truth: Callable[[np.ndarray], np.ndarray], noise: float = 0.0
) -> list[Listed]:
    """Drawn candidates whose grades follow a rule that the blend does not know."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        features = np.full((30, len(NAMES)), np.nan, np.float32)
        features[:, NAMES.index("keywords")] = rng.random(30)
        features[:, NAMES.index("price")] = rng.uniform(-3, 3, 30)
        features[:, NAMES.index("text to picture")] = np.where(rng.random(30) < 0.3, np.nan, rng.random(30))
        worth = truth(features.astype(np.float64)) + noise * rng.normal(size=30)
        grades = np.searchsorted(np.sort(worth)[[15, 22, 27]], worth, side="right").astype(np.float64)
        found.append(
            Listed(
                key=f"question {seed} {number}",
                candidates=Candidates(
                    rows=np.arange(30),
                    products=tuple(f"P{place:02d}" for place in range(30)),
                    features=features,
                    blend=features[:, NAMES.index("keywords")].astype(np.float64) * 0.5,
                    exact=np.zeros(30, np.bool_),
                    kind="words",
                ),
                grades=grades,
                ideal=tuple(grades.astype(int).tolist()),
                complete=True,
            )
        )
    return found


def by_price(features: np.ndarray) -> np.ndarray:
    """Neither cheap nor dear, with a picture that fits: no straight line says it."""
    seen = np.nan_to_num(features[:, NAMES.index("text to picture")], nan=-0.5)
    worth: np.ndarray = -np.abs(features[:, NAMES.index("price")] - 1) + seen
    return worth


@given(st.lists(st.integers(2, 6), min_size=1, max_size=4), st.integers(0, 99))
def test_the_listwise_loss_is_the_cross_entropy_of_each_list(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=sum(sizes)), rng.uniform(0.1, 3, sum(sizes))
    parts = np.split(rng.random(sum(sizes)), np.cumsum(sizes)[:-1])
    gains = [part / part.sum() for part in parts]
    segments = Segments.of_sizes(sizes, np.concatenate(gains), weights)
    by_hand, start = 0.0, 0
    for size, gain in zip(sizes, gains, strict=True):
        own, weight = values[start : start + size], weights[start : start + size]
        by_hand += float((gain * (np.log((weight * np.exp(own)).sum()) - own)).sum())
        start += size
    assert listwise(torch.tensor(values), segments).item() == pytest.approx(by_hand / len(sizes))
    moved = listwise(torch.tensor(values + 5.0), segments).item()
    assert moved == pytest.approx(by_hand / len(sizes))  # only differences within a list count


@pytest.mark.slow
def test_a_rule_that_no_line_says_is_found_and_kept_as_a_convex_combination() -> None:
    blend, curves = fit(lists(200, 1, by_price), Recipe(stiff=0.001))
    order = LearnedOrder(name="", encoder="", asked=frozenset({"words"}), blend=blend, curves=curves)
    assert order.problem() == ""
    assert sum(weights_of(order).values()) == pytest.approx(1, abs=1e-4)
    exam = examine(lists(100, 2, by_price), order)
    assert exam.before < 0.5
    assert exam.after > 0.95
    for one in lists(20, 3, by_price):
        assert ((scores(one, order) >= 0) & (scores(one, order) <= 1)).all()
    price = curves["price"]
    assert price(np.array([1.0])) > price(np.array([-3.0]))
    assert price(np.array([1.0])) > price(np.array([3.0]))


def test_the_order_of_candidates_and_lists_does_not_matter() -> None:
    one = lists(60, 4, by_price)
    mixed = []
    for each in one[::-1]:
        at = np.random.default_rng(1).permutation(30)
        held = each.candidates
        shuffled = replace(
            held,
            products=tuple(held.products[place] for place in at),
            features=held.features[at],
            blend=held.blend[at],
        )
        mixed.append(replace(each, candidates=shuffled, grades=each.grades[at]))
    (blend, curves), (other_blend, other) = (fit(each, Recipe()) for each in (one, mixed))
    assert blend == pytest.approx(other_blend, abs=1e-3)
    assert curves.keys() == other.keys()
    for name, curve in curves.items():
        assert curve.gives == pytest.approx(other[name].gives, abs=1e-3)


def test_the_stiffer_the_nearer_to_the_blend() -> None:
    kept = [fit(lists(60, 5, by_price), Recipe(stiff=stiff))[0] for stiff in (0.001, 0.1, 10.0)]
    assert kept == sorted(kept), kept
    assert kept[-1] > 0.8, kept


@pytest.mark.slow
def test_each_side_is_taught_to_order_by_itself() -> None:
    def by_both(features: np.ndarray) -> np.ndarray:
        worth: np.ndarray = features[:, NAMES.index("keywords")] + np.nan_to_num(
            features[:, NAMES.index("text to picture")]
        )
        return worth

    def vision_alone(recipe: Recipe) -> float:
        blend, curves = fit(lists(150, 6, by_both), recipe)
        sides = {feature.name: feature.side for feature in FEATURES}
        seen = {name: curve for name, curve in curves.items() if sides[name] == "vision"}
        order = LearnedOrder(name="", encoder="", asked=frozenset({"words"}), blend=blend, curves=seen)
        return examine(lists(80, 7, by_both), order).after

    assert vision_alone(Recipe(stiff=0.1, beta=3.0)) >= vision_alone(Recipe(stiff=0.1)) - 0.005


@pytest.mark.slow
def test_chance_is_refused() -> None:
    refused = 0
    for seed in range(3):
        drawn = lists(60, 100 + seed, lambda features: np.zeros(len(features)), noise=1.0)
        _, order, asked = learned(drawn, None, "", seed=seed)
        refused += examine(asked, order).gain.low <= 0
    assert refused == 3
    with pytest.raises(WorseModel, match="the learned order is refused: on"):
        refuse_worse(examine(asked, order))


def test_a_question_is_on_one_side_alone_in_whatever_order_its_words_stand() -> None:
    one, two = Question(qid="1", text="red mugs"), Question(qid="2", text="Mug, red")
    assert key_of(one) == key_of(two)
    drawn = [part_of(f"question {number}", [0.3, 0.7], 7) for number in range(2000)]
    assert np.mean(drawn) == pytest.approx(0.7, abs=0.04)
    assert drawn == [part_of(f"question {number}", [0.3, 0.7], 7) for number in range(2000)]


def test_clicks_are_counted_against_what_places_give_and_without_ones_own() -> None:
    rng = np.random.default_rng(1)
    shown, looked = ("A", "B", "C"), (1.0, 0.5, 0.25)
    liked = {"A": 0.2, "B": 0.2, "C": 0.8}
    searches = []
    for number in range(4000):
        order = tuple(rng.permutation(shown).tolist())
        clicked = [id for id, seen in zip(order, looked, strict=True) if rng.random() < seen * liked[id]]
        actions = {id: frozenset({"click"}) for id in clicked}
        searches.append(Search(text=f"word{number % 5}", shown=order, actions=actions))  # type: ignore[arg-type]  # of clicks alone
    seen = sightings_of(searches)
    clicks = clicks_of(seen)
    assert clicks["C"] == pytest.approx(1, abs=0.15)  # twice as many as the mean of 0.4
    assert clicks["A"] == pytest.approx(-1, abs=0.15)
    assert clicks_of(seen, without=lambda key: True) == {}


@pytest.mark.slow
def test_what_is_liked_under_other_questions_is_learned_and_no_question_sees_its_own_clicks() -> None:
    rng = np.random.default_rng(2)
    appeal = {f"P{place:02d}": place % 5 for place in range(30)}
    asked, searches = [], []
    for one in lists(60, 8, lambda features: np.zeros(len(features)), noise=1.0):
        grades = np.array([appeal[id] for id in one.candidates.products], np.float64)
        asked.append(replace(one, key=key_of(Question(qid="", text=one.key)), grades=grades))
        for _ in range(20):
            shown = tuple(str(id) for id in rng.permutation(one.candidates.products)[:10])
            actions = {id: frozenset({"click"}) for id in shown if rng.random() < 0.1 * (1 + appeal[id])}
            searches.append(Search(text=one.key, shown=shown, actions=actions))  # type: ignore[arg-type]  # of clicks alone
    seen = sightings_of(searches)
    _, order, held_out = learned(asked, seen, "", seed=1)
    exam = examine(held_out, order)
    assert exam.gain.low > 0.3
    assert weights_of(order)["behaviour"] > 0.1
    own = clicks_of(seen)
    place = NAMES.index("clicked")
    for one in held_out:  # what they are asked with was counted without the clicks of any of them
        shown_to = dict(zip(one.candidates.products, one.candidates.features[:, place], strict=True))
        assert any(abs(shown_to[id] - own[id]) > 1e-3 for id in own)


@pytest.mark.slow
def test_a_shop_learns_what_its_shoppers_find_right_and_goes_back(shop: Path) -> None:
    opened = Shop.open(shop, settings=SETTINGS)
    before = [hit.product.id for hit in opened.search("red mug")]
    ordered = learn_order(shop, questions(), settings=SETTINGS, sources={"judged.csv": "0" * 32})
    assert ordered.exam.gain.low > 0
    assert ordered.base == ""
    hits = opened.search("red mug", k=6)
    prices = [hit.variant.price.major for hit in hits if hit.variant.price]
    assert prices == sorted(prices)
    assert any(part.name == "learned attributes" for part in hits[0].why.parts)
    card = json.loads((shop / ordered.order / CARD).read_text("utf-8"))
    assert card["data"] == {"judged.csv": "0" * 32}
    assert card["exam"]["questions"] == ordered.exam.questions
    assert roll_back_order(shop) == (ordered.order, "")
    assert [hit.product.id for hit in opened.search("red mug")] == before
    with pytest.raises(BadSetting, match="no learned order"):
        roll_back_order(shop)


@pytest.mark.slow
def test_what_is_judged_is_what_is_served(shop: Path) -> None:
    """The figures of the exam are those of asking the shop itself."""
    from duomo.measure.ranking import ndcg
    from duomo.train.rank import LEAST

    ordered = learn_order(shop, questions(), settings=SETTINGS, seed=3)
    opened = Shop.open(shop, settings=SETTINGS)
    shares = [0.3, *[0.7 / 3] * 3]
    held_out = [one for one in questions() if part_of(key_of(one), shares, 3) == 0]
    assert len(held_out) == ordered.exam.questions < LEAST
    figures = [
        ndcg(
            [one.right.get(hit.product.id, 0) for hit in opened.search(one.text, k=10)],
            list(one.right.values()),
            10,
        )
        for one in held_out
    ]
    assert np.mean(figures) == pytest.approx(ordered.exam.after)


@pytest.mark.slow
def test_a_second_order_has_to_beat_the_first(shop: Path) -> None:
    opened = Shop.open(shop, settings=SETTINGS)
    first = opened.learn_order(questions())
    with pytest.raises(WorseModel, match="may be chance"):
        learn_order(shop, questions(), settings=SETTINGS)
    assert Shop.open(shop, settings=SETTINGS).manifest.order == first.order

    def dear_first(color: str, thing: str) -> dict[str, int]:
        return {id: 5 - grade for id, grade in cheap_first(color, thing).items()}

    second = learn_order(shop, questions(dear_first), settings=SETTINGS)
    assert second.base == first.order
    assert roll_back_order(shop) == (second.order, first.order)
    assert opened.roll_back_order() == (first.order, "")


@pytest.mark.slow
def test_a_refused_order_leaves_the_shop_as_it_was(shop: Path) -> None:
    rng = np.random.default_rng(0)

    def by_chance(color: str, thing: str) -> dict[str, int]:
        return {f"{color}-{thing}-{number}": int(rng.integers(0, 3)) for number in range(len(PRICES))}

    before = sorted((path, path.stat().st_mtime_ns) for path in shop.rglob("*") if path.is_file())
    with pytest.raises(WorseModel, match=r"on \d+ held-out questions NDCG@10 went from"):
        learn_order(shop, questions(by_chance), settings=SETTINGS)
    assert sorted((path, path.stat().st_mtime_ns) for path in shop.rglob("*") if path.is_file()) == before


def test_few_questions_are_refused_with_their_number(shop: Path) -> None:
    with pytest.raises(
        BadSetting, match="12 of 12 questions find both a right product and a worse one, and 50"
    ):
        learn_order(shop, questions()[:12], settings=SETTINGS)


@pytest.mark.slow
def test_clicks_teach_the_same_as_judgments(shop: Path) -> None:
    rng = np.random.default_rng(5)
    searches = []
    for one in questions():
        for _ in range(60):
            shown = tuple(str(id) for id in rng.permutation(list(one.right)))
            actions = {
                id: frozenset({"click"})
                for place, id in enumerate(shown)
                if rng.random() < 1 / (1 + place) * (0.1 + 0.2 * one.right[id])
            }
            searches.append(Search(text=one.text, shown=shown, actions=actions))  # type: ignore[arg-type]  # of clicks alone
    ordered = learn_order(shop, searches=searches, settings=SETTINGS)
    assert ordered.exam.gain.low > 0
    hits = Shop.open(shop, settings=SETTINGS).search("teal mirror", k=6)
    assert hits[0].product.id in ("teal-mirror-1", "teal-mirror-3")


@pytest.mark.slow
def test_a_damaged_order_is_told_and_the_blend_serves(shop: Path, caplog: pytest.LogCaptureFixture) -> None:
    opened = Shop.open(shop, settings=SETTINGS)
    plain = [(hit.product.id, hit.score) for hit in opened.search("red mug")]
    ordered = learn_order(shop, questions(), settings=SETTINGS)
    (shop / ordered.order / CARD).write_text("{", "utf-8")
    again = Shop.open(shop, settings=SETTINGS)
    assert [(hit.product.id, hit.score) for hit in again.search("red mug")] == plain
    assert "duomo train rollback --of rank" in caplog.text
    assert roll_back_order(shop) == (ordered.order, "")
