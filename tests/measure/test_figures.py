from math import isnan, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from duomo.measure.compare import duel, interval
from duomo.measure.figures import METRICS, chance, figures
from duomo.measure.outcome import OVERALL, Outcome, as_document
from duomo.measure.questions import Limit, Question, Shown
from duomo.product import Price, Product, Variant

GOODS = {
    id: Product(id=id, title=f"Mug {id}", variants=(Variant(id=id, price=Price.of(10 * n)),))
    for n, id in enumerate("ABCDEFGHIJ", start=1)
}


def answer(ids: str) -> tuple[Shown, ...]:
    return tuple(Shown(id) for id in ids)


def one(question: Question, ids: str | None, k: int = 3) -> dict[str, float]:
    found = figures([question], [None if ids is None else answer(ids)], GOODS, k=k)
    return {metric: float(found[metric][0]) for metric in METRICS}


def test_the_figures_are_those_worked_out_by_hand() -> None:
    judged = Question(qid="q", right={"A": 3, "B": 1, "C": 0}, complete=False)
    found = one(judged, "XBCA")
    ideal = 7 + 1 / log2(3)
    assert found["ndcg"] == pytest.approx((1 / log2(3)) / ideal)
    # the condensed list is B, C, A
    assert found["ndcg_judged"] == pytest.approx((1 + 7 / log2(4)) / ideal)
    assert found["judged"] == pytest.approx(2 / 3)
    assert found["mrr"] == 0.5
    assert (found["recall"], found["precision"], found["success"], found["zero"]) == (0.5, 1 / 3, 1, 0)
    assert isnan(found["broken"])


def test_what_has_no_meaning_is_no_number() -> None:
    nothing_right = one(Question(qid="q", right={"A": 0}, complete=False), "AB")
    assert nothing_right["zero"] == 0
    assert all(isnan(nothing_right[metric]) for metric in METRICS if metric != "zero")
    empty = one(Question(qid="q", right={"A": 1}, limits=(Limit(column="price", most=5),)), "")
    assert (empty["zero"], empty["ndcg"], empty["mrr"]) == (1, 0, 0)
    assert isnan(empty["broken"])
    assert all(isnan(value) for value in one(Question(qid="q", right={"A": 1}), None).values())
    made = one(Question(qid="q", right={"A": 1}), "A")
    assert isnan(made["judged"])  # of made questions everything is known


def test_a_hit_that_breaks_a_limit_takes_a_place_and_is_not_right() -> None:
    question = Question(qid="q", right={"A": 1, "C": 1}, limits=(Limit(column="price", most=20),))
    found = one(question, "CAB")
    assert found["broken"] == pytest.approx(1 / 3)
    assert found["mrr"] == 0.5
    assert found["recall"] == 0.5


def test_a_product_that_is_shown_twice_counts_once() -> None:
    twice = one(Question(qid="q", right={"A": 1, "B": 1}), "AAB", k=2)
    assert twice["recall"] == 1
    assert twice["ndcg"] == pytest.approx(1)


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_ndcg_of_the_whole_and_of_the_judged_list_is_that_of_scikit_learn(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    ids = [f"P{n}" for n in range(15)]
    grades = {id: int(rng.integers(0, 4)) for id in ids if rng.random() < 0.6}
    order = [str(id) for id in rng.permutation(ids)]
    question = Question(qid="q", right=grades, complete=False)
    found = figures([question], [[Shown(id) for id in order]], {}, k=k)
    if not any(grades.values()):
        assert isnan(found["ndcg"][0])
        return
    gains = [2.0 ** grades.get(id, 0) - 1 for id in ids]
    scores = [-order.index(id) for id in ids]
    assert found["ndcg"][0] == pytest.approx(ndcg_score([gains], [scores], k=k))
    held = [n for n, id in enumerate(ids) if id in grades]
    if len(held) > 1:
        expected = ndcg_score([[gains[n] for n in held]], [[scores[n] for n in held]], k=k)
        assert found["ndcg_judged"][0] == pytest.approx(expected)


def test_chance_is_the_mean_of_many_orders_by_chance() -> None:
    rng = np.random.default_rng(1)
    question = Question(qid="q", right={"A": 3, "B": 1, "C": 1})
    ids = list("ABCDEFGHIJ")
    orders = [[Shown(str(id)) for id in rng.permutation(ids)] for _ in range(4000)]
    values = figures([question] * 4000, orders, GOODS, k=4)["ndcg"]
    assert chance(question, 10, 4) == pytest.approx(values.mean(), abs=0.02)
    assert isnan(chance(Question(qid="q", right={"A": 0}), 10, 4))


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_a_duel_counts_every_question_once_and_is_turned_round_by_its_loser(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 3, count) / 2, rng.integers(0, 3, count) / 2
    other[rng.random(count) < 0.2] = np.nan
    there, back = duel(one, other), duel(other, one)
    if there is None or back is None:
        assert there is back
        assert np.isnan(other).all()
        return
    assert (there.wins, there.losses, there.ties) == (back.losses, back.wins, back.ties)
    assert there.wins + there.losses + there.ties == (~np.isnan(other)).sum()
    assert there.gain.mean == pytest.approx(-back.gain.mean)
    assert there.gain.low <= there.gain.mean + 1e-12
    with pytest.raises(ValueError, match="same questions"):
        duel(one, other[1:])


def test_an_interval_does_not_depend_on_how_many_draws_are_held_at_a_time() -> None:
    values = np.random.default_rng(3).random(3001)  # some 300 of 2,000 draws at a time
    rng = np.random.default_rng(7)
    means = [values[rng.integers(0, 3001, 3001)].mean() for _ in range(2000)]
    assert interval(values)[1:] == pytest.approx(np.quantile(means, [0.025, 0.975]))


def outcome() -> Outcome:
    questions = [
        Question(qid="a1", kind="a", text="x", right={"A": 1}),
        Question(qid="a2", kind="a", text="y", right={"B": 1}),
        Question(qid="b1", kind="b", picture="0", right={"C": 1}),
        Question(qid="b2", kind="b", text="z", right={"D": 0}, complete=False),
    ]
    first = [answer("A"), answer("XB"), answer("C"), ()]
    second = [answer("A"), answer("B"), None, ()]
    return Outcome(questions, {"first": first, "second": second}, GOODS)


def test_an_outcome_names_who_beats_whom_and_what_was_not_counted() -> None:
    found = outcome()
    assert list(found.kinds) == ["a", "b"]
    assert found.without_right == ("b2",)
    assert found.mean("second", "ndcg", "b") is None
    against = found.duel("second", OVERALL)
    assert against
    assert against[:3] == (0, 1, 1)
    assert [loss.question.qid for loss in found.losses("second")] == ["a2"]
    # a kind that one system was not asked counts for none of them
    assert found.overall("second", "ndcg") == 1
    assert found.overall("first", "ndcg") == pytest.approx((1 + 1 / log2(3)) / 2)
    document = as_document(found)
    assert document["without_right"] == ["b2"]
    assert isinstance(document["kinds"], list)
    assert document["kinds"][0]["systems"]["first"]["mrr"]["n"] == 2
    assert document["kinds"][1]["systems"]["second"]["ndcg"] is None
