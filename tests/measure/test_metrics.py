import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score, top_k_accuracy_score

from duomo.arrays import unit
from duomo.measure.compare import difference, interval
from duomo.measure.crossing import pictures_to_words, words_to_pictures
from duomo.measure.ranking import (
    first_ranks,
    hits_at,
    mean_reciprocal,
    ndcg,
    recall,
    reciprocal_rank,
    table,
)

SEEDS = st.integers(0, 10_000)


@given(SEEDS, st.integers(1, 12), st.integers(2, 15), st.integers(1, 10))
def test_hits_and_mrr_are_those_of_scikit_learn_where_one_answer_is_right(
    seed: int, questions: int, candidates: int, k: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.linspace(0, 1, candidates), (questions, 1)), axis=1)
    answers = rng.integers(0, candidates, questions)
    right = np.eye(candidates, dtype=bool)[answers]
    ranks = first_ranks(scores, right)
    assert mean_reciprocal(ranks) == pytest.approx(label_ranking_average_precision_score(right, scores))
    if candidates > 2 and k < candidates:
        expected = top_k_accuracy_score(answers, scores, k=k, labels=range(candidates))
        assert hits_at(ranks, k) == pytest.approx(expected)


@given(SEEDS, st.integers(2, 12), st.integers(1, 12))
def test_ndcg_is_that_of_scikit_learn(seed: int, count: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    grades = rng.integers(0, 4, count)
    scores = rng.permutation(count).astype(float)
    shown = grades[np.argsort(-scores)]
    expected = ndcg_score([2.0**grades - 1], [scores], k=k) if grades.any() else 0.0
    assert ndcg(shown.tolist(), grades.tolist(), k) == pytest.approx(expected)


@given(SEEDS, st.integers(1, 8), st.integers(1, 6))
def test_first_ranks_are_those_of_a_sort_with_ties_against_the_right_one(
    seed: int, candidates: int, questions: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 3, (questions, candidates)).astype(float)
    right = rng.random((questions, candidates)) < 0.4
    right[:, 0] = True
    for row, rank in enumerate(first_ranks(scores, right)):
        order = sorted(range(candidates), key=lambda c: (-scores[row, c], right[row, c]))
        assert rank == 1 + next(place for place, c in enumerate(order) if right[row, c])


@given(SEEDS, st.integers(1, 10))
def test_both_directions_are_those_of_lists_sorted_one_by_one(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    titles = [f"T{n}" for n in rng.integers(0, 4, count)]
    by_title = {title: unit(rng.normal(size=4)) for title in titles}
    words = np.stack([by_title[title] for title in titles])
    pictures = unit(rng.normal(size=(count, 4)))
    names = list(dict.fromkeys(titles))
    expected = []
    for name in names:
        shown = sorted(range(count), key=lambda p: -float(by_title[name] @ pictures[p]))
        expected.append(1 / reciprocal_rank([titles[p] for p in shown], {name}))
    assert words_to_pictures(words, pictures, titles).tolist() == [round(each) for each in expected]
    back = []
    for picture, title in zip(pictures, titles, strict=True):
        shown_titles = sorted(names, key=lambda n: -float(by_title[n] @ picture))
        back.append(shown_titles.index(title) + 1)
    assert pictures_to_words(words, pictures, titles).tolist() == back


def test_an_encoder_that_says_the_same_of_everything_finds_nothing() -> None:
    same = np.ones((50, 3), np.float32)
    titles = [f"T{n}" for n in range(50)]
    assert table(words_to_pictures(same, same, titles)) == {"r1": 0.0, "r5": 0.0, "r10": 0.0, "mrr": 0.02}


def test_metrics_without_meaning_are_refused() -> None:
    for wrong in (
        lambda: recall(["a"], {"a"}, 0),
        lambda: recall(["a"], set(), 1),
        lambda: ndcg([1], [1], 0),
        lambda: first_ranks(np.zeros((1, 2)), np.zeros((1, 2), bool)),
        lambda: interval(np.zeros(0)),
        lambda: difference(np.zeros(2), np.zeros(3)),
    ):
        with pytest.raises(ValueError, match=r"needs?|must"):
            wrong()


def test_the_interval_is_about_that_of_scipy() -> None:
    values = np.random.default_rng(1).random(200)
    ours = interval(values)
    theirs = bootstrap((values,), np.mean, method="percentile", n_resamples=2000).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)
    assert difference(values, values + 0.5) == pytest.approx((0.5, 0.5, 0.5))
