"""Judgments from clicks: what is known of simulated shoppers is found again."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import kendalltau

from duomo.catalog.events import Search
from duomo.measure import clicks
from duomo.measure.clicks import estimates_of, examination_of, judgments_of, position_model, sightings_of

GOODS = 8


def searched(shown: str, **actions: str) -> Search:
    """Shown is a letter a product; A="click purchase" is what was done to A."""
    done = {id: frozenset(names.split()) for id, names in actions.items()}
    return Search(text="mug", shown=tuple(shown), actions=done)  # type: ignore[arg-type]  # names are Actions


def shoppers(
    rng: np.random.Generator, *, power: float, turning: float, questions: int = 30, times: int = 250
) -> tuple[NDArray[np.float64], list[Search]]:
    """Attractions (questions, GOODS), and what shoppers did who look at place n with probability n^-power.

    The ranking knows nothing of the attractions; it changes from search to search, as much as turning.
    """
    attractions = rng.beta(1, 4, (questions, GOODS))
    looked = np.arange(1, GOODS + 1) ** -power
    log = []
    for question, attraction in enumerate(attractions):
        base = rng.normal(size=GOODS)
        for _ in range(times):
            order = np.argsort(-(base + turning * rng.normal(size=GOODS)))
            hit = order[rng.random(GOODS) < looked * attraction[order]]
            done = {f"p{one}": frozenset({"click"}) for one in hit}
            shown = tuple(f"p{one}" for one in order)
            log.append(Search(text=f"question {question}", shown=shown, actions=done))  # type: ignore[arg-type]  # names of Actions
    return attractions, log


def agreement(values: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(np.mean([kendalltau(*pair).statistic for pair in zip(values, truth, strict=True)]))


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 1.3), st.floats(0.3, 2.0))
def test_where_people_look_and_what_they_like_is_found_again(seed: int, power: float, turning: float) -> None:
    rng = np.random.default_rng(seed)
    truth, log = shoppers(rng, power=power, turning=turning)
    seen = sightings_of(log)
    found = examination_of(seen)
    assert found.moved > 200
    looked = np.arange(1, GOODS + 1) ** -power
    assert np.abs(found.curve[:GOODS] - looked).mean() < 0.06
    liked, raw = np.zeros(truth.shape), np.zeros(truth.shape)
    for one in estimates_of(seen, found):
        where = one.place, int(one.product_id[1:])
        liked[where], raw[where] = one.worth, one.clicked / one.shown
    assert agreement(liked, truth) > agreement(raw, truth)
    assert np.corrcoef(liked.ravel(), truth.ravel())[0, 1] > 0.9


def test_products_that_are_never_seen_twice_teach_the_places_as_well() -> None:
    # Two sightings of each pair, in two places: what a fit with an own certainty for each pair gets wrong.
    rng = np.random.default_rng(3)
    pairs = 40_000
    attraction = rng.beta(1, 4, pairs)
    place = np.stack([rng.permutation(5)[:2] for _ in range(pairs)])
    looked = np.array([1.0, 0.6, 0.4, 0.2, 0.1])
    clicked = (rng.random(place.shape) < looked[place] * attraction[:, None]).astype(np.float64)
    pair = np.repeat(np.arange(pairs), 2)
    found = position_model(pair, place.ravel(), np.ones(2 * pairs), clicked.ravel())
    assert found[:5] == pytest.approx(looked, abs=0.03)


def test_the_fit_is_the_largest_poisson_likelihood_that_an_optimiser_finds() -> None:
    rng = np.random.default_rng(5)
    pair, place = (axis.ravel() for axis in np.indices((30, 4)))
    shown = rng.integers(200, 900, pair.size).astype(np.float64)
    attraction, looked = rng.uniform(0.1, 0.6, 30), np.array([1.0, 0.7, 0.3, 0.15])
    clicked = rng.binomial(shown.astype(int), attraction[pair] * looked[place]).astype(np.float64)

    def loss(logs: NDArray[np.float64]) -> float:
        mean = shown * np.exp(logs[:30][pair] + np.append(0, logs[30:])[place])
        return float((mean - clicked * np.log(mean)).sum())

    best = minimize(loss, np.full(33, -1.0), method="L-BFGS-B", options={"maxiter": 2000, "maxfun": 10**6})
    assert position_model(pair, place, shown, clicked)[:4] == pytest.approx(
        np.exp(np.append(0, best.x[30:])), abs=0.01
    )


def test_without_products_that_move_the_places_are_assumed() -> None:
    found = examination_of(sightings_of([searched("ABCD", A="click")] * 500))
    assert found.moved == 0
    assert found.curve[:4] == pytest.approx([1, 2**-0.5, 3**-0.5, 0.5])


def test_what_was_bought_is_worth_more_than_what_was_clicked() -> None:
    log = [searched("ABCD", A="click", B="cart", C="click purchase")] * 10
    (question,) = judgments_of(log).questions
    assert question.right["A"] < question.right["B"] < question.right["C"] == 4
    assert question.right["D"] == 0
    assert not question.complete
    assert (question.qid, question.text) == ("mug", "mug")


def test_what_was_hardly_looked_at_has_no_grade() -> None:
    shown = "ABCDEFGHIJKLMNOPQRST"
    (question,) = judgments_of([searched(shown, B="click")] * 5).questions
    assert {"A": 0, "B": 4}.items() <= question.right.items()
    assert "T" not in question.right


def test_a_question_is_the_same_in_any_case_and_width_and_rare_ones_stay_private() -> None:
    def asked(text: str) -> Search:
        return Search(text=text, shown=("A", "B"), actions={"B": frozenset({"click"})})

    log = (
        [asked("Red Mug")] * 3
        + [asked("red  mug")] * 4
        + [asked("ｒｅｄ ｍｕｇ"), asked("jo smith, 12 elm st")]
    )
    found = judgments_of(log)
    assert [question.text for question in found.questions] == ["red  mug"]
    assert found.rare == 1
    assert len(judgments_of(log, least=1).questions) == 2
    with pytest.raises(ValueError, match="least"):
        judgments_of(log, least=0)


def test_variants_count_for_their_product_and_goods_that_are_gone_are_named() -> None:
    owner = {"A1": "A", "A2": "A", "B": "B"}.get
    done = {"A2": frozenset({"click"}), "X": frozenset({"cart"})}
    log = [Search(text="mug", shown=("X", "A1", "A2", "B"), actions=done)]  # type: ignore[arg-type]  # names of Actions
    found = judgments_of(log * 9, owner_of=owner)
    assert [dict(one.right) for one in found.questions] == [{"A": 4, "B": 0}]
    assert found.gone == ("X",)
    seen = sightings_of(log, owner_of=owner)
    (first,) = (one for one in estimates_of(seen, examination_of(seen)) if one.clicked)
    assert first.examined == pytest.approx(2**-0.5)  # it stood in the second place, behind X


def test_nothing_clicked_is_no_judgment() -> None:
    found = judgments_of([searched("AB")] * 9)
    assert (found.questions, found.unanswered, found.rare) == ((), 1, 0)
    assert judgments_of([]).questions == ()


ACTIONS = st.sampled_from(["click", "cart", "purchase", "view"])


@given(st.lists(st.tuples(st.permutations("ABCDE"), st.sampled_from("ABCDE"), ACTIONS), min_size=1))
def test_grades_and_examinations_stay_in_their_bounds(log: Sequence[tuple[list[str], str, str]]) -> None:
    seen = sightings_of([searched("".join(shown), **{on: action}) for shown, on, action in log])
    assert seen.shown.sum() == 5 * len(log)
    found = examination_of(seen)
    assert ((found.curve > 0) & (found.curve <= 1)).all()
    for one in estimates_of(seen, found):
        assert one.grade is None or 0 <= one.grade <= clicks.MOST_GRADE
        assert 0 <= one.examined <= one.shown
        assert 0 <= one.worth <= clicks.WORTH["purchase"] / clicks.LEAST_EXAMINATION
